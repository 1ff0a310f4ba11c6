"""The merge of many segments: how quick it is, and how much memory it takes.

The segments lie in files, as in a bucket that answers at once; the merge runs in a process of
its own, whose highest memory is that of the merge and of the interpreter.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np

from functions.programme.draw.roster import RECORD_SIZE
from functions.select import merging
from functions.select.merging import Share
from functions.select.segments import Segment, write_segment
from functions.select.turn import Turn

SEED = 20_261_122
SHARDS = 1024


class FolderFiles:
    """The part of `Files` that the merge needs, in a folder."""

    def __init__(self, folder: Path):
        self._folder = folder
        self.requests = 0

    def write(self, bucket: str, key: str, data: bytes, **_: Any) -> str:
        self._path(key).write_bytes(data)
        return ""

    def write_parts(self, bucket: str, key: str, parts: Iterator[bytes], **_: Any) -> None:
        with self._path(key).open("wb") as file:
            for part in parts:
                file.write(part)

    def read(self, bucket: str, key: str, *, span: range) -> bytes:
        self.requests += 1
        with self._path(key).open("rb") as file:
            file.seek(span.start)
            return file.read(min(len(span), self._path(key).stat().st_size))

    def _path(self, key: str) -> Path:
        return self._folder / key.replace("/", "_")


class _Nothing:
    """Stands for the parts of a turn that the merge only passes by."""

    wave = 1

    def __init__(self, files: FolderFiles):
        self.files = files
        self.runtime = self.lease = self

    def confirm(self) -> None:
        return

    def side_by_side(self, work: Any, things: Any) -> list[Any]:
        return [work(thing) for thing in things]


@dataclass(frozen=True)
class Figures:
    """One merge: seconds of CPU, highest memory in MiB before and in it, reads."""

    entries: int
    shards: int
    seconds: float
    before_mib: float
    peak_mib: float
    reads: int

    @property
    def megabytes_a_second(self) -> float:
        return self.entries * RECORD_SIZE / 1e6 / self.seconds


def measure(entries: int, shards: int) -> Figures:
    """Merge invented segments in a process of its own."""
    with TemporaryDirectory() as folder:
        share, xor = _segments(Path(folder), entries, shards)
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            return pool.apply(_merge, (folder, share, xor))


def _segments(folder: Path, entries: int, shards: int) -> tuple[list[Share], bytes]:
    files, chance = FolderFiles(folder), np.random.default_rng(SEED)
    shares, xor = [], np.zeros(32, np.uint8)
    for shard in range(shards):
        count = entries * (shard + 1) // shards - entries * shard // shards
        records = np.zeros((count, RECORD_SIZE), np.uint8)
        records[:, :32] = chance.integers(0, 256, (count, 32), np.uint8)
        records[:, 36] = 2
        records = records[np.argsort(records[:, :8].copy().view(">u8")[:, 0])]
        xor ^= np.bitwise_xor.reduce(records[:, :32], axis=0)
        name = write_segment(cast(Any, files), 1, shard, Segment(records.tobytes(), {}))
        shares.append(Share(name, count))
    return shares, xor.tobytes()


def _merge(folder: str, shares: list[Share], xor: bytes) -> Figures:
    files = FolderFiles(Path(folder))
    before, started = _peak(), time.process_time()
    merged = merging.merge(cast(Turn, _Nothing(files)), shares, xor)
    seconds = time.process_time() - started
    return Figures(merged.entries, len(shares), seconds, before, _peak(), files.requests)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
