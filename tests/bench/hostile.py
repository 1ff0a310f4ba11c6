"""Hostile files through the sandbox: each ends as a verdict, within its memory and time.

Two corpora: the test pictures of Pillow's own source distribution (formats of every kind, and files
that once crashed a decoder), and damaged JPEG and PNG files made from a seed.
"""

import hashlib
import importlib.metadata
import re
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from functions.upload.photo.sandbox import Sandbox
from tests.upload.damaged_files import damaged

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "bench"
MEMORY_LIMIT_MB = 300
BATCH = 250


class NoCorpus(Exception):
    """Pillow's source distribution cannot be had, or is not the one that is pinned."""


@dataclass
class Tally:
    """What became of a corpus. verdicts: first reason → files; broken: how a child ended badly →
    files (they are refused as corrupt all the same); peak_kib, slowest: of the worst file."""

    files: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    peak_kib: int = 0
    heaviest: str = ""
    slowest: float = 0.0

    def add(self, other: "Tally") -> None:
        """Take the other one's files in."""
        self.files += other.files
        self.verdicts += other.verdicts
        self.broken += other.broken
        self.slowest = max(self.slowest, other.slowest)
        if other.peak_kib > self.peak_kib:
            self.peak_kib, self.heaviest = other.peak_kib, other.heaviest

    def holds(self) -> bool:
        """Whether every file was answered, no child broke and none took too much memory."""
        answered = self.verdicts.total() == self.files > 0
        return answered and not self.broken and self.peak_kib <= MEMORY_LIMIT_MB * 1024


def judged(named: Iterable[tuple[str, bytes]]) -> Tally:
    """The tally of these files, each judged as a KTP in one sandbox."""
    tally = Tally()
    with Sandbox() as sandbox:
        for name, data in named:
            started = time.monotonic()
            verdict = sandbox.judge(data, "ktp")
            tally.slowest = max(tally.slowest, time.monotonic() - started)
            tally.files += 1
            tally.verdicts["accepted" if verdict.accepted else verdict.reasons[0]] += 1
            cause = verdict.details.get("corrupt", {}).get("cause", "decode")
            if cause != "decode":
                tally.broken[cause] += 1
            if sandbox.peak_kib > tally.peak_kib:
                tally.peak_kib, tally.heaviest = sandbox.peak_kib, name
    return tally


def pillow_sources() -> Path:
    """Pillow's source distribution of the version in use, fetched once and held to its pin.

    Raises NoCorpus.
    """
    version = importlib.metadata.version("pillow")
    path = FOLDER / f"pillow-{version}.tar.gz"
    if not path.is_file():
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--no-binary", "pillow"]
        command += [f"pillow=={version}", "--dest", str(FOLDER)]
        if subprocess.run(command, check=False).returncode or not path.is_file():
            raise NoCorpus("Pillow's source distribution cannot be fetched")
    pinned = re.findall(r"sha256:([0-9a-f]{64})", _lines_of("pillow", version))
    if hashlib.sha256(path.read_bytes()).hexdigest() not in pinned:
        raise NoCorpus(f"{path} is not the file that is pinned")
    return path


def pillow_pictures() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each of Pillow's test pictures."""
    with tarfile.open(pillow_sources()) as archive:
        for member in archive:
            if "/Tests/images/" in member.name and member.isfile():
                file = archive.extractfile(member)
                assert file is not None
                yield Path(member.name).name, file.read()


def pillow_tally() -> Tally:
    """All of Pillow's test pictures."""
    return judged(pillow_pictures())


def damaged_tally(count: int) -> Tally:
    """`count` damaged files, in batches over all cores; batch n is seed n."""
    total = Tally()
    with ProcessPoolExecutor() as pool:
        for tally in pool.map(_damaged_batch, range(-(-count // BATCH))):
            total.add(tally)
    return total


def _damaged_batch(seed: int) -> Tally:
    files = enumerate(damaged(seed, BATCH, 640, 480))
    return judged((f"damaged {seed}/{number}", data) for number, data in files)


def _lines_of(package: str, version: str) -> str:
    text = (ROOT / "requirements" / "dev.txt").read_text()
    start = text.index(f"{package}=={version}")
    end = re.search(r"\n\S", text[start:])
    return text[start : start + end.start()] if end else text[start:]
