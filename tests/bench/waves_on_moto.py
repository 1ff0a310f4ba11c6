"""A wave on the local moto stack, whose worker process is killed with SIGKILL again and again.

moto, the template's stack and the worker are the processes of `python -m local`. Beacon and
witnesses answer from here, so that the beacon can be late, or have a lying relay. The clock goes
from minute to minute by the worker's own journey, with every tick that lies between. When a worker
is killed follows from the seed; what it was doing then, from the machine's load too.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.wrappers import Request, Response

from functions.cloud.runtime import Runtime, runtime_from
from functions.programme.draw.beacon import beacon_json, sign_round
from functions.programme.times import DAY, MINUTE
from functions.select import runs
from functions.select.folder import read_pins, read_public
from functions.verify.worker import PARTS
from functions.verify.writing import write_mail
from local import applicants, beacon, journey, web
from local.clock import FileClock
from local.inbox import PATH as INBOX
from local.institutions import load
from local.journey import Journey
from local.processes import lives
from local.server import serve
from local.settings import ROOT, Place, environment
from local.setup import WAVE, prepare
from tests.bench.waves import DEATHS, Course, verify
from tests.local.stack import clients_of, running_moto, surroundings
from tests.select.world import PUBLIC_FILES

LATE_MINUTES = 7
# Seconds that a worker works, once it is awake, before it is killed.
SHORTEST_LIFE, LONGEST_LIFE = 0.05, 1.0
PATIENCE_SECONDS = 1800
LOOK_EVERY_SECONDS = 0.1

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Faulty:
    """The development beacon, late or with lies until `until`, counted by the local clock."""

    def __init__(self, honest: Application, secret: int, fault: str, clock: FileClock):
        self._honest, self._secret = honest, secret
        self._fault, self._clock = fault, clock
        self._first: int | None = None
        self.refusals = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if self._first is None:
            self._first = self._clock()
        if self._clock() > self._first + LATE_MINUTES * MINUTE:
            return self._honest(environ, start_response)
        self.refusals += 1
        number = int(Request(environ).path.rsplit("/", 1)[1])
        if self._fault == "late":
            return Response(status=425)(environ, start_response)
        lie = json.loads(beacon_json(sign_round(self._secret, number + 1)))
        body = json.dumps({**lie, "round": number})
        return Response(body, mimetype="application/json")(environ, start_response)


def run(seed: int, entries: int, fault: str) -> Course:
    """A wave of invented applicants to its announcement; `fault` of the beacon: late or wrong."""
    course, chance = Course(seed, entries), random.Random(seed)
    with running_moto() as where, surroundings(where):
        clock = FileClock(where.clock_file)
        runtime = runtime_from(environment(where, os.environ), clock)
        prepare(where)
        others = _institutions(where, runtime, clock, fault)
        while clock() < _wave(runtime)["opens_at"]:
            time.sleep(LOOK_EVERY_SECONDS)
        applicants.add(runtime, WAVE, entries)
        entered = _entries(runtime)
        with _worker(where):
            _let_all_be_sent(where, runtime, clock)
        # Until the close no tick has anything to do.
        clock.move_to(_wave(runtime)["closes_at"] - 2 * MINUTE)
        wakes = _seconds_to_the_first_tick(where, clock)
        started = clock()
        journey.ask(where.journey_file, Journey(clock() + DAY, result=True))
        _kill_again_and_again(where, runtime, chance, course, wakes)
        course.minutes = (clock() - started) // MINUTE
        with _worker(where):
            _let_all_be_sent(where, runtime, clock)
        course.runs = _runs(where, runtime)
        _check(where, runtime, entered, course)
        if not others.refusals:
            course.wrong.append("the beacon was never asked while it was faulty")
    return course


def _institutions(where: Place, runtime: Runtime, clock: FileClock, fault: str) -> Faulty:
    """Serve beacon and witnesses at the site's address, as the web process does."""
    found = load(where.institutions)
    faulty = Faulty(beacon.create_app(found.chain, clock), found.chain.secret, fault, clock)
    mounts: dict[str, Any] = {
        "/local/beacon": faulty,
        **web.witnesses(where, runtime, clock, found),
    }
    nothing = Response(status=404)
    app = DispatcherMiddleware(nothing, mounts)
    threading.Thread(target=serve, args=(app, where.port), daemon=True).start()
    return faulty


def _seconds_to_the_first_tick(where: Place, clock: FileClock) -> float:
    """How long a worker takes here to wake up and do a tick in which nothing is due."""
    journey.ask(where.journey_file, Journey(clock() + MINUTE))
    started = time.monotonic()
    with _worker(where):
        _wait(lambda: not where.journey_file.exists(), "first tick")
        return time.monotonic() - started


