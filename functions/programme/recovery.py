"""Recovery: who has lost the phone or the mailbox of an account, and convinced two operators."""

from __future__ import annotations

from functions.programme.times import DAY, HOUR

# What can be lost.
LOST = ("phone", "mailbox")
# The old address is told at once and has so long to object before anything changes.
WAIT = 48 * HOUR
# A request that nobody confirmed by then has to be made anew.
OPEN = 14 * DAY


def refusal(asked_at: int, now: int) -> str | None:
    """Why a request cannot be confirmed now, or None: `too_early`, `too_late`."""
    if now < asked_at + WAIT:
        return "too_early"
    return None if now < asked_at + OPEN else "too_late"
