"""The workers behind the queues: letters and codes of the outbox, and photos. Second by second.

What functions/verify/delivery.py and worker.py do is followed here: a queue for mails and one for
codes, whose event sources have bounds of their own; each letter tried once, put back with a
doubling pause when the provider is busy, found again by the tick, which queues 1,600 a minute at
most, and given up after twelve tries or when it is useless.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator

from functions.programme.times import SECOND
from functions.verify.delivery import MOST_TRIES, USEFUL_FOR, pause
from functions.verify.worker import PARTS, PER_PART
from ops.opening.breaks import Breaks
from ops.opening.lines import Line, Waits
from ops.opening.measured import Cost
from ops.opening.quotas import price, quota
from ops.opening.settings import Settings

DAY = 86_400
# boto3 tries a throttled call four times, with pauses of 0.5, 1 and 2 seconds in the mean.
THROTTLED_SECONDS = 3.5
# The tick takes what has been due for a minute.
SWEEP_AFTER = 60


class Pollers:
    """How many batches Lambda works at once for a queue: five at first, five more a second."""

    def __init__(self, most: float) -> None:
        self._most = min(most, quota("queue_most"))
        self.at_once = min(quota("queue_first"), self._most)
        self.in_use = 0.0

    def room(self, waiting: float, allowed: float) -> float:
        """Worker seconds in this second, with so much work waiting (in seconds)."""
        if waiting > self.at_once:
            self.at_once = min(self.at_once + quota("queue_growth"), self._most)
        return max(0.0, min(self.at_once, allowed))


class Lane:
    """One queue with its event source; `seconds` that its slowest message takes a worker."""

    def __init__(self, most_at_once: float, seconds: float) -> None:
        self.line, self.pollers, self.seconds = Line(), Pollers(most_at_once), seconds


class Outbox:
    """All letters and codes. `kinds` are the messages of the measured costs, by number."""

    def __init__(self, settings: Settings, costs: dict[str, Cost], breaks: Breaks) -> None:
        self.kinds = tuple(costs)
        self._mail = [name.startswith("mail") for name in self.kinds]
        self._life = [USEFUL_FOR.get(name.split()[1], 35 * DAY * SECOND) / SECOND for name in costs]
        self._weights = [cost.seconds for cost in costs.values()]
        self._set, self._breaks = settings, breaks
        most = {True: settings.mail.most_at_once, False: settings.sms.most_at_once}
        # Codes first: of functions that are short they get theirs as soon as the mails do.
        self._lanes = {
            mail: Lane(
                most[mail],
                max(w for w, m in zip(self._weights, self._mail, strict=True) if m == mail),
            )
            for mail in (False, True)
        }
        self._shelf: list[tuple[float, float, int, float]] = []
        self.shelved = 0.0
        self.waits = {name: Waits() for name in self.kinds}
        self.lost: dict[str, float] = defaultdict(float)
        self.sent: dict[str, float] = defaultdict(float)
        self._by_minute: dict[int, float] = {}
        self._of_day = 0.0
        self._spent = 0.0

    def take(self, at: int, kind: int, count: float) -> None:
        """Letters are written."""
        self._lanes[self._mail[kind]].line.join(at, count, kind)

    @property
    def in_use(self) -> float:
        """Batches under way in this second."""
        return sum(lane.pollers.in_use for lane in self._lanes.values())

    def work(self, at: int, allowed: float) -> dict[str, float]:
        """One second of the worker; what reached people, by name."""
        if at % 60 == 0:
            self._tick(at)
        self._rates = {True: self._mail_room(at), False: self._sms_rate()}
        reached: dict[str, float] = {}
        for mail, lane in self._lanes.items():
            self._work_on(at, mail, lane, allowed, reached)
            allowed -= lane.pollers.in_use
        return reached

    def _work_on(
        self, at: int, mail: bool, lane: Lane, allowed: float, reached: dict[str, float]
    ) -> None:
        room = lane.pollers.room(lane.line.size * lane.seconds, allowed)
        room = self._slowed(room, mail, lane.seconds)
        used = 0.0
        # A step that meets a provider's limit goes on with what is left of the second.
        for came, count, tagged in list(lane.line.leave(room, self._weights)):
            kind, tries = tagged % len(self.kinds), tagged // len(self.kinds)
            used += count * self._weights[kind]
            if at - came > self._life[kind]:
                self._lose(at, kind, count, "letters too late")
                continue
            done = self._hand_over(at, kind, count)
            self._put_back(at, came, kind, tries + 1, count - done)
            used += (count - done) * THROTTLED_SECONDS
            delivered = self._deliver(at, came, kind, done)
            if delivered:
                name = self.kinds[kind]
                reached[name] = reached.get(name, 0.0) + delivered
        lane.pollers.in_use = min(used, allowed)

    def _slowed(self, room: float, mail: bool, average: float) -> float:
        """Worker seconds that are left beside the waiting for a provider that throttles."""
        taken = self._rates[mail] * average
        if room <= taken or self._set.mail.sandbox:
            return room
        return taken + (room - taken) * average / (average + THROTTLED_SECONDS)

    def waiting(self) -> float:
        """Letters in the queue and put back."""
        return sum(lane.line.size for lane in self._lanes.values()) + self.shelved

    def waiting_of(self, name: str) -> float:
        """Of one kind."""
        kind = self.kinds.index(name)
        return sum(self._counts(kind))

    def oldest_seconds(self, at: int) -> float:
        """How long the front of either queue has waited."""
        oldest = [lane.line.oldest() for lane in self._lanes.values()]
        return max((at - came for came in oldest if came is not None), default=0.0)

    def _counts(self, kind: int) -> Iterator[float]:
        for _, count, tagged in self._lanes[self._mail[kind]].line.parcels():
            if tagged % len(self.kinds) == kind:
                yield count
        for _, _, tagged, count in self._shelf:
            if tagged % len(self.kinds) == kind:
                yield count

    def _mail_room(self, at: int) -> float:
        mail = self._set.mail
        if at % 60 == 0:
            self._of_day -= self._by_minute.pop(at // 60 - DAY // 60, 0.0)
        return min(mail.rate, max(0.0, mail.day - self._of_day))

    def _sms_rate(self) -> float:
        return self._set.sms.rate

    def _hand_over(self, at: int, kind: int, count: float) -> float:
        """How many the provider takes in this second."""
        mail = self._mail[kind]
        if mail and self._set.mail.sandbox:
            return count
        taken = min(count, self._rates[mail])
        self._rates[mail] -= taken
        if mail:
            self._of_day += taken
            self._by_minute[at // 60] = self._by_minute.get(at // 60, 0.0) + taken
            ended = self._set.mail.day - self._of_day < 1
            name = "SES daily quota" if ended else "SES rate"
        else:
            name = "SMS rate"
        self._breaks.note(name, at, count - taken)
        return taken

    def _deliver(self, at: int, came: float, kind: int, count: float) -> float:
        """How many of those that the provider took reach people."""
        if count <= 0:
            return 0.0
        name = self.kinds[kind]
        if self._mail[kind] and self._set.mail.sandbox:
            self._lose(at, kind, count, "SES sandbox")
            return 0.0
        if not self._mail[kind]:
            each = price("sms_sns" if self._set.sms.provider == "sns" else "sms_gateway")
            payable = max(0.0, (self._set.sms.spend - self._spent) / each)
            if count > payable:
                self._lose(at, kind, count - payable, "SNS spend")
                count = payable
            self._spent += count * each
        self.sent[name] += count
        self.waits[name].add(at - came + self._weights[kind], count)
        return count

    def _put_back(self, at: int, came: float, kind: int, tries: int, count: float) -> None:
        if count <= 1e-9:
            return
        if tries >= MOST_TRIES:
            self._lose(at, kind, count, "letters given up")
            return
        due = at + pause(tries) / SECOND
        heapq.heappush(self._shelf, (due, came, kind + tries * len(self.kinds), count))
        self.shelved += count

    def _tick(self, at: int) -> None:
        """Queue what has been due for a minute, so much of it as a tick takes."""
        room = float(len(PARTS) * PER_PART)
        while room > 1e-9 and self._shelf and self._shelf[0][0] <= at - SWEEP_AFTER:
            due, came, tagged, count = heapq.heappop(self._shelf)
            taken = min(count, room)
            room -= taken
            self.shelved -= taken
            lane = self._lanes[self._mail[tagged % len(self.kinds)]]
            lane.line.join(came, taken, tagged)
            if count > taken:
                heapq.heappush(self._shelf, (due, came, tagged, count - taken))

    def _lose(self, at: int, kind: int, count: float, reason: str) -> None:
        self.lost[self.kinds[kind]] += count
        self._breaks.note(reason, at, count)


class Judges:
    """Photos, from S3's event to the verdict."""

    def __init__(self, settings: Settings, costs: dict[str, Cost]) -> None:
        self.kinds = tuple(costs)
        self._weights = [cost.seconds for cost in costs.values()]
        self.line = Line()
        self.pollers = Pollers(settings.photos.most_at_once)
        self.waits = {name: Waits() for name in self.kinds}
        self.judged: dict[str, float] = defaultdict(float)

    def take(self, at: int, kind: int, count: float) -> None:
        """Photos have arrived in S3."""
        self.line.join(at, count, kind)

    def work(self, at: int, allowed: float) -> dict[str, float]:
        """One second of the worker; verdicts by name."""
        room = self.pollers.room(self.line.size * max(self._weights), allowed)
        done: dict[str, float] = {}
        used = 0.0
        for came, count, kind in self.line.leave(room, self._weights):
            name = self.kinds[kind]
            used += count * self._weights[kind]
            self.waits[name].add(at - came + self._weights[kind], count)
            self.judged[name] += count
            done[name] = done.get(name, 0.0) + count
        self.pollers.in_use = used
        return done

    def waiting_of(self, name: str) -> float:
        """Photos of one kind without a verdict."""
        kind = self.kinds.index(name)
        return sum(count for _, count, each in self.line.parcels() if each == kind)
