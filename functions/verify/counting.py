"""Counting against the limits of programme/limits.py.

A counter's key holds the number of its window; whether it still counts is decided
by that number and never by the table's clean-up, which may be days late.
"""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Put, Update
from functions.programme.limits import Limit, window_of
from functions.programme.times import DAY, SECOND
from functions.web.errors import TooMany

FAMILIAR_FOR = 90 * DAY


def spend(runtime: Runtime, limit: Limit, subject: str) -> None:
    """Count one use. Raises TooMany when the limit was already reached.

    Counts before deciding, in one atomic write, so that parallel requests cannot pass
    together. If the table cannot be written, the error goes up: no count, no deed.
    """
    if count(runtime, limit, subject) > limit.count:
        raise _too_many(runtime, limit)


def count(runtime: Runtime, limit: Limit, subject: str) -> int:
    """Count one use and return how many there are in this window."""
    number, end = window_of(limit, runtime.clock())
    item = runtime.tables.update(
        Update(
            "limits",
            _key(runtime, limit.name, subject, number),
            set={"expires": (end + DAY) // SECOND},
            add={"count": 1},
        )
    )
    return int(item["count"])


def check(runtime: Runtime, limit: Limit, subject: str) -> None:
    """Raise TooMany when the limit is reached, without counting."""
    number, _ = window_of(limit, runtime.clock())
    item = runtime.tables.get("limits", _key(runtime, limit.name, subject, number))
    if item is not None and item["count"] >= limit.count:
        raise _too_many(runtime, limit)


def make_familiar(runtime: Runtime, email_mac: str, address: str) -> None:
    """Remember that the owner of an account has come from this address."""
    until = runtime.clock() + FAMILIAR_FOR
    key = _key(runtime, "familiar", f"{email_mac}|{address}", 0)
    runtime.tables.write(Put("limits", {**key, "until_at": until, "expires": until // SECOND}))


def is_familiar(runtime: Runtime, email_mac: str, address: str) -> bool:
    """Whether the owner of an account has come from this address before."""
    item = runtime.tables.get("limits", _key(runtime, "familiar", f"{email_mac}|{address}", 0))
    return item is not None and runtime.clock() < item["until_at"]


def _key(runtime: Runtime, name: str, subject: str, window: int) -> dict[str, str]:
    return {"limit": f"{name}#{runtime.vault.mac('limit', subject)}#{window}"}


def _too_many(runtime: Runtime, limit: Limit) -> TooMany:
    _, end = window_of(limit, runtime.clock())
    return TooMany(limit.code, max(1, (end - runtime.clock()) // SECOND))
