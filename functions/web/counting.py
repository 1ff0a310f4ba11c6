"""Counting against the limits of programme/limits.py.

A counter's key holds the number of its window; whether it still counts is decided
by that number and never by the table's clean-up, which may be days late. A backoff's item
holds the time at which it ends, and that is compared.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy, ConditionFailed, Delete, Update, equals, missing
from functions.programme.limits import (
    BREAKER_PARTS,
    MAIL_BY_MAILBOX,
    MAIL_IN_ALL,
    Backoff,
    Limit,
    pause_after,
    window_of,
)
from functions.programme.times import DAY, SECOND
from functions.web.errors import ApiError, TooMany

# Randomness that decides whether a request is counted.
DRAW_BYTES = 2
# Parallel tries of one subject that follow one another; the rest come back in a second.
TRIES_AT_ONCE = 5

log = logging.getLogger("gelombang.limits")


def spend(runtime: Runtime, limit: Limit, subject: str) -> None:
    """Count one use. Raises TooMany when the limit was already reached.

    Counts before deciding, in one atomic write, so that parallel requests cannot pass
    together. If the table cannot be written, the error goes up: no count, no deed. Of a limit that
    is counted by samples most uses only look; of those that run side by side some more may pass.
    """
    if _drawn(runtime, limit):
        full = count(runtime, limit, subject) > limit.count
    else:
        full = reached(runtime, limit, subject)
    if full:
        raise _too_many(runtime, limit)


def _drawn(runtime: Runtime, limit: Limit) -> bool:
    """Whether this use is one that is counted."""
    draw = int.from_bytes(runtime.random(DRAW_BYTES), "big") if limit.sample > 1 else 0
    return draw % limit.sample == 0


def spend_breaker(runtime: Runtime, limit: Limit, subject: str) -> None:
    """Count one use of what all share, in the part that the subject falls into. Raises TooMany."""
    part = int(runtime.vault.mac("limit", subject), 16) % BREAKER_PARTS
    spend(runtime, replace(limit, count=limit.count // BREAKER_PARTS), f"part {part}")


def spend_mail(runtime: Runtime, mailbox: str) -> None:
    """Count one mail that someone asked for: by the mac of its mailbox, then among all."""
    spend(runtime, MAIL_BY_MAILBOX, mailbox)
    spend_breaker(runtime, MAIL_IN_ALL, mailbox)


@contextmanager
def failures(runtime: Runtime, limit: Limit, subject: str) -> Iterator[None]:
    """Count what is refused within, which raises ApiError; who succeeds costs a read.

    For what something else bounds exactly, such as the tries of a code. Raises TooMany, before
    anything is done, when the limit is reached.
    """
    _demand_room(runtime, limit, subject)
    try:
        yield
    except ApiError:
        count(runtime, limit, subject)
        raise


@contextmanager
def failures_if_counted(runtime: Runtime, limit: Limit, subject: str) -> Iterator[None]:
    """As `failures`, for what must not stop when the counters do: it is let through uncounted."""
    with _unless_down(limit):
        _demand_room(runtime, limit, subject)
    try:
        yield
    except ApiError:
        with _unless_down(limit):
            count(runtime, limit, subject)
        raise


def _demand_room(runtime: Runtime, limit: Limit, subject: str) -> None:
    if reached(runtime, limit, subject):
        raise _too_many(runtime, limit)


@contextmanager
def _unless_down(limit: Limit) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError, Busy) as error:
        log.warning("limit %s is not counted: %s", limit.name, type(error).__name__)


def count(runtime: Runtime, limit: Limit, subject: str) -> int:
    """Count one use, of a sampled limit a sample's worth; return how many in this window."""
    number, end = window_of(limit, runtime.clock())
    item = runtime.tables.update(
        Update(
            "limits",
            _key(runtime, limit.name, subject, number),
            set={"expires": (end + DAY) // SECOND},
            add={"count": limit.sample},
        )
    )
    return int(item["count"])


def reached(runtime: Runtime, limit: Limit, subject: str) -> bool:
    """Whether the limit is reached, without counting."""
    number, _ = window_of(limit, runtime.clock())
    item = runtime.tables.get("limits", _key(runtime, limit.name, subject, number))
    return item is not None and item["count"] >= limit.count


def cleared(runtime: Runtime, limit: Limit, subject: str) -> Delete:
    """The action that forgets what was counted in this window."""
    number, _ = window_of(limit, runtime.clock())
    return Delete("limits", _key(runtime, limit.name, subject, number))


def take_try(runtime: Runtime, backoff: Backoff, subject: str) -> int:
    """Take one try, before it is known whether it is right; returns how many there are now. Raises
    TooMany during a pause.

    Each try is written on the condition that the one before it is the last, so that of many at
    once no more are let through than one after another.
    """
    key, mark = _key(runtime, backoff.name, subject, 0), runtime.random(8).hex()
    for _ in range(TRIES_AT_ONCE):
        now, item = runtime.clock(), runtime.tables.get("limits", key)
        if item is not None and now < item["until_at"]:
            log.info("backoff %s", backoff.name)
            raise TooMany("too_many", -(-(item["until_at"] - now) // SECOND))
        tries = 1 + (item["count"] if item is not None and now < item["ends_at"] else 0)
        ends_at = now + backoff.forgotten
        taken = Update(
            "limits",
            key,
            set={
                "count": tries,
                "until_at": now + pause_after(backoff, tries),
                "ends_at": ends_at,
                "by": mark,
                "expires": (ends_at + DAY) // SECOND,
            },
            add={"turn": 1},
            when=missing("limit") if item is None else equals("turn", item["turn"]),
        )
        try:
            runtime.tables.write(taken)
        except ConditionFailed as error:
            if (error.failed[0] or {}).get("by") != mark:
                continue  # not our own write, whose answer was lost
        return tries
    raise TooMany("too_many", 1)


def forgive(runtime: Runtime, backoff: Backoff, subject: str, tries: int) -> None:
    """Forget the tries: the last was right. A first one, where more are free, may stand."""
    if tries > 1 or backoff.free == 1:
        runtime.tables.write(Delete("limits", _key(runtime, backoff.name, subject, 0)))


def _key(runtime: Runtime, name: str, subject: str, window: int) -> dict[str, str]:
    return {"limit": f"{name}#{runtime.vault.mac('limit', subject)}#{window}"}


def _too_many(runtime: Runtime, limit: Limit) -> TooMany:
    """The refusal, told in the log; the alarms of the template listen for the breakers'."""
    log.warning("limit %s is reached", limit.name)
    _, end = window_of(limit, runtime.clock())
    return TooMany(limit.code, max(1, (end - runtime.clock()) // SECOND))
