"""A wave from its close to its announcement by the schedule alone, killed at random moments.

The tables are in memory and exact about conditions; the worker, the state machine's definition
and the public files are the real ones. A worker is killed before or after a call of one of its
ports, for good, and the next tick comes when its minute does. Everything follows from the seed.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Error as PlaywrightError

from functions.cloud.tables import Action, Delete, Item, Key, Put, Update
from functions.programme.draw.roster import RECORD_SIZE
from functions.programme.times import MINUTE
from tests.bench import checks
from tests.fakes import FakeFiles, FakeMachines, FakeQueues, FakeTables
from tests.faults.fuse import Fuse, Fused, Killed, counted_alike
from tests.select.world import CLOSES_AT, World, write_person

ROOT = Path(__file__).parents[2]
DEATHS = 10
# Each entry costs a worker at least so many calls: it is told its record, announced and hurried.
CALLS_EACH = 3
LATE_MINUTES = 7
LONGEST_MINUTES = 24 * 60
VERIFIERS = (("-m", "functions.select.draw", "verify"), ("site/undian/verify.py",))


class QuickTables(FakeTables):
    """The fake tables for many items: partitions are found at once, and items copied cheaply."""

    def __init__(self) -> None:
        super().__init__()
        self._partitions: dict[tuple[str, Any], dict[Any, Item]] = defaultdict(dict)

    def get(self, table: str, key: Key, *, only: Any = ()) -> Item | None:
        found = self.items[table].get(tuple(key.values()))
        return None if found is None else _copied(found)

    def get_many(self, table: str, keys: Any) -> list[Item]:
        return [item for key in keys if (item := self.get(table, key)) is not None]

    def query(
        self, table: str, partition: Any, *, backwards: bool = False, limit: int | None = None
    ) -> Iterator[Item]:
        found = self._partitions[table, partition]
        for key in sorted(found, reverse=backwards)[:limit]:
            yield _copied(found[key])

    def _apply(self, action: Action, table: str, key: tuple[Any, ...]) -> None:
        if isinstance(action, Put):
            self.items[table][key] = _copied(action.item)
        else:
            super()._apply(action, table, key)
        if isinstance(action, Put | Update):
            self._partitions[table, key[0]][key] = self.items[table][key]
        elif isinstance(action, Delete):
            self._partitions[table, key[0]].pop(key, None)


def _copied(item: Item) -> Item:
    return {
        name: value.copy() if isinstance(value, dict | set | list) else value
        for name, value in item.items()
    }


@dataclass
class Course:
    """What became of one wave. `deaths`: the call at which each worker died, counted since the
    death before. `cpu`: seconds of the calls of each kind; `wrong`: what should not be so."""

    seed: int
    entries: int
    deaths: list[tuple[int, str]] = field(default_factory=list)
    minutes: int = 0
    runs: int = 0
    cpu: Counter[str] = field(default_factory=Counter)
    verified: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The course in a few lines."""
        rates = [
            f"{kind} {self.entries / seconds:.0f} entries per CPU second"
            for kind, seconds in self.cpu.items()
            if kind.startswith("on_shard")
        ]
        deaths = ", ".join(f"{at} ({phase})" for at, phase in self.deaths)
        lines = [
            f"seed {self.seed}, {self.entries} entries, {self.minutes} minutes, {self.runs} runs",
            f"died at: {deaths}",
            *rates,
            *self.notes,
            *(f"accepted by {name}" for name in self.verified),
            *(f"WRONG {what}" for what in self.wrong),
        ]
        return "\n  ".join(lines)


