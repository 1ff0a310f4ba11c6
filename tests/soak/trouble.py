"""What goes wrong during a soak: processes killed and started again, gusts of refusals."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import urllib3

from local.processes import lives
from local.settings import ROOT, Place
from local.supervisor import connects
from tests.soak.weather import PATH, Odds

# moto stands for AWS: it is not killed, its answers are lost.
KILLED = ("worker", "web")
# botocore waits about a second before each of its retries, so more would be a standstill.
FAIR = Odds(refused=0.002, broken=0.001, lost=0.002, twice=0.05, kept=0.03)
GUST = Odds(refused=0.08, broken=0.03, lost=0.04, twice=0.2, kept=0.2)
CALM = Odds()
GUST_SECONDS = (1.0, 3.0)
BETWEEN_GUSTS = (10.0, 25.0)
BETWEEN_KILLS = (25.0, 50.0)
AWAY_SECONDS = (0.5, 3.0)
START_SECONDS = 180
PATIENCE_SECONDS = 300


class Trouble(threading.Thread):
    """Gusts until told to stop; kills for a while, so that memory is seen over one long life."""

    def __init__(self, where: Place, seed: int, kills_for: float, log: Path):
        super().__init__(name="trouble", daemon=True)
        self._where, self._kills_for, self._log = where, kills_for, log
        self._random = random.Random(f"trouble {seed}")
        self._stop_asked = threading.Event()
        self.kills: Counter[str] = Counter()
        self.gusts = 0
        self.error: BaseException | None = None

    def stop(self) -> None:
        """Ends it, and the weather is calm."""
        self._stop_asked.set()
        self.join()
        self.set(CALM)

    def run(self) -> None:
        try:
            self._go_on()
        except BaseException as error:
            self.error = error
            raise

    def _go_on(self) -> None:
        started = time.monotonic()
        self.set(FAIR)
        next_kill = started + self._random.uniform(*BETWEEN_KILLS)
        while not self._stop_asked.wait(self._random.uniform(*BETWEEN_GUSTS)):
            self.gusts += 1
            self.set(GUST)
            self._stop_asked.wait(self._random.uniform(*GUST_SECONDS))
            self.set(FAIR)
            now = time.monotonic()
            if next_kill < now < started + self._kills_for:
                self.kill(self._random.choice(KILLED))
                next_kill = time.monotonic() + self._random.uniform(*BETWEEN_KILLS)

    def set(self, odds: Odds) -> None:
        """From now on requests of the stack meet these."""
        self._asked("POST", json=asdict(odds))

    def injected(self) -> dict[str, int]:
        """What the weather has done so far, by kind and service."""
        found: dict[str, int] = json.loads(self._asked("GET").data)
        return found

    def _asked(self, method: str, **more: Any) -> Any:
        # Without a word urllib3 waits three seconds, which a busy machine may not answer in.
        address = self._where.cloud + PATH
        return urllib3.request(method, address, timeout=PATIENCE_SECONDS, **more)

    def kill(self, name: str) -> None:
        """kill -9, some seconds without it, and a new one, which is waited for."""
        os.kill(pids_of(self._where)[name], signal.SIGKILL)
        self.kills[name] += 1
        time.sleep(self._random.uniform(*AWAY_SECONDS))
        with self._log.open("a", encoding="utf-8") as log:
            subprocess.Popen(
                [sys.executable, "-m", "local", name, "--port", str(self._where.port)],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        ends = time.monotonic() + START_SECONDS
        while not self._works(name):
            if time.monotonic() > ends:
                raise RuntimeError(f"{name} did not come back")
            time.sleep(0.1)

    def _works(self, name: str) -> bool:
        if name == "web":
            return connects(self._where.port)
        return lives(self._where.lock(name)) and name in pids_of(self._where)


def pids_of(where: Place) -> dict[str, int]:
    """Ids of the stack's processes, found by their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if str(where.port) not in words or words[1:2] != ["-m"]:
            continue
        if words[2] == "local" and not words[3].startswith("-"):
            found[words[3]] = int(folder.name)
        elif words[2] == "tests.soak.stack" and "cloud" in words:
            found["moto"] = int(folder.name)
    return found
