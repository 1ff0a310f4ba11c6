"""The same load over HTTP on the local stack, from several people at once.

moto stands for AWS there and takes most of the time, in one process: so this says whether all
answers are right while many ask, and how long they wait on one machine; nothing of AWS.
"""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from statistics import median
from typing import Any

from functions.programme.ability_test import QUESTIONS
from local import settings
from local.applicants import DISTRICTS, Person
from local.cards.person import invented_person
from tests.bench.journey_calls import route_of
from tests.bench.load import percentile
from tests.local.stack import running_stack
from tests.soak.client import Answer, Client
from tests.soak.visitor import Town, Visitor

AT_ONCE = 4
# A code comes by mail or SMS within some seconds; so often it is looked for.
LOOKS, LOOK_SECONDS = 120, 0.5
READS = ("verify/me", "select/waves", "select/entries")


class TimedClient(Client):
    """Notes how long each answer took, by route, and which were refusals."""

    def __init__(self, where: settings.Place) -> None:
        super().__init__(where)
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.refused: list[str] = []
        self._timed = threading.Lock()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        cookies: Mapping[str, str] | None = None,
    ) -> Answer:
        started = time.perf_counter()
        answer = super().ask(method, path, body, cookies)
        route = route_of(method, f"/api/{path}") or path
        with self._timed:
            self.seconds[route].append(time.perf_counter() - started)
            if not 200 <= answer.status < 300:
                self.refused.append(f"{route}: {answer.status}")
        return answer


def person(chance: random.Random) -> Person:
    """An invented one, by seed."""
    card = invented_person(chance.randrange(10**6))
    kk = f"{card.nik[:6]}0101209{card.nik[-3:]}"
    born: date = card.birth_date
    return Person(card.name, card.nik, kk, born, card.sex, chance.choice(DISTRICTS))


def go(town: Town, one: Person, choices: list[int]) -> bool:
    """One person's way but photos and wave; whether every step was acknowledged."""
    visitor = Visitor(town, one)
    steps = (
        visitor.register,
        visitor.confirm,
        visitor.ask_for_phone_code,
        visitor.prove_phone,
        visitor.give_identity,
        partial(visitor.give_profile, 1),
        visitor.declare,
        partial(visitor.take_test, choices),
        *(partial(visitor.read, path) for path in READS),
    )
    for step in steps:
        for _ in range(LOOKS):
            if step():
                break
            time.sleep(LOOK_SECONDS)
        else:
            return False
    return True


def lines(people: int, seed: int) -> Iterator[str]:
    """Waits by route, and what was refused; the last line ends with BROKEN if anything was."""
    chance = random.Random(f"stack {seed}")
    crowd = [person(chance) for _ in range(people)]
    choices = [[chance.randrange(4) for _ in range(QUESTIONS)] for _ in crowd]
    with running_stack() as origin:
        client = TimedClient(settings.place(int(origin.rsplit(":", 1)[1])))
        town, started = Town(client), time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(partial(go, town), crowd, choices))
        lasted = time.perf_counter() - started
    asked = sum(map(len, client.seconds.values()))
    yield f"{people} people, {AT_ONCE} at a time, seed {seed}, on the local stack (moto)"
    yield f"{'route':46} {'count':>5} {'p50 s':>7} {'p99 s':>7}"
    for route, seconds in sorted(client.seconds.items(), key=lambda each: -median(each[1])):
        most = percentile(seconds, 0.99)
        yield f"{route:46} {len(seconds):5} {median(seconds):7.2f} {most:7.2f}"
    for refused in client.refused:
        yield f"refused: {refused}"
    end = "" if all(done) else ": BROKEN"
    yield f"{asked} requests in {lasted:.0f} s, {sum(done)} of {people} came through{end}"
