"""The event side of select: the schedule that takes waves through their phases."""

from __future__ import annotations

from typing import Any

from functions.cloud.runtime import Runtime, current
from functions.select.phases import advance_all
from functions.select.turn import outside_of

# Each waits for DynamoDB most of its time; boto3 keeps ten connections by default.
SHARDS_AT_ONCE = 8


def on_tick(event: dict[str, Any], context: Any) -> None:
    """The schedule, every minute; late, early or three times at once does no harm."""
    handle_tick(current())


def handle_tick(runtime: Runtime) -> None:
    """Take every due wave as far as it can go now."""
    advance_all(runtime, outside_of(runtime.config, SHARDS_AT_ONCE))
