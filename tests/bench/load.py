"""Load by seed, in this process: how many requests a core carries, by route.

A crowd takes the whole way through the three functions behind Zappa's handler, each person one
request at a time and in turns that chance deals, on tables in memory. So the processor's time is
ours alone, with the real cost of passwords; what boto3 takes for the calls is added from
boto_calls.py. Memory is seen in a second crowd, since looking at it costs time; calls and units on
counting ports.
"""

from __future__ import annotations

import random
import tracemalloc
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from ops.opening.measured import LIKE
from tests.bench import boto_calls
from tests.bench.budget import Cost, cost_of
from tests.bench.counted import Meter
from tests.bench.counted_stage import Stage, way

# People whose memory is looked at, and who are on their way at the same time.
TRACED, AT_ONCE = 3, 25


@dataclass(frozen=True)
class Route:
    """One route or message under load; milliseconds of the processor, KiB at most at a time."""

    name: str
    requests: int
    mean: float
    half: float
    most: float
    boto: float
    kib: float
    cost: Cost

    @property
    def a_second(self) -> float:
        """Requests a second that one core carries, boto3 with them."""
        return 1000 / (self.mean + self.boto)

    def told(self) -> str:
        """One line of a table."""
        return (
            f"{self.name:46} {self.requests:5} {self.a_second:7.0f} {self.half:7.2f} "
            f"{self.most:7.2f} {self.boto:6.2f} {self.kib:7.0f} {self.cost.calls:5} "
            f"{self.cost.reads:5} {self.cost.writes:6}"
        )


HEADER = (
    f"{'route or message':46} {'count':>5} {'/s core':>7} {'p50 ms':>7} {'p99 ms':>7} "
    f"{'boto':>6} {'KiB':>7} {'calls':>5} {'reads':>5} {'writes':>6}"
)


class TracedStage(Stage):
    """A stage that notes the most memory which each request held at a time, beyond what was held
    before it."""

    def __init__(self) -> None:
        super().__init__(counting=False)
        self.peaks: dict[str, list[int]] = defaultdict(list)

    def timed(self, name: str, function: str, work: Callable[[], Any]) -> Any:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        done = work()
        _, peak = tracemalloc.get_traced_memory()
        self.peaks[name].append(peak - before)
        return done


def crowd(stage: Stage, people: int, seed: int) -> None:
    """So many people go all the way, a few at a time; the same seed is the same order."""
    chance = random.Random(f"load {seed}")
    numbers = chance.sample(range(1, 100_000), people)
    here = [way(stage, number) for number in numbers[:AT_ONCE]]
    later = numbers[AT_ONCE:]
    while here:
        one = chance.choice(here)
        if next(one, None) is None:
            here.remove(one)
            if later:
                here.append(way(stage, later.pop()))


def measure(people: int, seed: int) -> list[Route]:
    """Every route of the way, the dearest for the processor first."""
    stage = Stage(counting=False)
    crowd(stage, 1, seed - 1)  # what is done once in a process
    stage.seen.clear()
    crowd(stage, people, seed)
    memory, counted = traced(seed), Stage()
    crowd(counted, 1, seed)
    boto = boto_calls.millis()
    found = []
    for name, seen in stage.seen.items():
        meter = counted.seen[name].meters[-1]
        found.append(
            Route(
                name=name,
                requests=len(seen.millis),
                mean=fmean(seen.millis),
                half=median(seen.millis),
                most=percentile(seen.millis, 0.99),
                boto=boto_millis(meter, boto),
                kib=memory[name] / 1024,
                cost=cost_of(meter),
            )
        )
    return sorted(found, key=lambda route: route.a_second)


def traced(seed: int) -> dict[str, float]:
    """{route: bytes that a request holds at most}, the median of some."""
    stage = TracedStage()
    tracemalloc.start()
    try:
        crowd(stage, 1, seed - 1)
        stage.peaks.clear()
        crowd(stage, TRACED, seed)
    finally:
        tracemalloc.stop()
    return {name: median(peaks) for name, peaks in stage.peaks.items()}


def boto_millis(meter: Meter, boto: dict[str, float]) -> float:
    """What boto3 takes of the processor for these calls."""
    return sum(number * boto[LIKE.get(call, call)] for call, number in meter.calls.items())


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def lines(people: int, seed: int) -> Iterator[str]:
    """The table, and what one applicant takes of a core in all."""
    routes = measure(people, seed)
    yield f"{people} people, seed {seed}, in this process"
    yield HEADER
    for route in routes:
        yield route.told()
    seconds = sum(r.requests * (r.mean + r.boto) for r in routes) / people / 1000
    yield f"one applicant, letters with them, photos not: {seconds:.2f} s of a core"
