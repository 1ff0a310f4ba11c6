"""The local stack as `make run` starts it, with weather before its cloud.

python -m tests.soak.stack PORT SEED          all of it, in the place of `python -m local`
python -m tests.soak.stack PORT SEED cloud    its moto
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

from local import cloud
from local.clock import FileClock
from local.processes import end_with
from local.server import serve
from local.settings import ACCESS_KEY, ROOT, Place, config, environment, place
from local.supervisor import Supervisor
from tests.local.stack import free_port, wait_until_ready
from tests.soak.weather import Weather

END_SECONDS = 180


class Stormy(Supervisor):
    """The supervisor, whose moto has weather before it."""

    def __init__(self, where: Place, seed: int):
        super().__init__(where, sys.stdout)
        self._seed = seed

    def _command(self, name: str) -> list[str]:
        if name != "moto":
            return super()._command(name)
        port = str(self._where.port)
        return [sys.executable, "-m", "tests.soak.stack", port, str(self._seed), "cloud"]


def run_cloud(where: Place, seed: int) -> None:
    """moto, until the supervisor ends."""
    end_with(where.lock("supervisor"))
    warnings.filterwarnings("ignore", message="Tried to parse")
    app = cloud.application(config(where), FileClock(where.clock_file))
    serve(Weather(app, ACCESS_KEY, seed), where.port + 1)


@contextlib.contextmanager
def stormy_stack(seed: int, log: Path) -> Iterator[Place]:
    """The stack on a free port, ready; what its processes say goes to `log`."""
    where = place(free_port())
    command = [sys.executable, "-m", "tests.soak.stack", str(where.port), str(seed)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_until_ready(process)
        threading.Thread(target=_keep, args=(process, log), daemon=True).start()
        yield where
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(END_SECONDS)
        # A process that was started alone may write its last words now.
        shutil.rmtree(where.folder, ignore_errors=True)


def _keep(process: subprocess.Popen[str], log: Path) -> None:
    with log.open("a", encoding="utf-8") as file:
        for line in process.stdout or ():
            file.write(line)
            file.flush()


def main(port: str, seed: str, part: str = "") -> None:
    """One of the two."""
    where = place(int(port))
    surroundings = environment(where, os.environ)
    os.environ.clear()
    os.environ.update(surroundings)
    if part:
        run_cloud(where, int(seed))
    else:
        Stormy(where, int(seed)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