class Stage:
    """A wave full of entries, and the schedule that takes it to its end."""

    def __init__(self, seed: int, entries: int, beacon: str):
        """`beacon`: `late` or `wrong`."""
        self.random = random.Random(seed)
        self.course = Course(seed, entries)
        self._tables, self._queues, self._fuse = QuickTables(), FakeQueues(), Fuse()
        self._machines = FakeMachines()
        self.world = World(
            tables=Fused(self._tables, self._fuse),
            files=Fused(FakeFiles(), self._fuse),
            queues=Fused(self._queues, self._fuse),
            machines=Fused(self._machines, self._fuse),
        )
        self._beacon = beacon
        self._call = self.world.call
        self.world.call = self._timed  # type: ignore[method-assign]
        shards = 1 << max(2, min(10, (entries // 800).bit_length()))
        self.world.create(
            quota=max(3, entries * 6 // 100),
            reserve=max(1, entries // 100),
            pools=[("timur", max(1, entries // 100), ["91"])],
            shards=shards,
        )
        self.acknowledged = self._joined(entries)

    def _joined(self, entries: int) -> dict[str, str]:
        """The commitments of receipts, by applicant: families of one to five."""
        receipts, number, family = {}, 0, 0
        while number < entries:
            family += 1
            for _ in range(min(self.random.choice((1, 1, 2, 3, 5)), entries - number)):
                applicant = self.random.randbytes(16).hex()
                details = {
                    "province": self.random.choice(("31", "32", "91")),
                    "official": self.random.random() < 0.02,
                }
                nik, kk = _number(number), _number(family)
                write_person(self.world.runtime, applicant, nik, kk, **details)
                receipts[applicant] = self.world.join(applicant)["receipt"]["commitment"]
                number += 1
        return receipts

    def run(self, browser: bool = False) -> Course:
        """The schedule, minute by minute, until the wave is announced and has been checked."""
        with counted_alike():
            self._run()
        self._check(browser)
        return self.course

    def _run(self) -> None:
        world, moments = self.world, self._moments()
        world.clock.now = CLOSES_AT - MINUTE
        world.beacons.late = self._beacon == "late"
        world.beacons.only_wrong = self._beacon == "wrong"
        self._arm(moments)
        while self._phase() != "announced" and self.course.minutes < LONGEST_MINUTES:
            world.clock.advance(MINUTE)
            self.course.minutes += 1
            self._mend_beacon()
            try:
                world.tick()
            except Killed:
                self.course.deaths.append((self._fuse.at or 0, self._phase()))
                self._arm(moments)
        self._fuse.arm(None)
        self.course.runs = len(self._machines.runs)

    def _moments(self) -> list[int]:
        at = sorted(self.random.sample(range(1, CALLS_EACH * self.course.entries), DEATHS))
        return [after - before for before, after in zip([0, *at], at, strict=False)]

    def _arm(self, moments: list[int]) -> None:
        left = len(self.course.deaths)
        at = moments[left] if left < len(moments) else None
        self._fuse.arm(at, after=self.random.random() < 0.5)

    def _mend_beacon(self) -> None:
        """After some minutes the late round comes, and beside the liar stands an honest relay."""
        item = self._tables.items["waves"][(1,)]
        if self.world.clock.now > item["draw_at"] + LATE_MINUTES * MINUTE:
            self.world.beacons.late = self.world.beacons.only_wrong = False
            self.world.beacons.wrong_first = self._beacon == "wrong"

    def _phase(self) -> str:
        return str(self._tables.items["waves"][(1,)]["phase"])

    def _timed(self, function: str, payload: dict[str, Any]) -> Any:
        started = time.process_time()
        try:
            return self._call(function, payload)
        finally:
            kind = f"{payload['command'].rsplit('.', 1)[1]} {payload['phase']}"
            self.course.cpu[kind] += time.process_time() - started

    def _check(self, browser: bool) -> None:
        found, wrong = self.course, self.course.wrong
        if self._phase() != "announced":
            wrong.append(f"the wave stays {self._phase()}")
            return
        files = self.world.files()
        if not _same(files["roster.bin"], self.acknowledged):
            wrong.append("the roster is not the list of those acknowledged")
        told = Counter(
            (row["applicant"], row["channel"])
            for row in self._tables.items["outbox"].values()
            if row["template"].startswith("outcome_")
        )
        expected = {(a, channel) for a in self.acknowledged for channel in ("mail", "sms")}
        if set(told) != expected or set(told.values()) != {1}:
            wrong.append("not everyone has one mail and one SMS of the outcome")
        hurried = Counter(body["message"] for _, body in self._queues.sent)
        if hurried and max(hurried.values()) > 1:
            wrong.append("a message was put on the queue twice")
        if len(found.deaths) < DEATHS:
            wrong.append(f"only {len(found.deaths)} workers died")
        verify(files | {"pins.json": self.world.pins()}, found.verified, wrong, browser)


def _same(roster: bytes, acknowledged: dict[str, str]) -> bool:
    listed = [roster[at : at + 32].hex() for at in range(0, len(roster), RECORD_SIZE)]
    return listed == sorted(acknowledged.values())


def _number(number: int) -> str:
    """An invented NIK or KK number, whose serial no office gives out."""
    return f"3171{number // 1000:08d}{9000 + number % 1000}"


def verify(
    files: dict[str, bytes], verified: list[str], wrong: list[str], browser: bool = True
) -> None:
    """Let the public's own programs check the folder, each in a process of its own; the browser
    too, unless this process has one already."""
    with TemporaryDirectory() as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        for program in VERIFIERS:
            command = [sys.executable, *program, folder, "--pins", f"{folder}/pins.json"]
            started = time.monotonic()
            ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            name = " ".join(program)
            if ended.returncode:
                wrong.append(f"{name}: {ended.stdout[-200:]}{ended.stderr[-200:]}")
            else:
                verified.append(f"{name} ({time.monotonic() - started:.0f} s)")
        if not browser:
            return
        try:
            verified.append(f"the browser ({checks.in_browser(Path(folder)):.0f} s)")
        except PlaywrightError as error:
            wrong.append(f"the browser: {str(error)[:200]}")
