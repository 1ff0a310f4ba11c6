"""Weather: what may happen to any call of a port, by chance and by a seed.

A port of the fakes then answers as the real one does when its cloud is throttled, when an answer
is lost after the write went through, or when the library has repeated a call by itself. Others
may come in between two calls, and a worker may die at one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError, ConnectionClosedError

from functions.cloud.mail import SendFailed
from functions.cloud.queues import QueueRefused
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy
from tests.faults.fuse import PORTS, Call, Fused, Killed

# What a client meets in bad weather and answers by trying again.
PASSING = (Busy, ClientError, ConnectionClosedError, QueueRefused, SendFailed)
SENDERS = ("mailer", "sms")
# What the library repeats by itself when an answer was lost: the second answer is what is seen.
REPEATED = ("tables", "files", "queues", "machines")


@dataclass(frozen=True)
class Climate:
    """How likely each fault is at a call, in the order in which they are looked at.

    `refused`: throttled before anything was done. `lost`: done, and no answer. `twice`: done two
    times. `short`: a worker's read of a gate's entries lacks one. `met`: someone else works first.
    `killed`: the worker is dead.
    """

    refused: float = 0.0
    lost: float = 0.0
    twice: float = 0.0
    short: float = 0.0
    met: float = 0.0
    killed: float = 0.0


CALM = Climate()
ROUGH = Climate(refused=0.01, lost=0.02, twice=0.03, short=0.02, met=0.06, killed=0.004)
STORM = Climate(refused=0.01, lost=0.01, twice=0.02, short=0.01, met=0.02, killed=0.002)

# Some calls are few and matter most: where a worker is about to move a wave, others meet it more
# often; and of all reads those of a gate's entries alone can come short.
MEETING_PLACE, SHORT_READ = 6, 8


class Weather:
    """The hands through which every call of a runtime goes. `counts` is what has happened."""

    def __init__(self, seed: int | str, climate: Climate = CALM):
        self.climate = climate
        self.counts: Counter[str] = Counter()
        self.calls = 0
        self.dead = False
        # What others may do while a call is under way.
        self.meanwhile: Callable[[], None] | None = None
        self._others_work = False
        self._random = random.Random(f"weather {seed}")

    def around(self, runtime: Runtime, ports: tuple[str, ...] = PORTS) -> Runtime:
        """The same runtime, out in this weather."""
        return replace(
            runtime, **{name: Fused(getattr(runtime, name), self, name) for name in ports}
        )

    @contextmanager
    def turned(self, climate: Climate) -> Iterator[None]:
        """Another climate for a while."""
        before, self.climate = self.climate, climate
        try:
            yield
        finally:
            self.climate = before

    def survived(self, work: Callable[[], Any]) -> bool:
        """Let a worker do something; whether it lived. What the weather did to it is no error."""
        try:
            work()
        except Killed:
            self.dead = False
            return False
        except PASSING:
            self.counts["given up"] += 1
        return True

    def take(self, call: Call) -> Any:
        if self.dead:
            raise Killed
        self.calls += 1
        drawn = self._random.random()
        for kind, chance in vars(self.climate).items():
            chance *= _likelier(kind, call, self._others_work)
            if drawn < chance:
                return getattr(self, f"_{kind}")(call)
            drawn -= chance
        return call.work()

    def _refused(self, call: Call) -> Any:
        self.counts[f"refused {call.port}"] += 1
        raise _refusal(call)

    def _lost(self, call: Call) -> Any:
        if not call.writes or call.port == "vault":
            return call.work()
        self.counts[f"lost {call.port}"] += 1
        call.work()
        if call.port in SENDERS:
            raise SendFailed("ReadTimeoutError", again=True, unsure=True)
        raise ConnectionClosedError(endpoint_url=call.port)

    def _twice(self, call: Call) -> Any:
        # A count may be lost or doubled (docs/data.md, figures and limits): nothing rests on it.
        if not call.writes or call.port not in REPEATED or call.name == "write_parts":
            return call.work()
        self.counts[f"twice {call.port}"] += 1
        call.work()
        return call.work()

    def _short(self, call: Call) -> Any:
        answer = call.work()
        if call.name != "query" or call.given[0] != "entries" or len(answer) < 2:
            return answer
        self.counts["short"] += 1
        answer.pop(self._random.randrange(len(answer)))
        return answer

    def _met(self, call: Call) -> Any:
        others, before = self.meanwhile, self._others_work
        if others is None:
            return call.work()
        self.counts[f"met at {call.port}.{call.name}"] += 1
        # Who comes in between may be met in turn, where they move the wave; the third is alone.
        self.meanwhile, self._others_work = None if before else others, True
        try:
            with self.turned(replace(self.climate, killed=0.0)), suppress(Exception):
                others()
        finally:
            self.meanwhile, self._others_work = others, before
        return call.work()

    def _killed(self, call: Call) -> Any:
        self.counts["killed"] += 1
        self.dead = True
        if call.writes and self._random.random() < 0.5:
            call.work()
        raise Killed


def _likelier(kind: str, call: Call, others_work: bool) -> int:
    if kind == "met":
        moves = call.name == "update" and getattr(call.given[0], "table", "") == "waves"
        return MEETING_PLACE if moves else int(not others_work)
    return SHORT_READ if kind == "short" and call.name == "query" else 1


def _refusal(call: Call) -> Exception:
    if call.port == "tables":
        return Busy()
    if call.port in SENDERS:
        return SendFailed("Throttling", again=True)
    answer = {"Error": {"Code": "ThrottlingException", "Message": ""}}
    return ClientError(answer, call.name)
