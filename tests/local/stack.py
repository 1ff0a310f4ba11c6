"""The local system, or its moto alone, as real processes for a test."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from functions.cloud.clients import Clients
from local import settings
from local.processes import hold
from local.settings import Place
from local.supervisor import connects

READY_SECONDS = 180
FIRST_PORT, PORTS_EACH = 20_000, 1_000


def free_port() -> int:
    """A port that is free together with the next one.

    Each of several test processes has a range of its own, since a port is taken only seconds
    after it was found free; all lie below those that the system gives to connections.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + process % 12 * PORTS_EACH
    start = secrets.randbelow(PORTS_EACH // 2)
    for step in range(PORTS_EACH // 2):
        port = first + 2 * ((start + step) % (PORTS_EACH // 2))
        with contextlib.ExitStack() as probes:
            try:
                for number in (port, port + 1):
                    probe = probes.enter_context(socket.socket())
                    probe.bind((settings.HOST, number))
            except OSError:
                continue
            return port
    raise AssertionError("no two free ports in a row")


@contextlib.contextmanager
def running_stack(port: int | None = None) -> Iterator[str]:
    """`python -m local` on a free port; gives the site's address once it is ready."""
    port = port or free_port()
    process = start(port)
    try:
        wait_until_ready(process)
        threading.Thread(target=_keep_log, args=(process,), daemon=True).start()
        yield settings.place(port).origin
    finally:
        stop(process)
        forget(process)


def start(port: int) -> subprocess.Popen[str]:
    """Start the supervisor; its words can be read from `stdout`."""
    return subprocess.Popen(
        [sys.executable, "-m", "local", "--port", str(port)],
        cwd=settings.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    """Read on until the system says that it is ready."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("ready "):
            return
    raise AssertionError(f"the local system did not start:\n{''.join(said)}")


def log_of(where: Place) -> Path:
    """What all processes of a running system have said since it was ready."""
    return where.folder / "output.log"


def _keep_log(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None and isinstance(process.args, list)
    with log_of(settings.place(int(process.args[-1]))).open("w", encoding="utf-8") as log:
        for line in process.stdout:
            log.write(line)
            log.flush()


def stop(process: subprocess.Popen[str]) -> int:
    """End it as Ctrl-C does; its exit code."""
    process.send_signal(signal.SIGINT)
    return process.wait(30)


def forget(process: subprocess.Popen[str]) -> None:
    """Remove the folder of a system that has ended."""
    assert isinstance(process.args, list)
    shutil.rmtree(settings.place(int(process.args[-1])).folder)


@contextlib.contextmanager
def running_moto() -> Iterator[Place]:
    """The moto process alone. This test stands in for the supervisor by holding its lock."""
    where = settings.place(free_port())
    where.folder.mkdir(parents=True, exist_ok=True)
    where.clock_file.unlink(missing_ok=True)
    lock = hold(where.lock("supervisor"))
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "moto", "--port", str(where.port)], cwd=settings.ROOT
    )
    try:
        ends = time.monotonic() + READY_SECONDS
        while not connects(where.port + 1):
            assert process.poll() is None and time.monotonic() < ends, "moto did not start"
            time.sleep(0.05)
        yield where
    finally:
        # Letting go of the lock is how a supervisor that was killed ends its processes.
        lock.close()
        process.wait(30)
        shutil.rmtree(where.folder)


@contextlib.contextmanager
def surroundings(where: Place) -> Iterator[None]:
    """The environment of the local processes, in this one."""
    before = dict(os.environ)
    local = settings.environment(where, before)
    os.environ.clear()
    os.environ.update(local)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def clients_of(where: Place) -> Clients:
    """Clients for the moto of a place."""
    return Clients(settings.config(where))
