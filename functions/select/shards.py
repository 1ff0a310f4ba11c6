"""What the state machine calls: the step of one shard, and the end of a phase.

Both work under the fence that the machine was started with. A machine that was given up, that
runs twice, or whose call comes days late, finds another fence or phase and does nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from functions.cloud.runtime import Runtime
from functions.select import announcing, freezing
from functions.select.lease import LeaseLost, adopt
from functions.select.phases import advance
from functions.select.turn import TURN, Outside, Turn

log = logging.getLogger("gelombang.select.shards")

# Of each phase that goes through the shards: the step of one of them, which is safe to repeat and
# goes on where it was left; and the end, which moves the wave on if every shard is done.
SHARD_STEPS: dict[str, Callable[[Turn, int], None]] = {
    "closed": freezing.freeze_shard,
    "drawn": announcing.announce_shard,
}
ENDS: dict[str, Callable[[Turn], None]] = {
    "closed": freezing.end,
    "drawn": announcing.end,
}


def do_shard(
    runtime: Runtime, outside: Outside, wave: int, phase: str, fence: int, shard: int
) -> None:
    """The step of one shard. Raises StepBlocked or StepUnfinished when it is not done."""
    turn = _turn(runtime, outside, wave, phase, fence)
    if turn is None:
        return
    try:
        SHARD_STEPS[phase](turn, shard)
    except LeaseLost as error:
        log.info("wave %s: shard %s left to another run: %s", wave, shard, error)


def do_end(runtime: Runtime, outside: Outside, wave: int, phase: str, fence: int) -> None:
    """End the phase, and go on with the next at once. Raises StepBlocked if shards are left."""
    turn = _turn(runtime, outside, wave, phase, fence)
    if turn is not None:
        try:
            ENDS[phase](turn)
        except LeaseLost as error:
            log.info("wave %s: left to another run: %s", wave, error)
    item = runtime.tables.get("waves", {"wave": wave})
    if item is not None and item["phase"] != phase:
        advance(runtime, outside, item)


def _turn(runtime: Runtime, outside: Outside, wave: int, phase: str, fence: int) -> Turn | None:
    lease = adopt(runtime, wave, phase, fence)
    if lease is None:
        log.info("wave %s: not in phase %s under fence %s any more", wave, phase, fence)
        return None
    return Turn(lease, outside, ends_at=runtime.clock() + TURN)
