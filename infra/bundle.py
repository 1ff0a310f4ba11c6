"""One function's package, made by Zappa's own `package` command from clean folders.

Zappa packs the folder that it runs in together with the site-packages of the environment named by
VIRTUAL_ENV. So the one is an export of the tracked files, and the other has the shape of an
environment, but holds only the dependencies that belong into the package.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra import dependencies
from infra.settings import render

ROOT = Path(__file__).parent.parent
ZIP = "package.zip"


class ZappaFailed(Exception):
    """Zappa made no package; the message is what it said."""


@dataclass(frozen=True)
class Bundle:
    """A function's package for one Python such as `3.12`, and the folder where all of it is."""

    function: str
    python: str
    folder: Path

    @property
    def zip(self) -> Path:
        """What is deployed."""
        return self.folder / ZIP

    @property
    def unpacked(self) -> Path:
        """The same as files, as Lambda has them under /var/task."""
        return self.folder / "package"


def lambda_python(stage_name: str) -> str:
    """The Python of a stage's settings: `3.12` for `python3.12`."""
    return str(render(stage_name, "", "")["runtime"]).removeprefix("python")


def build(
    function: str, python: str, out: Path, *, stage: str, account: str, region: str
) -> Bundle:
    """Build one function's package anew in `out/<function>`.

    Raises InstallFailed, ZappaFailed.
    """
    group = function.replace("_", "-")
    requirements = (dependencies.REQUIREMENTS / f"{group}.txt").read_text()
    bundle = Bundle(function, python, out / function)
    shutil.rmtree(bundle.folder, ignore_errors=True)
    tree = packages_folder(bundle.folder)
    dependencies.install(dependencies.shipped(requirements), tree, python)
    if function == "upload_worker":
        dependencies.install_models(tree, python, bundle.folder / "models")
    source = bundle.folder / "source"
    export(source)
    name = f"{stage}_{function}"
    settings = {name: render(name, account, region)}
    (source / "zappa_settings.json").write_text(json.dumps(settings))
    pack(bundle, name)
    return bundle


def packages_folder(folder: Path) -> Path:
    """Where Zappa looks for packages: below VIRTUAL_ENV, by the Python that runs Zappa."""
    running = "python{}.{}".format(*sys.version_info)
    return folder / "environment" / "lib" / running / "site-packages"


def export(target: Path) -> None:
    """Copy the tracked files as they are now, so that nothing else can travel."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        file = ROOT / name
        if file.is_file():  # else deleted since it was committed
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)


def pack(bundle: Bundle, stage_name: str) -> None:
    """Let Zappa pack `source` and `environment`, and unpack what it made. Raises ZappaFailed."""
    source = bundle.folder / "source"
    command = [sys.executable, "-m", "zappa.cli", "package", stage_name, "--output", ZIP]
    done = subprocess.run(  # noqa: S603 - our own interpreter and Zappa
        command,
        cwd=source,
        env=_sealed_environment(bundle.folder / "environment"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    made = source / ZIP
    if done.returncode or not made.is_file():
        raise ZappaFailed(f"{done.stdout}\n{done.stderr}")
    made.replace(bundle.zip)
    with zipfile.ZipFile(bundle.zip) as archive:
        archive.extractall(bundle.unpacked)


def _sealed_environment(venv: Path) -> dict[str, str]:
    """Zappa makes AWS clients when it starts. Packing calls none, so it gets no real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "VIRTUAL_ENV": str(venv),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_ACCESS_KEY_ID": "unused",
        "AWS_SECRET_ACCESS_KEY": "unused",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
