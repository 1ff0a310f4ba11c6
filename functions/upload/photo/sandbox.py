"""Judging a photo where it can do no harm: in a process of its own, with limits and no secrets.

Two steps. The worker starts one *nursery* (`python -m functions.upload.photo.sandbox`): a fresh
program with an environment made from nothing, so neither its variables nor its memory ever held
the worker's credentials. It imports Pillow and numpy once. For each photo it forks a child that
sets its own limits, judges, and answers on a pipe. So each photo pays a fork (milliseconds), not
an interpreter and its imports; limits hold per photo; and forking is safe, because the nursery has
one thread, which the worker with its AWS client need not have. Pipes only: Lambda has no /dev/shm.

A photo that crashes its child, or exceeds memory or time, is refused as `corrupt`. A sandbox that
cannot start is a fault of ours and no verdict: `SandboxUnavailable`.
"""

import ctypes
import importlib
import os
import re
import resource
import signal
import subprocess
import sys
import sysconfig
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, NoReturn, Self

from functions.programme.photos import KINDS
from functions.upload.photo.framing import Broken, pack, receive, send, unpack
from functions.upload.photo.limits import LIMITS, Limits
from functions.upload.photo.verdict import (
    Finding,
    Kind,
    Verdict,
    is_nik,
    verdict_from_json,
    verdict_of,
)

JUDGE = "functions.upload.photo.judge:judge"
READY = {"ready": True}
# All that a failed child may add to the log.
PLACE = re.compile(rb"\w{1,80} in [\w<>]{1,80} line \d{1,6}", re.ASCII)


class SandboxUnavailable(Exception):
    """The sandbox does not start, which is no photo's doing; try the message again later."""


class Confinement(NamedTuple):
    """What one photo may use: address space, CPU time, wall time, length of its answer."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    answer_bytes: int


class Sandbox:
    """Judges photos one at a time; start it once and keep it.

    >>> with Sandbox() as sandbox:
    ...     sandbox.judge(b"no picture", "ktp").reasons
    ('wrong_format',)
    """

    def __init__(self, limits: Limits = LIMITS, judge: str = JUDGE) -> None:
        """judge: "module:function" with the signature of `judge.judge`; a `warm_up()` in that
        module is called once, before the first photo."""
        self._limits = limits
        self._judge = judge
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()
        self.peak_kib = 0
        """What the last photo's process had in memory at most, in KiB, shared pages included."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start now what else the first photo waits for. Raises SandboxUnavailable."""
        with self._one_at_a_time:
            if not self._alive():
                self._start()

    def judge(self, data: bytes, kind: Kind, nik: str | None = None) -> Verdict:
        """The verdict of `judge.judge`, or a refusal as `corrupt` when judging did not end well.

        Raises ValueError as `judge.judge` does, and SandboxUnavailable.
        """
        if kind not in KINDS or (nik is not None and not is_nik(nik)):
            raise ValueError("kind is ktp or selfie, a NIK has 16 digits")
        request = pack({"kind": kind, "nik": nik}, data)
        with self._one_at_a_time:
            for _ in range(2):  # the nursery may have died in between, by no fault of this photo
                try:
                    return self._ask(request)
                except OSError:
                    self._stop()
            return refused("crash")  # two that had started well died of it

    def close(self) -> None:
        """End the nursery; a later `judge` starts a new one."""
        with self._one_at_a_time:
            self._stop()

    def _ask(self, request: bytes) -> Verdict:
        process = self._process if self._alive() else self._start()
        assert process is not None and process.stdin is not None and process.stdout is not None
        send(process.stdin.fileno(), request)
        try:
            fields, block = receive(
                process.stdout.fileno(),
                seconds=self._limits.wall_seconds + self._limits.grace_seconds,
            )
        except Broken as broken:
            self._stop()
            if str(broken) == "closed":
                raise BrokenPipeError from broken
            return refused(str(broken))
        self.peak_kib = fields["peak_kib"]
        if fields["cause"] is not None:
            return refused(fields["cause"])
        try:
            verdict, clean = unpack(block)
            return verdict_from_json(verdict, clean or None)
        except (Broken, ValueError, TypeError, KeyError, AttributeError):
            return refused("answer")

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _start(self) -> subprocess.Popen[bytes]:
        self._stop()
        limits = self._limits
        confinement = Confinement(
            limits.memory_bytes, limits.cpu_seconds, limits.wall_seconds, limits.max_answer_bytes
        )
        numbers = map(str, confinement)
        command = [sys.executable, "-P", "-m", __name__, self._judge, *numbers]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=clean_environment(),
            bufsize=0,
            start_new_session=True,
        )
        self._process = process
        assert process.stdout is not None
        try:
            greeting, _ = receive(process.stdout.fileno(), seconds=limits.start_seconds)
        except Broken as broken:
            self._stop()
            raise SandboxUnavailable("the sandbox does not start") from broken
        if greeting != READY:
            self._stop()
            raise SandboxUnavailable("the sandbox does not greet")
        return process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # its session: the nursery and its child
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def refused(cause: str) -> Verdict:
    """A refusal as corrupt. cause: crash, cpu, time, silent, answer."""
    return verdict_of([Finding("corrupt", {"cause": cause})], millis={})