def _kill_again_and_again(
    where: Place, runtime: Runtime, chance: random.Random, course: Course, wakes: float
) -> None:
    """Workers one after the other, each killed but the last, until the wave is announced.

    `wakes`: seconds before which it would be asleep.
    """
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        begun = time.monotonic()
        with _worker(where) as process:
            life = chance.uniform(SHORTEST_LIFE, LONGEST_LIFE)
            if len(course.deaths) < DEATHS:
                time.sleep(max(0.0, begun + wakes + life - time.monotonic()))
                phase = _wave(runtime)["phase"]
                if phase == "announced":
                    return
                process.kill()
                course.deaths.append((round(life * 1000), phase))
            else:
                _wait(lambda: _wave(runtime)["phase"] == "announced", "announcement")
                return


@contextmanager
def _worker(where: Place) -> Any:
    """A worker process of the local system, once it has begun to work."""
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "worker", "--port", str(where.port)], cwd=ROOT
    )
    try:
        _wait(lambda: lives(where.lock("worker")), "worker")
        yield process
    finally:
        process.kill()
        process.wait()


def _check(where: Place, runtime: Runtime, entered: dict[str, str], course: Course) -> None:
    wrong = course.wrong
    if len(course.deaths) < DEATHS:
        wrong.append(f"only {len(course.deaths)} workers died before the wave was announced")
    files = {name: read_public(runtime.files, WAVE, name) for name in PUBLIC_FILES}
    roster = files["roster.bin"]
    listed = [roster[at : at + 32].hex() for at in range(0, len(roster), 40)]
    if listed != sorted(entered.values()):
        wrong.append("the roster is not the list of those acknowledged")
    rows = [r for r in runtime.tables.scan("outbox") if r["template"].startswith("outcome_")]
    told = Counter((row["applicant"], row["channel"]) for row in rows)
    if set(told) != {(a, c) for a in entered for c in ("mail", "sms")} or set(told.values()) != {1}:
        wrong.append("not everyone has one mail and one SMS of the outcome")
    unsure = [row for row in rows if row["state"] != "sent"]
    # A worker that dies at the provider leaves one letter of which nobody knows whether it went.
    if any(row.get("reason") != "unsure" for row in unsure) or len(unsure) > len(course.deaths):
        wrong.append(f"{len(unsure)} letters were not sent")
    received, expected = _received(where, runtime), _addresses(runtime, entered)
    if received - expected:
        wrong.append("someone was told twice")
    if (expected - received).total() > len(unsure):
        wrong.append(f"{(expected - received).total()} letters did not arrive")
    course.notes.append(f"{received.total()} letters arrived, {len(unsure)} unsure")
    verify(files | {"pins.json": read_pins(runtime.files)}, course.verified, wrong)


def _wave(runtime: Runtime) -> dict[str, Any]:
    found = runtime.tables.get("waves", {"wave": WAVE})
    assert found is not None
    return found


def _entries(runtime: Runtime) -> dict[str, str]:
    """The commitments of all entries, by applicant."""
    return {e["applicant"]: e["commitment"].hex() for e in runtime.tables.scan("entries")}


def _runs(where: Place, runtime: Runtime) -> int:
    """How many runs of the state machine there were."""
    waves = runtime.config.machine(runs.MACHINE)
    states = clients_of(where)("stepfunctions")
    return len(states.list_executions(stateMachineArn=waves)["executions"])


def _let_all_be_sent(where: Place, runtime: Runtime, clock: FileClock) -> None:
    """Minutes pass until no letter waits: those that a dead worker held come back by and by."""

    def open_rows() -> bool:
        index, ever = ("outbox", "unsent"), clock() + DAY
        of_parts = (runtime.tables.query_index(*index, p, up_to=ever, limit=1) for p in PARTS)
        return any(True for found in of_parts for _ in found)

    ends = time.monotonic() + PATIENCE_SECONDS
    while open_rows():
        assert time.monotonic() < ends, "letters are never sent"
        journey.ask(where.journey_file, Journey(clock() + 5 * MINUTE))
        _wait(lambda: not where.journey_file.exists(), "journey")


def _received(where: Place, runtime: Runtime) -> Counter[tuple[str, str]]:
    """How many outcomes came to each address and number."""
    joined = write_mail(runtime.config, "joined", "id", {"wave": WAVE}).subject
    with urllib.request.urlopen(f"{where.cloud}{INBOX}", timeout=60) as answer:
        messages = json.loads(answer.read())
    return Counter((m["channel"], m["to"]) for m in messages if m["subject"] != joined)


def _addresses(runtime: Runtime, entered: dict[str, str]) -> Counter[tuple[str, str]]:
    """How many applicants have each address and number; invented numbers may meet."""
    found: Counter[tuple[str, str]] = Counter()
    for applicant in entered:
        account = runtime.tables.get("accounts", {"applicant": applicant}) or {}
        for channel, name in (("mail", "email"), ("sms", "phone")):
            found[channel, runtime.vault.open("accounts", applicant, name, account[name])] += 1
    return found


def _wait(done: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < ends, f"waited too long for the {what}"
        time.sleep(LOOK_EVERY_SECONDS)
