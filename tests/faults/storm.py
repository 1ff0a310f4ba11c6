"""A wave of some hundred people from its opening to the last letter, in any weather.

People join, repeat what was not answered, withdraw and join again; some come in the last
millisecond, with clocks that are minutes wrong, or while a worker shuts the gates. Workers come too
often, meet, sleep and die; messages come five times and in disorder; the beacon is late. Everything
follows from the seed. At the end the promises are looked for.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from functions.cloud.tables import Update
from functions.programme.times import HOUR, MINUTE, SECOND
from functions.select import aftermath
from functions.select.entries import find_entry
from functions.select.entries import join as join_wave
from functions.select.turn import StepBlocked, StepUnfinished
from functions.select.withdrawing import withdraw
from functions.verify import worker as letters
from functions.web.errors import ApiError, Conflict, NotFound
from local.machine import MapFailed
from tests.bench.waves import QuickTables
from tests.fakes import FakeMailer, FakeQueues, FakeSms
from tests.faults import promises
from tests.faults.carrier import Carrier
from tests.faults.fuse import counted_alike
from tests.faults.promises import Told
from tests.faults.weather import CALM, PASSING, STORM, Climate, Weather
from tests.select.world import CLOSES_AT, OPENS_AT, World

WAVE = 1
TRIES = 8
SKEW = 5 * MINUTE
LONGEST_MINUTES = 36 * 60
# Of a hundred people: who withdraws, who comes at the very end, whose clock is wrong.
WITHDRAW, LATE, SKEWED = 6, 12, 10
LATE_BEACON = 3 * MINUTE
AWAY_MINUTES = 2
# So many batches of letters go out while a worker is held up, at the most.
MEANWHILE_BATCHES = 20


@dataclass
class Report:
    """What a storm did, and what it broke."""

    seed: int | str
    entrants: int
    acknowledged: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    minutes: int = 0
    deaths: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    suppressed: int = 0
    sent: int = 0
    unsure: int = 0
    violations: list[str] = field(default_factory=list)

    def told(self) -> str:
        """A few lines."""
        faults = ", ".join(f"{name} {count}" for name, count in sorted(self.faults.items()))
        return "\n  ".join(
            [
                f"seed {self.seed}, {self.entrants} people, {self.acknowledged} acknowledged, "
                f"{dict(self.refused)} refused, {self.minutes} minutes",
                f"faults injected {sum(self.faults.values())}: {faults}",
                f"retries {self.retries}, duplicates suppressed {self.suppressed}, "
                f"messages sent {self.sent}, unsure {self.unsure}, deaths {self.deaths}",
                f"violations {len(self.violations)}",
                *(f"VIOLATION {what}" for what in self.violations),
            ]
        )


class Storm:
    """One wave, its people and its workers."""

    def __init__(self, seed: int | str, entrants: int, climate: Climate = STORM):
        self.report = Report(seed, entrants)
        self.told = Told(WAVE)
        self._climate, self._entrants = climate, entrants
        self._waited = 0
        self._random = random.Random(f"storm {seed}")
        self.weather = Weather(seed)
        self._mailer, self._sms, self._queues = FakeMailer(), FakeSms(), FakeQueues()
        self.world = World(
            tables=QuickTables(), mailer=self._mailer, sms=self._sms, queues=self._queues
        )
        self.calm = self.world.runtime
        self.carrier = Carrier(seed, {"outbox": self._deliver})
        self.world.runtime = self.weather.around(self.calm)

    def run(self) -> Report:
        """From the opening to the last letter."""
        with counted_alike():
            self._open()
            self._enter()
            self._minutes()
            self._last_letters()
        self._look()
        return self.report

    def _open(self) -> None:
        shards = 1 << max(1, min(5, self._entrants // 30))
        self.world.create(
            quota=max(3, self._entrants * 6 // 100),
            reserve=max(1, self._entrants // 50),
            pools=[("timur", max(1, self._entrants // 100), ["91"])],
            shards=shards,
        )
        self._witnesses()
        self.weather.climate = self._climate

    def _people(self) -> list[str]:
        people, family = [], 0
        with self.weather.turned(CALM):
            while len(people) < self._entrants:
                family += 1
                for _ in range(self._random.choice((1, 1, 2, 3, 4))):
                    number = len(people)
                    if number == self._entrants:
                        break
                    province = self._random.choice(("31", "32", "91"))
                    official = self._random.random() < 0.02
                    applicant = self.world.person(
                        number, family=family, province=province, official=official
                    )
                    self._reachable(applicant, number)
                    people.append(applicant)
        return people

    def _reachable(self, applicant: str, number: int) -> None:
        seal, key = self.calm.vault.seal, {"applicant": applicant}
        email = seal("accounts", applicant, "email", f"orang{number}@contoh.id")
        phone = seal("accounts", applicant, "phone", f"+62812{90000000 + number}")
        known = {"email": email, "phone": phone, "delivery": {}}
        self.calm.tables.write(Update("accounts", key, set=known))

    def _enter(self) -> None:
        people = self._people()
        self._random.shuffle(people)
        late = people[: len(people) * LATE // 100]
        early = people[len(late) :]
        step = (CLOSES_AT - OPENS_AT - 10 * SECOND) // max(1, len(early))
        for number, applicant in enumerate(early):
            self.world.clock.now = OPENS_AT + number * step
            self._join(applicant)
            if self._random.random() < WITHDRAW / 100:
                self._withdraw(applicant)
            if number % 10 == 0:
                self._carry()
        # In every other wave workers come while the last ones join, and shut the gates.
        at_once = self._tick if self._random.random() < 0.5 else None
        for applicant in late:
            self.world.clock.now = CLOSES_AT + self._random.choice((-1, 0, 1))
            self.weather.meanwhile = at_once
            self._join(applicant)
        self.weather.meanwhile = None

    def _clock(self) -> Callable[[], int]:
        if self._random.random() * 100 >= SKEWED:
            return self.world.clock
        skew = self._random.randint(-SKEW, SKEW)
        return lambda: self.world.clock() + skew

    def _join(self, applicant: str) -> None:
        """As the site does: the same key again until there is an answer."""
        server = self.world.with_clock(self._clock()).runtime
        key = f"{self._random.getrandbits(64):016x}"
        answer = self._answered(lambda: join_wave(server, applicant, WAVE, key))
        if isinstance(answer, ApiError):
            self.report.refused[answer.code] += 1
        elif answer is None:
            self.told.possible.add(applicant)
        else:
            self.told.acknowledged[applicant] = answer["receipt"]["commitment"]

    def _withdraw(self, applicant: str) -> None:
        if applicant not in self.told.acknowledged:
            return
        answer = self._answered(lambda: withdraw(self.world.runtime, applicant, WAVE))
        if isinstance(answer, ApiError):
            return
        del self.told.acknowledged[applicant]
        if answer is None:
            self.told.possible.add(applicant)
        elif self._random.random() < 0.5:
            self._join(applicant)

    def _answered(self, ask: Callable[[], Any]) -> Any:
        """The answer of the server, a refusal too; None if there never was one."""
        for _ in range(TRIES):
            try:
                with self.weather.turned(_without_deaths(self.weather.climate)):
                    return ask()
            except (Conflict, NotFound) as error:
                return error
            except (*PASSING, ApiError):
                self.report.retries += 1
        return None

    def _minutes(self) -> None:
        world, began = self.world, self.world.clock.now
        while not self._over() and self.report.minutes < LONGEST_MINUTES:
            self.report.minutes += 1
            world.clock.now = max(CLOSES_AT, began + self.report.minutes * MINUTE)
            self._witnesses()
            world.beacons.late = world.clock.now < self._wave()["draw_at"] + LATE_BEACON
            self.weather.meanwhile = self._others
            for _ in range(self._random.choice((1, 1, 1, 2, 3))):
                self._work(self._tick)
            self._carry()
        self.weather.meanwhile = None

    def _witnesses(self) -> None:
        """Until a list has waited for its quorum for some minutes, most of them are away."""
        self._waited += self.report.minutes > 0 and self._wave()["phase"] == "frozen"
        names = sorted(witness.name for witness in self.world.witnesses.signers)
        self.world.witnesses.away = set(names[1:]) if self._waited <= AWAY_MINUTES else set()

    def _over(self) -> bool:
        return "reported_at" in self._wave()

    def _wave(self) -> dict[str, Any]:
        return self.calm.tables.get("waves", {"wave": WAVE}) or {}

    def _tick(self) -> None:
        try:
            self.world.tick()
        finally:
            aftermath.tend(self.world.runtime)

    def _others(self) -> None:
        """Another worker comes, long after the one that is held up was thought dead."""
        if self._random.random() < 0.8:
            self.world.clock.advance(MINUTE)
        with suppress(Exception):
            self._tick()
        self.carrier.collect(self._queues)
        for _ in range(self._random.randint(0, MEANWHILE_BATCHES)):
            self.carrier.carry()

    def _work(self, work: Callable[[], None]) -> None:
        def done() -> None:
            try:
                work()
            except (StepBlocked, StepUnfinished, MapFailed):
                self.report.faults["step left to the next"] += 1

        if not self.weather.survived(done):
            self.report.deaths += 1

    def _carry(self) -> None:
        self.carrier.collect(self._queues)
        for _ in range(self._random.randint(0, 12)):
            self._work(lambda: self.carrier.carry() and None)

    def _deliver(self, records: list[dict[str, str]]) -> set[str]:
        before = len(self._mailer.sent) + len(self._sms.sent)
        # While one letter is handed over, its copy is handed to another worker.
        copy = self._random.choice(records)
        self.weather.meanwhile = lambda: _ignore(letters.handle_batch(self.world.runtime, [copy]))
        try:
            failed = letters.handle_batch(self.world.runtime, records)
        finally:
            self.weather.meanwhile = None
        after = len(self._mailer.sent) + len(self._sms.sent)
        self.report.suppressed += max(0, len(records) - len(failed) - (after - before))
        return {one["itemIdentifier"] for one in failed}

    def _last_letters(self) -> None:
        """The weather is calm at last; whatever is left is sent within two days."""
        self.weather.climate = CALM
        ends = self.world.clock.now + 48 * HOUR
        while self.world.clock.now < ends and (
            promises.unsettled(self.calm) or self.carrier.under_way
        ):
            self.world.clock.advance(5 * MINUTE)
            self.carrier.redrive()
            letters.sweep(self.world.runtime)
            self.carrier.collect(self._queues)
            self.carrier.carry_all()

    def _look(self) -> None:
        report = self.report
        report.faults.update(self.weather.counts)
        report.faults.update(self.carrier.counts)
        report.acknowledged = len(self.told.acknowledged)
        report.sent = len(self._mailer.sent) + len(self._sms.sent)
        rows = list(self.calm.tables.scan("outbox"))
        report.unsure = sum(row.get("reason") == "unsure" for row in rows)
        report.violations = [
            *promises.broken(self.calm, self.told, self.world.witnesses.given),
            *promises.selected_twice(self.calm),
            *promises.written_twice(self.calm),
            *promises.sent_twice(self.calm, self._mailer.sent),
            *promises.unsettled(self.calm),
            *self._receipts(),
        ]

    def _receipts(self) -> list[str]:
        """Everyone who was acknowledged still sees the entry, with the receipt they hold."""
        for applicant, commitment in self.told.acknowledged.items():
            try:
                found = find_entry(self.calm, applicant, WAVE)
            except NotFound:
                return ["an acknowledged entry is gone"]
            if found["receipt"]["commitment"] != commitment:
                return ["a receipt is not that of the entry"]
        return []


def _without_deaths(climate: Climate) -> Climate:
    """A server that dies while it answers is, to who asked, an answer that was lost."""
    return Climate(**{**vars(climate), "killed": 0.0})


def _ignore(_: object) -> None:
    return None
