"""What one applicant costs from the landing page to the joined wave: requests, calls to AWS, units.

How often the site asks each route is counted in a real browser (journey_calls.py, kept in
ops/opening/service_times.json); what a request costs, on counting ports (counted_stage.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ops.opening.measured import measured
from tests.bench.counted import Meter
from tests.bench.counted_stage import ANSWERS, Stage, travel

# What was aimed at, without photos and the answers of the test.
AIM_REQUESTS, AIM_WRITES = 20, 45
# What is kept, and may not rise.
MOST_REQUESTS, MOST_WRITES = 16, 44.6875
V, U, S = "/api/verify", "/api/upload", "/api/select"
# Parts of the way in their order, by their routes; what stands in none of them is reading.
PARTS = {
    "account, mailbox, log-in": (
        f"POST {V}/accounts",
        f"GET {V}/email",
        f"POST {V}/email/confirm",
        f"POST {V}/sessions",
    ),
    "phone": (f"POST {V}/phone", f"POST {V}/phone/confirm"),
    "identity with profile, declaration": (
        f"PUT {V}/identity",
        f"PUT {V}/profile",
        f"PUT {V}/declaration",
    ),
    "test, without its answers": (f"GET {V}/test", f"POST {V}/test", f"POST {V}/test/submit"),
    "joining": (f"POST {S}/waves/<int:wave>/entry",),
}
READING = "reading"
APART = {
    "answers of the test": (f"PUT {ANSWERS}",),
    "photos, asked for and looked at": (
        f"GET {U}/photos",
        f"POST {U}/photos",
        f"GET {U}/photos/<photo>",
    ),
}


@dataclass(frozen=True)
class Cost:
    """What some requests take."""

    requests: int = 0
    calls: int = 0
    reads: int = 0
    writes: float = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.requests + other.requests,
            self.calls + other.calls,
            self.reads + other.reads,
            self.writes + other.writes,
        )

    def times(self, number: int) -> Cost:
        """So many of them."""
        whole = (number * one for one in (self.requests, self.calls, self.reads))
        return Cost(*whole, number * self.writes)


def cost_of(meter: Meter) -> Cost:
    """One request, by what the ports counted."""
    written = sum(meter.written.values()) + meter.indexed.total()
    return Cost(1, meter.calls.total(), meter.read.total(), written)


def by_route() -> dict[str, Cost]:
    """{route or message: cost} of the last of each on one applicant's way, photos given.

    Of the second applicant: the first finds nothing remembered in the process.
    """
    stage = Stage()
    travel(stage, 1)
    stage.seen.clear()
    travel(stage, 2)
    return {name: cost_of(seen.meters[-1]) for name, seen in stage.seen.items()}


def part_of(route: str) -> str:
    """The part of the way that a route belongs to."""
    parts = {**PARTS, **APART}
    return next((part for part, routes in parts.items() if route in routes), READING)


def by_part(journey: Mapping[str, int], costs: Mapping[str, Cost]) -> dict[str, Cost]:
    """{part: cost}, every part in its order, those that count apart last."""
    found = {part: Cost() for part in (*PARTS, READING, *APART)}
    for route, number in journey.items():
        found[part_of(route)] += costs[route].times(number)
    return found


def counted(parts: Mapping[str, Cost]) -> Cost:
    """What the budget is for: all but photos and answers."""
    return sum((cost for part, cost in parts.items() if part not in APART), Cost())


def known_costs() -> dict[str, Cost]:
    """{route: cost} of what the ride of this module does not ask, as it was measured last."""
    found = {}
    for name, route in measured().raw["routes"].items():
        written = sum(route["write_units"].values()) + sum(route["index_units"].values())
        reads = sum(route["read_units"].values())
        found[name] = Cost(1, sum(route["calls"].values()), reads, written)
    return found


def lines(journey: Mapping[str, int]) -> Iterator[str]:
    """The table by route, by part, and the budget."""
    costs = {**known_costs(), **by_route()}
    yield f"{'route':48} {'times':>5} {'calls':>5} {'reads':>5} {'writes':>6}   each"
    for route in sorted(journey, key=lambda one: (-costs[one].times(journey[one]).writes, one)):
        each = costs[route]
        yield f"{route:48} {_numbers(each.times(journey[route]))}   {each.writes:.4g}"
    yield ""
    parts = by_part(journey, costs)
    for part, cost in parts.items():
        yield f"{part:48} {_numbers(cost)}"
    total = counted(parts)
    yield f"{'without photos and answers':48} {_numbers(total)}"
    yield (
        f"aimed at {AIM_REQUESTS} requests and {AIM_WRITES} write units; "
        f"held to {MOST_REQUESTS} and {MOST_WRITES}{'' if kept(total) else ': MISSED'}"
    )


def kept(total: Cost) -> bool:
    """Whether the count has not risen."""
    return total.requests <= MOST_REQUESTS and total.writes <= MOST_WRITES


def _numbers(cost: Cost) -> str:
    return f"{cost.requests:5} {cost.calls:5} {cost.reads:5} {cost.writes:6.1f}"