def clean_environment() -> dict[str, str]:
    """All that the nursery is told: where code lies, to use one thread. Nothing is inherited."""
    environment = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    # Lambda's interpreter finds its own shared library only by this variable.
    if sysconfig.get_config_var("Py_ENABLE_SHARED"):
        environment["LD_LIBRARY_PATH"] = str(sysconfig.get_config_var("LIBDIR"))
    return environment


def nursery(judge: Callable[..., Verdict], confinement: Confinement) -> None:
    """Answer requests on stdin until it closes, each from a child of its own.

    An answer is {"cause": word or None, "peak_kib": number} around the child's own message. The
    nursery does not read that message, and its length is the nursery's to say, so no photo can
    answer for the next one.
    """
    requests, answers, nowhere = os.dup(0), os.dup(1), os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):  # whatever a library prints must not end up between answers
        os.dup2(nowhere, descriptor)
    send(answers, pack(READY, None))
    while True:
        try:
            fields, data = receive(requests)
        except Broken:
            return
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            os.dup2(nowhere, 2)
            for descriptor in (requests, answers, read_end):
                os.close(descriptor)
            _judge_and_exit(judge, data, fields, write_end, confinement)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as pipe:
            message = pipe.read(confinement.answer_bytes)
        _, status, used = os.wait4(child, 0)
        cause = _cause(status)
        if cause is not None and PLACE.fullmatch(message):
            sys.stderr.write(f"photo judge: {message.decode()}\n")
        about = {"cause": cause, "peak_kib": used.ru_maxrss}
        send(answers, pack(about, None if cause else message))


def _judge_and_exit(
    judge: Callable[..., Verdict],
    data: bytes,
    fields: dict[str, Any],
    write_end: int,
    confinement: Confinement,
) -> NoReturn:
    status = 1
    try:
        confine(confinement)
        verdict = judge(data, **fields)
        send(write_end, pack(verdict.as_json(), verdict.clean))
        status = 0
    except BaseException as error:  # noqa: BLE001 - this is the sandbox; nothing may leave it
        # The place, not the message: a message could quote what the file contains.
        place = traceback.extract_tb(error.__traceback__)[-1]
        send(write_end, f"{type(error).__name__} in {place.name} line {place.lineno}".encode())
    finally:
        os._exit(status)


def confine(confinement: Confinement) -> None:
    """Limit this process for good. The kernel enforces it, also inside a decoder's C code."""
    limits = {
        resource.RLIMIT_AS: (confinement.memory_bytes, confinement.memory_bytes),
        # At the soft limit SIGXCPU, which names the cause; a second later SIGKILL.
        resource.RLIMIT_CPU: (confinement.cpu_seconds, confinement.cpu_seconds + 1),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        # Whoever takes over a decoder finds no file, no socket and no process to be had, so not
        # the worker's /proc/…/environ either. What judging loads, `warm_up` has loaded before.
        resource.RLIMIT_NOFILE: (0, 0),
        resource.RLIMIT_NPROC: (0, 0),
    }
    for what, soft_and_hard in limits.items():
        resource.setrlimit(what, soft_and_hard)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, confinement.wall_seconds)


def give_back_memory() -> None:
    """Return to the system what warming up has freed, where the C library can (glibc): else each
    child begins with some 40 MiB of holes that its pictures do not fit into."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _cause(status: int) -> str | None:
    if status == 0:
        return None
    if os.WIFSIGNALED(status):
        by_signal = {signal.SIGALRM: "time", signal.SIGXCPU: "cpu"}
        return by_signal.get(signal.Signals(os.WTERMSIG(status)), "crash")
    return "crash"


def _main(arguments: list[str]) -> None:
    judge_path, memory, cpu_seconds, wall, answer = arguments
    name, _, function = judge_path.partition(":")
    module = importlib.import_module(name)
    if hasattr(module, "warm_up"):
        module.warm_up()
        give_back_memory()
    nursery(
        getattr(module, function),
        Confinement(int(memory), int(cpu_seconds), float(wall), int(answer)),
    )


if __name__ == "__main__":
    _main(sys.argv[1:])
