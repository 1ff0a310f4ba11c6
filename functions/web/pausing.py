"""Pausing: which requests a flag stops, and how they are answered.

What only reads is never stopped. The code is `busy`, whose sentence the site has on every page: the
service is full or paused, nothing was changed, and it says when to come back.
"""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.programme.flags import FLAGS
from functions.programme.times import SECOND
from functions.web.access import ACCESS
from functions.web.errors import Unavailable

Route = tuple[str, str]

# Read-only lets people in and out, and lets an owner stop a thief.
STILL_WRITE: frozenset[Route] = frozenset(
    {
        ("POST", "/api/verify/sessions"),
        ("DELETE", "/api/verify/sessions"),
        ("POST", "/api/verify/recovery/stop"),
    }
)
STOPS: dict[str, frozenset[Route]] = {
    "registrations": frozenset({("POST", "/api/verify/accounts")}),
    "sms": frozenset({("POST", "/api/verify/phone"), ("POST", "/api/verify/phone/code")}),
    "read_only": frozenset(route for route in ACCESS if route[0] != "GET") - STILL_WRITE,
}
# Whoever is told a time comes back within so long after it, not all at once.
SPREAD = 60 * SECOND


class Paused(Unavailable):
    """Operators have stopped this for a while; nothing was changed."""

    def __init__(self, flag: str, seconds: int):
        super().__init__("busy", seconds)
        self.params["paused"] = flag


def check(runtime: Runtime, route: Route) -> None:
    """Raises Paused when a flag stops this route."""
    if route[0] == "GET":
        return
    for name in FLAGS:
        if route not in STOPS.get(name, ()):
            continue
        if found := runtime.flags.running(name):
            left = found["until_at"] - runtime.clock()
            chance = int.from_bytes(runtime.random(4)) % SPREAD
            raise Paused(name, -(-(left + chance) // SECOND))
