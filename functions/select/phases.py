"""The phases of a wave: which step follows on which, and one turn at each wave in order."""

from __future__ import annotations

import logging
from collections.abc import Callable

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy, Item
from functions.programme.waves import OVER
from functions.select import announcing, closing, drawing, freezing, publishing, runs
from functions.select.lease import LeaseLost, take
from functions.select.turn import TURN, Outside, Turn, outside_of

log = logging.getLogger("gelombang.select.phases")

# A step does all or some of the work of its phase. It returns the turn in the next phase,
# or None when it must wait: for the time, for others, for the next tick, or for the
# state machine that it has set to work on the shards.
Step = Callable[[Turn], Turn | None]
STEPS: dict[str, Step] = {
    "open": closing.close,
    "closed": freezing.freeze,
    "frozen": publishing.publish,
    "roster_published": drawing.draw,
    "drawn": announcing.announce,
}


def advance_all(runtime: Runtime, outside: Outside | None = None) -> None:
    """Take every wave as far as it can go now, those that closed first before the others.

    Safe to call at any time, from several workers, and again after a crash. A wave that
    cannot go on does not hold up the others; the first error is raised when all had a turn.
    """
    outside = outside or outside_of(runtime.config)
    due = [item for item in runtime.tables.scan("waves") if _due(item, runtime.clock())]
    errors: list[Exception] = []
    for item in sorted(due, key=lambda one: (one["closes_at"], one["wave"])):
        try:
            advance(runtime, outside, item)
        except (LeaseLost, Busy) as error:
            log.info("wave %s: left to another turn: %s", item["wave"], error)
        except Exception as error:  # noqa: BLE001
            log.error("wave %s stays %s: %s", item["wave"], item["phase"], _named(error))
            errors.append(error)
    if errors:
        raise errors[0]


def advance(runtime: Runtime, outside: Outside, item: Item) -> None:
    """Take one wave from its phase as far as it can go now."""
    if item["phase"] not in STEPS or runs.waits(runtime, item):
        return
    lease = take(runtime, item["wave"], item["phase"])
    if lease is None:
        return
    turn = Turn(lease, outside, ends_at=runtime.clock() + TURN)
    try:
        with lease.kept():
            while turn.lease.phase in STEPS:
                after = STEPS[turn.lease.phase](turn)
                if after is None:
                    return
                log.info("wave %s is %s", turn.wave, after.lease.phase)
                turn = after
    finally:
        turn.lease.release()


def _due(item: Item, now: int) -> bool:
    if item["phase"] in (*OVER, "planned"):
        return False
    return item["phase"] != "open" or now >= item["closes_at"]


def _named(error: Exception) -> str:
    """An error for the log: only our own messages are known to hold no personal data."""
    ours = type(error).__module__.startswith("functions.")
    return f"{type(error).__name__}: {error}" if ours else type(error).__name__
