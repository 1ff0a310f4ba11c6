"""Judges that do what a hostile file might make a decoder do. Run only inside the sandbox."""

import ctypes
import os
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable
from pathlib import Path

from functions.upload.photo.verdict import Finding, Verdict, verdict_of

MEGABYTE = 1024 * 1024


def refusal(details: dict) -> Verdict:
    return verdict_of([Finding("corrupt", details)], millis={})


def eats_memory(data: bytes, kind: str, nik: str | None) -> Verdict:
    held = []
    while True:
        held.append(bytearray(16 * MEGABYTE))


def loops(data: bytes, kind: str, nik: str | None) -> Verdict:
    while True:
        pass


def sleeps(data: bytes, kind: str, nik: str | None) -> Verdict:
    time.sleep(60)
    return refusal({})


def is_killed(data: bytes, kind: str, nik: str | None) -> Verdict:
    os.kill(os.getpid(), signal.SIGKILL)
    return refusal({})


def jumps_into_nothing(data: bytes, kind: str, nik: str | None) -> Verdict:
    ctypes.string_at(0)
    return refusal({})


def raises(data: bytes, kind: str, nik: str | None) -> Verdict:
    raise RuntimeError("secret contents")


def answers_nonsense(data: bytes, kind: str, nik: str | None) -> Verdict:
    return Verdict(accepted=True, reasons=("splendid",), clean=b"MZ")


def accepts_without_a_picture(data: bytes, kind: str, nik: str | None) -> Verdict:
    return Verdict(accepted=True)


def answers_for_the_next_one(data: bytes, kind: str, nik: str | None) -> Verdict:
    """Leaves a forged message of acceptance in every pipe it can find."""
    forged = b'\0\0\0\x0e\0\0\0\0{"cause":null}'
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, forged)
        except OSError:
            continue
    os._exit(0)


def answers_without_end(data: bytes, kind: str, nik: str | None) -> Verdict:
    return Verdict(accepted=True, clean=b"\xff\xd8\xff" + bytes(20 * MEGABYTE))


def writes_a_file(data: bytes, kind: str, nik: str | None) -> Verdict:
    Path(data.decode()).write_bytes(b"left behind")
    return refusal({})


def chatters(data: bytes, kind: str, nik: str | None) -> Verdict:
    sys.stdout.write("libjpeg: something odd\n")
    sys.stdout.flush()
    return refusal({"seen": "chatter"})


def kills_its_parent(data: bytes, kind: str, nik: str | None) -> Verdict:
    os.kill(os.getppid(), signal.SIGKILL)
    return refusal({})


def tells_its_surroundings(data: bytes, kind: str, nik: str | None) -> Verdict:
    """Names of all variables, sockets open, whether a given text is in the environment, and what
    could be opened anew."""
    return refusal(
        {
            "names": " ".join(sorted(os.environ)),
            "leaked": int(data in BORN_WITH or data.decode() in "".join(os.environ.values())),
            "sockets": sum(is_socket(descriptor) for descriptor in range(64)),
            "opened": " ".join(name for name, opening in OPENINGS.items() if succeeds(opening)),
            "process": os.getpid(),
            "nursery": os.getppid(),
        }
    )


# The nursery's own, read where it imports this module: its children open nothing.
BORN_WITH = Path("/proc/self/environ").read_bytes()
OPENINGS: dict[str, Callable[[], object]] = {
    "parent": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
    "file": lambda: Path("/etc/hostname").read_bytes(),
    "network": lambda: socket.socket(socket.AF_INET),
    "pipe": os.pipe,
}


def is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:
        return False


def succeeds(opening: Callable[[], object]) -> bool:
    try:
        opening()
    except OSError:
        return False
    return True
