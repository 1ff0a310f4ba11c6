"""The soak: a mixed load with faults on, and then everything that was told is looked for.

The seed decides who does what, and which requests meet which fault; how they meet in time is the
machine's. Waves open, close and are drawn by moving the clock, while people join.
"""

from __future__ import annotations

import math
import os
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from click.testing import CliRunner

import ops.commands
import ops.waves
from functions.cloud.clients import Clients
from functions.cloud.runtime import Runtime, runtime_from
from functions.programme.times import MINUTE, SECOND, iso
from functions.programme.waves import OVER
from local.clock import FileClock
from local.journey import Journey, ask
from local.settings import Place
from ops import queues
from tests.faults import promises
from tests.local.stack import surroundings
from tests.soak import memory
from tests.soak.client import Client
from tests.soak.crowd import Actor, Bounds
from tests.soak.stack import stormy_stack
from tests.soak.trouble import KILLED, Trouble, pids_of
from tests.soak.visitor import Town, Visitor

ACTORS = 3
# For this part of the time processes are killed; in the rest their memory is seen.
KILLS_FOR = 0.45
SAMPLE_SECONDS = 10.0
OPEN_FOR, NOTICE, AFTER_CLOSE = 9 * MINUTE, 40 * SECOND, 12 * MINUTE
QUOTA, RESERVE, SHARDS = 6, 2, 4
# A wave takes so long at least, so none is begun with less time left.
SHORTEST_SECONDS = 40.0
STEPS, STEP = 100, 10 * MINUTE
PATIENCE_SECONDS = 900.0
MOST_DEAD = 1000
# Whoever looks on signs with a key of their own, and meets no weather.
LOOKER = "SOAKACCESSKEY0000000"


@dataclass
class Report:
    """What a soak did and what it found."""

    seed: int
    minutes: float
    lines: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def told(self) -> str:
        """Some lines, the violations last."""
        return "\n  ".join(
            [
                f"soak: seed {self.seed}, {self.minutes:g} minutes",
                *self.lines,
                f"violations {len(self.violations)}",
                *(f"VIOLATION {what}" for what in self.violations),
            ]
        )


