"""The supervisor: starts moto, web and worker, says when all answer, and ends them with itself."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO, Any

from local.processes import AlreadyRuns, hold, lives
from local.settings import HOST, ROOT, Place, environment
from local.setup import prepare

READY_SECONDS = 120
END_SECONDS = 5
LOOK_EVERY_SECONDS = 0.1
# What must answer before the system is called ready.
PROBES = (
    "/",
    "/undian/pins.json",
    "/api/verify/openapi.json",
    "/api/upload/openapi.json",
    "/api/select/waves",
    "/local/",
)


class StartFailed(Exception):
    """The system cannot start; the message is one line for the person who started it."""


class _Ended(Exception):
    """A signal came while the system was starting."""


class Supervisor:
    """One run of the local system."""

    def __init__(self, where: Place, out: IO[str]):
        self._where = where
        self._out = out
        self._children: dict[str, subprocess.Popen[str]] = {}
        self._ending = threading.Event()
        self._lock: IO[str] | None = None

    def run(self) -> None:
        """Start everything, wait for a signal or for moto's end, stop everything.

        Raises StartFailed.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: self._ending.set())
        try:
            self._start()
            while not self._ending.wait(LOOK_EVERY_SECONDS):
                self._look_after()
        except _Ended:
            return
        finally:
            self._stop()

    def _start(self) -> None:
        where = self._where
        for port in (where.port, where.port + 1):
            check_free(port)
        self._lock = fresh_folder(where)
        self._spawn("moto")
        self._wait_for("moto", lambda: connects(where.port + 1))
        prepare(where)
        site = build_site(where)
        if site.wait() != 0:
            raise StartFailed("the site could not be built (see above)")
        self._spawn("web")
        self._spawn("worker")
        self._wait_for("web", lambda: connects(where.port))
        self._wait_for("worker", lambda: lives(where.lock("worker")))
        for path in PROBES:
            self._wait_for("web", lambda path=path: answers(where.origin + path))  # type: ignore[misc]
        self._say(f"ready {where.origin}")

    def _spawn(self, name: str) -> None:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self._command(name),
            cwd=ROOT,
            env=environment(self._where, os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            # Ctrl-C is for the supervisor, which then ends its children in order.
            start_new_session=True,
        )
        self._children[name] = child
        threading.Thread(target=self._pass_on, args=(name, child.stdout), daemon=True).start()

    def _command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "local", name, "--port", str(self._where.port)]

    def _pass_on(self, name: str, lines: Any) -> None:
        for line in lines:
            self._say(f"{name}: {line.rstrip()}")

    def _say(self, line: str) -> None:
        self._out.write(line + "\n")
        self._out.flush()

    def _wait_for(self, name: str, done: Callable[[], bool]) -> None:
        ends = time.monotonic() + READY_SECONDS
        while not done():
            if self._ending.is_set():
                raise _Ended
            code = self._children[name].poll()
            if code is not None:
                raise StartFailed(f"{name} ended while starting (exit {code})")
            if time.monotonic() > ends:
                raise StartFailed(f"{name} does not answer after {READY_SECONDS} seconds")
            time.sleep(LOOK_EVERY_SECONDS)

    def _look_after(self) -> None:
        """Without moto all data are gone; web and worker may end and be started alone again."""
        for name, child in list(self._children.items()):
            code = child.poll()
            if code is None:
                continue
            del self._children[name]
            if name == "moto":
                raise StartFailed("moto ended, and with it all data; start again")
            again = f"python -m local {name} --port {self._where.port}"
            self._say(f"{name} ended (exit {code}); to start it again: {again}")

    def _stop(self) -> None:
        # The lock goes first: what was started by hand hears of the end through it.
        if self._lock is not None:
            self._lock.close()
        for child in self._children.values():
            child.terminate()
        ends = time.monotonic() + END_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.0, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def fresh_folder(where: Place) -> IO[str]:
    """An empty folder for this run, and the supervisor's lock on it. Raises StartFailed.

    moto keeps its data in memory, so what another run left behind means nothing.
    """
    where.folder.mkdir(parents=True, exist_ok=True)
    try:
        lock = hold(where.lock("supervisor"))
    except AlreadyRuns as error:
        raise StartFailed(f"another local system runs in {where.folder}") from error
    for left in where.folder.iterdir():
        if left == where.lock("supervisor"):
            continue
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    return lock


def build_site(where: Place) -> subprocess.Popen[bytes]:
    """Start the build of the site for this origin."""
    return subprocess.Popen(  # noqa: S603 - our own interpreter and script
        [
            sys.executable,
            str(ROOT / "site" / "build.py"),
            *("--out", str(where.site)),
            *("--s3-origin", where.cloud),
            *("--origin", where.origin),
            *("--pins", str(where.pins)),
        ],
        cwd=ROOT,
    )


def check_free(port: int) -> None:
    """Raises StartFailed when something listens on a port that is needed."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise StartFailed(
                f"port {port} is taken; choose another pair with PORT= or --port"
            ) from error


def connects(port: int) -> bool:
    """Whether something listens on a port of this machine."""
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def answers(address: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own origin
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        error.close()
        return False
    except OSError:
        return False
