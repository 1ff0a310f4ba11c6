"""The journey as the simulation sees it: steps, what each asks of functions, what it starts.

Which requests the site makes, and how often, comes from service_times.json; here they are only put
into the step in which they happen. A request of the site that no step has is an error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ops.opening.measured import Cost, Measured

V, U, S = "/api/verify", "/api/upload", "/api/select"
ANSWER = f"PUT {V}/test/answers/<int:number>"
PHOTO_ROUTES = (
    f"GET {U}/photos",
    f"POST {U}/photos",
    f"GET {U}/photos/<photo>",
)


@dataclass(frozen=True)
class Step:
    """One thing that a person does.

    name      as in the report
    routes    its requests, key request last; `me` counts GET /me
    after     what has to come first: a step's name, or the message that has to arrive
    pause     seconds that a person takes before it, evenly between the two
    share     of those who have come so far, how many do it (the six days of April 2020)
    """

    name: str
    routes: tuple[str, ...]
    me: int
    after: str
    pause: tuple[float, float]
    share: float


STEPS = (
    Step("register", (f"GET {S}/waves", f"POST {V}/accounts"), 0, "", (0, 0), 1.0),
    Step(
        "confirm",
        (f"GET {V}/email", f"POST {V}/email/confirm"),
        0, "mail confirm_email", (15, 240), 0.7424,
    ),
    Step("log in", (f"GET {S}/entries", f"POST {V}/sessions"), 1, "confirm", (10, 60), 1.0),
    Step("phone", (f"POST {V}/phone",), 0, "log in", (10, 120), 0.95),
    Step("phone code", (f"POST {V}/phone/confirm",), 0, "sms phone_code", (8, 60), 0.98),
    Step("data", (f"PUT {V}/identity",), 0, "phone code", (180, 600), 0.80),
    Step("ktp", PHOTO_ROUTES, 0, "data", (30, 180), 0.95),
    Step("selfie", PHOTO_ROUTES, 0, "photo ktp", (30, 180), 0.95),
    Step(
        "declare",
        (f"GET {V}/test", f"POST {V}/test", f"PUT {V}/declaration"),
        0, "photo selfie", (30, 120), 0.95,
    ),
    Step("answers", (ANSWER,), 0, "declare", (120, 900), 0.97),
    Step("finish test", (f"POST {V}/test/submit",), 0, "answers", (5, 30), 1.0),
    Step(
        "join",
        (f"GET {S}/entries", f"POST {S}/waves/<int:wave>/entry"),
        1, "finish test", (10, 120), 0.95,
    ),
)  # fmt: skip
# What a step, once done, puts into the queues.
STARTS = {
    "register": "mail confirm_email",
    "phone": "sms phone_code",
    "ktp": "photo ktp",
    "selfie": "photo selfie",
    "join": "mail joined",
}
ME = f"GET {V}/me"


class JourneyChanged(Exception):
    """The site asks for what no step knows of."""


@dataclass(frozen=True)
class Load:
    """What one person's step asks for.

    requests   of API Gateway
    calls      by function
    busy       seconds of a function, by function
    reads, writes   units by table
    """

    requests: float
    calls: dict[str, float] = field(default_factory=dict)
    busy: dict[str, float] = field(default_factory=dict)
    reads: dict[str, float] = field(default_factory=dict)
    writes: dict[str, float] = field(default_factory=dict)


def counts_by_step(measured: Measured) -> dict[str, Counter[str]]:
    """{step: {route: how often}}; the sums are what the site asks. Raises JourneyChanged."""
    asked = Counter(measured.journey)
    places: dict[str, list[str]] = {}
    for step in STEPS:
        for route in step.routes:
            places.setdefault(route, []).append(step.name)
    unknown = set(asked) - set(places) - {ME}
    if unknown:
        raise JourneyChanged(", ".join(sorted(unknown)))
    counts: dict[str, Counter[str]] = {step.name: Counter() for step in STEPS}
    for route, number in asked.items():
        steps = _spread_me() if route == ME else places[route]
        for place in range(number):
            counts[steps[place % len(steps)]][route] += 1
    return counts


def _spread_me() -> list[str]:
    return [step.name for step in STEPS for _ in range(step.me)]


def loads(measured: Measured) -> dict[str, Load]:
    """{step: what one person's step asks for}."""
    counted = counts_by_step(measured)
    return {name: _load(measured, counts) for name, counts in counted.items()}


def _load(measured: Measured, counts: Counter[str]) -> Load:
    load = Load(requests=sum(counts.values()))
    for route, number in counts.items():
        cost = measured.cost(route)
        _add(load.calls, cost.function, number)
        _add(load.busy, cost.function, number * cost.seconds)
        _add_all(load, cost, number)
    return load


def _add_all(load: Load, cost: Cost, number: float) -> None:
    for table, each in cost.reads.items():
        _add(load.reads, table, number * each)
    for table, each in cost.writes.items():
        _add(load.writes, table, number * each)


def _add(sums: dict[str, float], name: str, more: float) -> None:
    sums[name] = sums.get(name, 0) + more
