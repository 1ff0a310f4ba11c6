"""An opening day, second by second: people, doors, queues, and what becomes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ops.opening.arrivals import arrivals
from ops.opening.breaks import Break, Breaks
from ops.opening.doors import HTTP, Doors
from ops.opening.journey import STARTS, STEPS, loads
from ops.opening.lines import Waits
from ops.opening.measured import Measured, measured
from ops.opening.people import Books, Crowd
from ops.opening.senders import Judges, Outbox
from ops.opening.settings import Settings
from ops.opening.waiting_room import WaitingRoom

PLACES = {step.name: place for place, step in enumerate(STEPS)}
# Whom a breaker of the programme puts off comes back within this time after the hour.
PUT_OFF_OVER = 1_800
MESSAGES = ("mail confirm_email", "mail joined", "sms phone_code")
PHOTOS = ("photo ktp", "photo selfie")


@dataclass(frozen=True)
class Asked:
    """What is simulated. `drain`: hours after the last arrival, in which the queues empty."""

    registrants: float
    hours: float
    peak_minute: float
    seed: int = 1
    drain: float = 3.0


@dataclass
class Series:
    """One value for each minute."""

    arrivals: list[float] = field(default_factory=list)
    requests: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    functions: list[float] = field(default_factory=list)
    workers: list[float] = field(default_factory=list)
    letters_waiting: list[float] = field(default_factory=list)
    oldest_letter: list[float] = field(default_factory=list)
    photos_waiting: list[float] = field(default_factory=list)
    outside: list[float] = field(default_factory=list)
    joined: list[float] = field(default_factory=list)


@dataclass
class Day:
    """What came of it. Counts of people, requests, messages; seconds."""

    asked: Asked
    settings: Settings
    books: Books
    done: dict[str, float]
    breaks: list[Break]
    series: Series
    waits: dict[str, Waits]
    sent: dict[str, float]
    lost: dict[str, float]
    waiting: dict[str, float]
    slots: Waits
    told_to_return: float
    requests: float
    refused: float
    calls: dict[str, float]
    busy: dict[str, float]
    reads: dict[str, float]
    writes: dict[str, float]
    worker_calls: dict[str, float]
    cold_starts: float
    most: dict[str, float]


class Simulation:
    """One day under way."""

    def __init__(self, asked: Asked, settings: Settings, times: Measured) -> None:
        self.asked, self.settings, self.times = asked, settings, times
        rng = np.random.default_rng(asked.seed)
        self.came = arrivals(asked.registrants, asked.hours, asked.peak_minute, rng)
        self.seconds = len(self.came) + round(asked.drain * 3600)
        self.breaks = Breaks()
        self.loads = loads(times)
        self.doors = Doors(settings, times, self.loads, self.breaks)
        self.crowd = Crowd(self.seconds, settings.people)
        self.room = WaitingRoom(settings.door, self.seconds, self.breaks)
        self.costs = {name: times.cost(name) for name in (*MESSAGES, *PHOTOS)}
        self.outbox = Outbox(settings, {n: self.costs[n] for n in MESSAGES}, self.breaks)
        self.judges = Judges(settings, {n: self.costs[n] for n in PHOTOS})
        self.series = Series()
        self.served: NDArray[np.float64] = np.zeros(len(STEPS))
        self.requests = self.refused = 0.0
        sms, mail = settings.sms, settings.mail
        prefix = (sms.busiest_prefix, sms.prefix_an_hour)
        self._hours = (
            _Hour("SMS breaker", PLACES["phone"], sms.an_hour, *prefix),
            _Hour("mail breaker", PLACES["register"], mail.an_hour),
        )
        self._minute: dict[str, float] = defaultdict(float)
        self._units_of = {n: self.doors.units_of(cost) for n, cost in self.costs.items()}
        self._after: dict[str, list[int]] = {}
        for place, step in enumerate(STEPS):
            self._after.setdefault(step.after, []).append(place)
        self.most: dict[str, float] = defaultdict(float)

    def run(self) -> Day:
        """To the end of the day and of its drain."""
        for at in range(self.seconds):
            self._second(at)
            if at % 60 == 59:
                self._note_minute(at)
        return self._day()

    def _second(self, at: int) -> None:
        new = float(self.came[at]) if at < len(self.came) else 0.0
        self._minute["arrivals"] += new
        self.crowd.come(PLACES["register"], at, self.room.let_in(at, new))
        self._workers(at)
        self._people(at)

    def _workers(self, at: int) -> None:
        limit = self.settings.functions.concurrency
        limit -= max(self.settings.functions.reserved, self.doors.in_use)
        free = max(0.0, limit - self.judges.pollers.in_use)
        reached = self.outbox.work(at, free)
        done = self.judges.work(at, max(0.0, limit - self.outbox.in_use))
        self._units = {"writes": np.zeros(len(self.doors.tables))}
        self._units["reads"] = self._units["writes"].copy()
        for name, count in (*reached.items(), *done.items()):
            for kind, each in self._units_of[name].items():
                self._units[kind] += each * count
            self._follow(at, name, count)

    def _follow(self, at: int, name: str, count: float) -> None:
        """A message has reached people, a photo has its verdict: the next step can come."""
        if name in PHOTOS:
            retake = count * self.settings.people.retake
            self.crowd.send_back(PLACES[name.removeprefix("photo ")], at, retake)
            count -= retake
        for place in self._after.get(name, ()):
            self.crowd.come(place, at, count)

    def _people(self, at: int) -> None:
        asking = self.crowd.asking(at)
        asked = asking.sum(axis=1)
        if not asked.any():
            return
        for hour in self._hours:
            put_off = hour.put_off(at, float(asked[hour.place]), self.breaks)
            if put_off:
                end = hour.end(at)
                self.crowd.put_off(hour.place, end, end + PUT_OFF_OVER, put_off)
                asking[hour.place] *= 1 - put_off / asked[hour.place]
        asked = asking.sum(axis=1)
        use = self.outbox.in_use + self.judges.pollers.in_use
        share = self.doors.let_in(at, asked, use, self._units)
        served = asked * share
        self._count(asked, served)
        refused = asking * (1 - share)[:, None]
        if refused.any():
            self.crowd.refused(at, refused)
        for hour in self._hours:
            hour.use(float(served[hour.place]))
        self._go_on(at, served)

    def _count(self, asked: NDArray[np.float64], served: NDArray[np.float64]) -> None:
        self.served += served
        wanted = float(self.doors.requests @ asked)
        got = float(self.doors.requests @ served)
        self.requests += wanted
        self.refused += wanted - got
        self._minute["requests"] += wanted
        self._minute["refused"] += wanted - got
        self.most["requests a second"] = max(self.most["requests a second"], wanted)
        self.most["functions at once"] = max(self.most["functions at once"], self.doors.in_use)

    def _go_on(self, at: int, served: NDArray[np.float64]) -> None:
        for place in np.nonzero(served)[0]:
            step, count = STEPS[place], float(served[place])
            started = STARTS.get(step.name)
            if started in PHOTOS:
                self.judges.take(at, PHOTOS.index(started), count)
            elif started is not None:
                self.outbox.take(at, MESSAGES.index(started), count)
            if step.name == "join":
                self.crowd.joined += count
                self._minute["joined"] += count
            for after in self._after.get(step.name, ()):
                self.crowd.come(after, at, count)

    def _note_minute(self, at: int) -> None:
        series, minute = self.series, self._minute
        for name in ("arrivals", "requests", "refused", "joined"):
            getattr(series, name).append(minute[name])
        series.functions.append(self.doors.in_use)
        workers = self.outbox.in_use + self.judges.pollers.in_use
        series.workers.append(workers)
        series.letters_waiting.append(self.outbox.waiting())
        series.oldest_letter.append(self.outbox.oldest_seconds(at))
        series.photos_waiting.append(self.judges.line.size)
        series.outside.append(self.room.outside)
        self.most["letters waiting"] = max(self.most["letters waiting"], self.outbox.waiting())
        self.most["photos waiting"] = max(self.most["photos waiting"], self.judges.line.size)
        self.most["workers at once"] = max(self.most["workers at once"], workers)
        minute.clear()

    def _day(self) -> Day:
        waiting = {name: self.outbox.waiting_of(name) for name in MESSAGES}
        waiting |= {name: self.judges.waiting_of(name) for name in PHOTOS}
        lost, doors = self.outbox.lost, self.doors
        # A lost letter of the last step stops nobody: they have joined.
        held = sum(count for name, count in waiting.items() if name != "mail joined")
        books = Books(
            came=float(self.came.sum()),
            joined=self.crowd.joined,
            stopped=self.crowd.stopped,
            gone=self.crowd.gone,
            letter_lost=sum(n for name, n in lost.items() if name != "mail joined"),
            outside=self.room.outside,
            on_the_way=self.crowd.on_the_way() + held,
        )
        workers = defaultdict(float, {**self.outbox.sent, **self.judges.judged})
        busy = dict(zip(HTTP, (doors.busy @ self.served).tolist(), strict=True))
        reads = dict(zip(doors.tables, (doors.reads @ self.served).tolist(), strict=True))
        writes = dict(zip(doors.tables, (doors.writes @ self.served).tolist(), strict=True))
        for name, count in workers.items():
            cost = self.costs[name]
            busy[cost.function] = busy.get(cost.function, 0.0) + cost.seconds * count
            _add(reads, cost.reads, count)
            _add(writes, cost.writes, count)
        return Day(
            asked=self.asked, settings=self.settings, books=books,
            done={step.name: float(n) for step, n in zip(STEPS, self.served, strict=True)},
            breaks=self.breaks.in_order(), series=self.series,
            waits={**self.outbox.waits, **self.judges.waits},
            sent=self.outbox.sent, lost=lost, waiting=waiting,
            slots=self.room.waits, told_to_return=self.room.told,
            requests=self.requests, refused=self.refused,
            calls=dict(zip(HTTP, (doors.calls @ self.served).tolist(), strict=True)),
            busy=busy, reads=reads, writes=writes, worker_calls=workers,
            cold_starts=float(doors.cold_starts.sum()), most=dict(self.most),
        )  # fmt: skip


class _Hour:
    """One of the programme's breakers (functions/programme/limits.py), by hours of the clock.

    Of a share of those who ask, their own limit is reached sooner.
    """

    def __init__(
        self, name: str, place: int, an_hour: float, share: float = 0.0, of_share: float = 0.0
    ) -> None:
        self.place = place
        self._name, self._most, self._share, self._of_share = name, an_hour, share, of_share
        self._number, self._used = -1, 0.0

    def put_off(self, at: int, asking: float, breaks: Breaks) -> float:
        """How many of these are told to come back after the hour."""
        if at // 3600 != self._number:
            self._number, self._used = at // 3600, 0.0
        over = max(0.0, asking - max(0.0, self._most - self._used))
        breaks.note(self._name, at, over)
        if not over and self._share and self._share * self._used >= self._of_share:
            over = asking * self._share
            breaks.note(f"{self._name} of a prefix", at, over)
        return over

    def end(self, at: int) -> int:
        """When this hour ends."""
        return (at // 3600 + 1) * 3600

    def use(self, count: float) -> None:
        """So many have got through."""
        self._used += count


def _add(sums: dict[str, float], units: Mapping[str, float], count: float) -> None:
    for table, each in units.items():
        sums[table] = sums.get(table, 0.0) + each * count


def simulate(asked: Asked, settings: Settings, times: Measured | None = None) -> Day:
    """The day; the same seed gives the same day. Raises Refused."""
    return Simulation(asked, settings, times or measured()).run()
