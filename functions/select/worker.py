"""The event side of select: the schedule, and what its state machine calls."""

from __future__ import annotations

from typing import Any

from functions.cloud.runtime import Runtime, current
from functions.select.aftermath import tend
from functions.select.phases import advance_all
from functions.select.shards import do_end, do_shard
from functions.select.turn import Outside, outside_of

# Each waits for DynamoDB most of its time; a processor is busy with about as many.
AT_ONCE = 8


def on_tick(event: dict[str, Any], context: Any) -> None:
    """The schedule, every minute; late, early or three times at once does no harm."""
    handle_tick(current())


def on_shard(event: dict[str, Any], context: Any) -> None:
    """One shard of a phase: {wave, phase, fence, shard}."""
    runtime = current()
    handle_shard(runtime, _outside(runtime), event)


def on_end(event: dict[str, Any], context: Any) -> None:
    """The end of a phase, when every shard had its turn: {wave, phase, fence}."""
    runtime = current()
    handle_end(runtime, _outside(runtime), event)


def handle_tick(runtime: Runtime) -> None:
    """Take every due wave as far as it can go now, then see to those that are over."""
    try:
        _advance(runtime)
    finally:
        tend(runtime)


def _advance(runtime: Runtime) -> None:
    advance_all(runtime, _outside(runtime))


def handle_shard(runtime: Runtime, outside: Outside, event: dict[str, Any]) -> None:
    """Do the step of one shard. Raises StepBlocked or StepUnfinished when it is not done."""
    wave, phase, fence = _named(event)
    do_shard(runtime, outside, wave, phase, fence, int(event["shard"]))


def handle_end(runtime: Runtime, outside: Outside, event: dict[str, Any]) -> None:
    """End a phase and go on. Raises StepBlocked when shards are left."""
    do_end(runtime, outside, *_named(event))


def _named(event: dict[str, Any]) -> tuple[int, str, int]:
    return int(event["wave"]), str(event["phase"]), int(event["fence"])


def _outside(runtime: Runtime) -> Outside:
    return outside_of(runtime.config, AT_ONCE)
