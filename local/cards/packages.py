"""Debian packages that lend pictures and fonts: fetched by name, version and checksum, unpacked."""

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Everything that is fetched or made of it lies outside git.
BUILD = Path(__file__).parents[2] / "build" / "cards"


class NotAvailable(Exception):
    """A package cannot be had here; the message is one line for the person who asked."""


@dataclass(frozen=True)
class Package:
    """One Debian package (bookworm). `licences` as its copyright file names them."""

    name: str
    version: str
    sha256: str
    licences: str

    @property
    def file_name(self) -> str:
        """As apt writes it, which escapes the colon of an epoch."""
        return f"{self.name}_{self.version.replace(':', '%3a')}_all.deb"


def unpacked(package: Package, at_hand: Path | None = None) -> Path:
    """Folder with the package's files, fetched unless `at_hand` (a folder of .debs) has it.

    Raises NotAvailable where apt is missing, cannot reach the package, or gives other bytes.
    """
    folder = BUILD / "unpacked" / f"{package.name}_{package.version.replace(':', '_')}"
    if folder.is_dir():
        return folder
    deb = _fetched(package, at_hand)
    partial = folder.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    _run("dpkg-deb", "-x", str(deb), str(partial))
    partial.rename(folder)
    return folder


def _fetched(package: Package, at_hand: Path | None) -> Path:
    deb = (at_hand or BUILD / "debs") / package.file_name
    if not deb.is_file():
        deb = BUILD / "debs" / package.file_name
        deb.parent.mkdir(parents=True, exist_ok=True)
        _run("apt-get", "download", f"{package.name}={package.version}", folder=deb.parent)
    with deb.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != package.sha256:
        raise NotAvailable(f"{deb.name} is not the package that was asked for: sha256 {found}")
    return deb


def _run(*command: str, folder: Path | None = None) -> None:
    if shutil.which(command[0]) is None:
        raise NotAvailable(f"{command[0]} is missing: pictures and fonts come from Debian packages")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise NotAvailable(f"{' '.join(command)}: {lines[-1]}")
