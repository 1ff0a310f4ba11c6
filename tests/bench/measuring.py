"""A command in a process of its own, and what it took: CPU seconds and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a process printed, and what it and its own children took together."""

    output: str
    cpu_seconds: float
    peak_bytes: int


def measured(command: Sequence[str], *, user: str | None = None, text: str = "") -> Measured:
    """Run a command to its end. Raises RuntimeError with its last words if it fails."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as given:
        given.write(text.encode())
        given.seek(0)
        process = subprocess.Popen(
            command, stdin=given, stdout=said, stderr=subprocess.STDOUT, user=user, cwd=_cwd(user)
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        output = said.read().decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {output[-2000:]}")
    peak = used.ru_maxrss if sys.platform == "darwin" else used.ru_maxrss * 1024
    return Measured(output, used.ru_utime + used.ru_stime, peak)


def _cwd(user: str | None) -> str | None:
    """Another user may not see the folder that we are in."""
    return None if user is None else "/"