class Soak:
    """One soak on a stack that runs."""

    def __init__(self, where: Place, seed: int, minutes: float, log: Path):
        self._where, self._ends = where, time.monotonic() + 60 * minutes
        self._random = random.Random(f"soak {seed}")
        self.report = Report(seed, minutes)
        self._clock = FileClock(where.clock_file)
        self._runtime, self._clients = looker(where, self._clock)
        self._town = Town(Client(where))
        self._trouble = Trouble(where, seed, 60 * minutes * KILLS_FOR, log)
        bounds = Bounds(int(2 + minutes), int(4 + 2 * minutes), int(minutes / 8), 0.6)
        self._actors = [
            Actor(f"actor {number}", seed, self._town, self._runtime, bounds)
            for number in range(ACTORS)
        ]
        self._open: int | None = None
        self._samples: list[memory.Sample] = []
        self._sampled_at = 0.0
        self._rounds = self._redriven = 0

    def run(self) -> Report:
        """All of it."""
        for actor in self._actors:
            actor.wave = lambda: self._open
            actor.start()
        self._trouble.start()
        # The stack's own first wave stays open beside the others until its close comes.
        while time.monotonic() + SHORTEST_SECONDS < self._ends:
            self._wave(self._created())
        self._watch(self._ends)
        for verdict in memory.judged(self._samples):
            self._say(verdict.told())
        self._still()
        self._look()
        return self.report

    # --- waves

    def _created(self) -> int:
        """The number of a new wave, which is open."""
        number = max(item["wave"] for item in self._runtime.tables.scan("waves")) + 1
        opens = self._clock() + NOTICE
        about = {"quota": QUOTA, "reserve": RESERVE, "shards": SHARDS}
        closes = opens + OPEN_FOR
        ops.waves.create(self._runtime, wave=number, opens_at=opens, closes_at=closes, **about)
        self._move(opens + SECOND)
        return number

    def _say(self, what: str) -> None:
        print(f"{iso(self._clock())} {what}", flush=True)

    def _wave(self, number: int) -> None:
        """People join for some of the real time, with jumps of the clock; then its close comes
        while they still do, and its result."""
        self._say(f"wave {number} is open")
        self._open = number
        closes = self._item(number)["closes_at"]
        left = self._ends - time.monotonic()
        ends = time.monotonic() + min(self._random.uniform(25, 45), left / 3)
        while time.monotonic() < ends:
            self._watch(time.monotonic() + self._random.uniform(3, 8))
            jump = self._random.randint(5, 90) * SECOND
            self._move(min(self._clock() + jump, closes - MINUTE))
        self._move(closes - 2 * SECOND)
        self._watch(time.monotonic() + 4)
        self._open = None
        self._say(f"wave {number} closes")
        self._move(closes + AFTER_CLOSE)
        ends = time.monotonic() + PATIENCE_SECONDS
        while self._item(number)["phase"] not in OVER:
            if time.monotonic() > ends:
                raise RuntimeError(f"wave {number} stays {self._item(number)['phase']}")
            self._move(self._clock() + MINUTE)
            self._watch(time.monotonic() + 0.5)

    def _item(self, number: int) -> dict[str, object]:
        return self._runtime.tables.get("waves", {"wave": number}) or {}

    def _move(self, to: int) -> None:
        """Move the clock; the worker may die on the way, and the next one goes on."""
        ends = time.monotonic() + PATIENCE_SECONDS
        ask(self._where.journey_file, Journey(to))
        while self._clock() < to:
            if time.monotonic() > ends:
                raise RuntimeError("the clock does not move")
            self._watch(time.monotonic() + 0.2)

    def _watch(self, until: float) -> None:
        """Wait, and look at memory now and then. Raises what an actor has met."""
        while True:
            for one in (*self._actors, self._trouble):
                if one.error is not None:
                    raise RuntimeError(f"{one.name} ended") from one.error
            if time.monotonic() - self._sampled_at >= SAMPLE_SECONDS:
                self._sampled_at = time.monotonic()
                self._samples += memory.sampled(pids_of(self._where))
            if time.monotonic() >= until:
                return
            time.sleep(min(0.2, max(0.01, until - time.monotonic())))

    # --- the end

    def _still(self) -> None:
        """Nobody comes any more, all processes die once more, and what is under way is finished."""
        self._sampled_at = math.inf  # what they are asked from now on is another load
        for actor in self._actors:
            actor.stop()
        for actor in self._actors:
            actor.join(PATIENCE_SECONDS)
        self._trouble.stop()
        for name in KILLED:
            self._trouble.kill(name)
        for queue in queues.QUEUES:
            self._redriven += queues.redrive(self._clients, self._runtime.config, queue, MOST_DEAD)
        while self._rounds < STEPS and self._under_way():
            self._rounds += 1
            self._move(self._clock() + STEP)

    def _under_way(self) -> bool:
        """Whether a letter, a photo or a deletion still waits."""
        tables = self._runtime.tables
        depths = queues.depths(self._clients, self._runtime.config)
        return bool(
            promises.unsettled(self._runtime)
            or any(photo["state"] == "waiting" for photo in tables.scan("photos"))
            or any(case.get("waits") == "deletion" for case in tables.scan("cases"))
            or any(one.waiting + one.hidden for one in depths)
            or any(wave["phase"] not in OVER for wave in tables.scan("waves"))
        )

    def _look(self) -> None:
        report, runtime = self.report, self._runtime
        mails = [m for m in self._town.client.messages("") if m["channel"] == "mail"]
        for item in runtime.tables.scan("waves"):
            report.violations += promises.broken(runtime, self._town.of_wave(int(item["wave"])))
        report.violations += [
            *promises.selected_twice(runtime),
            *promises.written_twice(runtime),
            *promises.sent_twice(runtime, mails),
            *promises.unsettled(runtime),
            *self._dead_letters(),
        ]
        report.lines += self._counts()
        report.violations += self._lost()
        for verdict in memory.judged(self._samples):
            report.lines.append(verdict.told())
            # moto keeps all data in memory, so it grows with them.
            if verdict.process in KILLED and not verdict.flat:
                report.violations.append(f"memory of {verdict.process} grows")
        self._rehearse()

    def _dead_letters(self) -> list[str]:
        depths = queues.depths(self._clients, self._runtime.config)
        return [f"{one.dead} dead letters of {one.queue}" for one in depths if one.dead]

    def _people(self) -> dict[str, Visitor]:
        return {p.email: p for actor in self._actors for p in (*actor.newcomers, *actor.ready)}

    def _lost(self) -> list[str]:
        """Every acknowledged write that is not found, by what its owner sees."""
        people, ledger = self._people(), self._town.ledger
        lost = [
            what
            for email in ledger.people()
            for what in ledger.lost(email, lambda one: people[one].found())
        ]
        counts = dict(sorted(ledger.counts.items()))
        self.report.lines.append(
            f"writes acknowledged {sum(counts.values()) - counts.get('unanswered', 0)} by "
            f"{len(ledger.people())} people, each looked for: {counts}"
        )
        return [f"{what} ({count} times)" for what, count in Counter(lost).items()]

    def _counts(self) -> list[str]:
        waves = list(self._runtime.tables.scan("waves"))
        rows = list(self._runtime.tables.scan("outbox"))
        answers = self._town.client.answers
        injected = self._trouble.injected()
        entries = sum(len(told.acknowledged) for told in self._town.told.values())
        states = Counter(str(row["state"]) for row in rows)
        return [
            f"{sum(a.deeds for a in self._actors)} deeds, {sum(answers.values())} answers: "
            f"{dict(sorted(answers.items()))}, {self._town.client.repeats} repeats",
            f"{len(waves)} waves drawn, {entries} entries acknowledged in them",
            f"faults injected {sum(injected.values())} in {self._trouble.gusts} gusts: "
            f"{dict(sorted(injected.items()))}; kill -9: {dict(self._trouble.kills)}",
            f"letters {dict(states)}, {len(self._town.client.messages(''))} messages sent, "
            f"{self._redriven} dead letters sent round again; "
            f"{self._rounds} times {STEP // MINUTE} minutes until nothing was under way",
        ]

    def _rehearse(self) -> None:
        """The backups, by the operator's own command."""
        with surroundings(self._where), patient():
            done = CliRunner().invoke(ops.commands.cli, ["restore", "rehearse"])
        self.report.lines += [line for line in done.output.splitlines() if "wave " in line]
        if done.exit_code:
            self.report.violations.append(f"the rehearsal of a restore: {done.output[-200:]}")


def patient() -> Any:
    """Clients that are made meanwhile wait long: one emulator serves all, on a busy machine."""
    return patch("functions.cloud.clients.READ_SECONDS", PATIENCE_SECONDS)


def looker(where: Place, clock: FileClock) -> tuple[Runtime, Clients]:
    """The ports of the local stack, and its clients, for one who meets no weather."""
    with surroundings(where), patient():
        os.environ["AWS_ACCESS_KEY_ID"] = LOOKER
        runtime = runtime_from(os.environ, clock)
        clients = Clients(runtime.config)
        for service in ("dynamodb", "kms", "ssm", "s3", "sqs"):
            clients(service)
            # Made now, while the key is this one.
            runtime.tables._clients(service)  # type: ignore[attr-defined]
    return runtime, clients


def run(seed: int, minutes: float) -> int:
    """A soak on a stack of its own, told; how many violations."""
    log = Path(tempfile.gettempdir()) / f"soak-{seed}.log"
    log.write_text("")
    with stormy_stack(seed, log) as where:
        report = Soak(where, seed, minutes, log).run()
        print(report.told(), flush=True)
    print(f"what the processes said: {log}", flush=True)
    return len(report.violations)
