"""The clock that can be moved: real time plus an offset that stands in a file.

All processes read the file; only the worker moves it, because moving it means to
run every schedule tick that lies between.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path


class FileClock:
    """A clock in milliseconds since 1970 UTC, the same in every process that shares the file."""

    def __init__(self, file: Path):
        self._file = file
        self._read: tuple[int, int] | None = None
        self._offset = 0

    def __call__(self) -> int:
        return real_time() + self.offset

    @property
    def offset(self) -> int:
        """Milliseconds that the local clock is ahead of real time."""
        try:
            about = self._file.stat()
            # Each move is a new file. moto asks for the time of every message in a queue.
            if self._read != (about.st_ino, about.st_mtime_ns):
                self._offset = int(json.loads(self._file.read_text())["offset"])
                self._read = about.st_ino, about.st_mtime_ns
        except FileNotFoundError:
            return 0
        return self._offset

    def move_to(self, at: int) -> None:
        """Move forward to `at`; a time that has passed changes nothing, clocks do not go back."""
        ahead = at - real_time()
        if ahead > self.offset:
            write_whole(self._file, json.dumps({"offset": ahead}))


def real_time() -> int:
    """The machine's own time in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def write_whole(file: Path, text: str) -> None:
    """Write a file so that a reader in another process never sees half of it."""
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    draft.write_text(text)
    draft.replace(file)
