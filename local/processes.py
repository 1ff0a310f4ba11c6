"""Life and death of the local processes: locks that tell who lives, and following the supervisor.

A process holds `<name>.lock` while it lives; the kernel lets go of it even after kill -9. The
others wait for the supervisor's lock in a thread, and end when they get it.
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from pathlib import Path
from typing import IO


class AlreadyRuns(Exception):
    """Another process of that name holds the lock."""


def hold(file: Path) -> IO[str]:
    """Lock a file for the life of this process; keep what is returned. Raises AlreadyRuns."""
    opened = file.open("w")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        opened.close()
        raise AlreadyRuns(file.stem) from error
    return opened


def lives(file: Path) -> bool:
    """Whether some process holds the lock."""
    if not file.exists():
        return False
    with file.open("r") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def end_with(file: Path) -> None:
    """End this process as soon as the holder of the lock is gone."""

    def wait() -> None:
        with file.open("r") as opened:
            fcntl.flock(opened, fcntl.LOCK_SH)
            os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="end-with-supervisor", daemon=True).start()
