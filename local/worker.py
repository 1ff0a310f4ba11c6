"""The worker process: the three event functions, their queues, their schedules, and the clock."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from functions.cloud.clients import Clients
from functions.cloud.runtime import Runtime, current, install, runtime_from
from functions.cloud.tables import Busy
from functions.programme.times import MINUTE
from functions.programme.waves import OVER
from functions.upload.photo.sandbox import SandboxUnavailable
from functions.upload.worker import warm_up
from infra.settings import FUNCTIONS
from local.calls import listen_into
from local.clock import FileClock
from local.journey import travel
from local.processes import hold
from local.pump import Pump
from local.settings import ACCOUNT, REGION, STAGE, Place, environment
from local.stack import described_stack
from local.zappa import Worker, worker

PAUSE_SECONDS = 0.2

log = logging.getLogger("gelombang.local")


def run(where: Place) -> None:
    """Work until the process ends. Raises AlreadyRuns."""
    lock = hold(where.lock("worker"))
    # Zappa's handler prints every answer; our own words go through logging, to stderr.
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        _work(where)
    lock.close()


def _work(where: Place) -> None:
    listen_into(where.calls_file)
    surroundings = environment(where, os.environ)
    clock = FileClock(where.clock_file)
    install(runtime_from(surroundings, clock))
    config = current().config
    template = described_stack(Clients(config), config)
    pump = Pump(Clients(config), template, workers(surroundings), REGION)
    for carry in pump.carriers():
        threading.Thread(target=_carry_forever, args=(carry,), daemon=True).start()
    threading.Thread(target=_start_the_sandbox, daemon=True).start()
    _keep_time(where, clock, pump)


def _start_the_sandbox() -> None:
    """Now, so that the first photo does not wait; on a busy machine it may still have to."""
    try:
        warm_up()
    except SandboxUnavailable:
        log.warning("the sandbox for photos is slow to start; the first photo tries again")


def workers(surroundings: dict[str, str]) -> list[Worker]:
    """The worker functions of the stage, as they are deployed."""
    ours = {name: value for name, value in surroundings.items() if name.startswith("GELOMBANG_")}
    return [
        worker(f"{STAGE}_{name}", ACCOUNT, REGION, ours)
        for name in FUNCTIONS
        if name.endswith("_worker")
    ]


def newest_wave_is_over(runtime: Runtime) -> bool:
    """Whether the wave with the highest number is announced or void; true without waves."""
    waves = sorted(runtime.tables.scan("waves"), key=lambda item: item["wave"])
    return not waves or waves[-1]["phase"] in OVER


def _keep_time(where: Place, clock: FileClock, pump: Pump) -> None:
    """Tick at every full minute of the local clock, and make the journeys asked for."""

    def pause() -> None:
        pump.tick()
        pump.drain()

    def live(last: int) -> int:
        travel(where.journey_file, clock, pause, lambda: newest_wave_is_over(current()))
        # A journey has run its own ticks up to the minute in which it ended.
        minute = clock() // MINUTE
        if minute > last:
            pause()
        return minute

    last = clock() // MINUTE
    while True:
        with _patient("cloud not reached"):
            last = live(last)
        time.sleep(PAUSE_SECONDS)


def _carry_forever(carry: Callable[[], int]) -> None:
    """Look for messages of one source again and again."""
    while True:
        moved = 0
        with _patient("queue not reached"):
            moved = carry()
        if not moved:
            time.sleep(PAUSE_SECONDS)


@contextmanager
def _patient(trouble: str) -> Iterator[None]:
    """A cloud that is away, or slow on a busy machine, comes back: what failed is tried again."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (Busy, BotoCoreError, ClientError) as error:
        log.warning("%s: %s", trouble, type(error).__name__)
