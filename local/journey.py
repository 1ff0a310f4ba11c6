"""Journeys of the clock: asked for by the web process, made by the worker, minute by minute.

Between now and the end of a journey lies every minute's tick, and each may put messages on
queues that the next one needs; so the clock stops at each minute until all is carried.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from functions.programme.times import DAY, MINUTE
from local.clock import FileClock, write_whole

# A wave that cannot be drawn must not move the clock for ever.
LONGEST = 30 * DAY


@dataclass(frozen=True)
class Journey:
    """`to`: when it ends at the latest (ms).

    `result`: it also ends as soon as the newest wave is over.
    """

    to: int
    result: bool = False


def ask(file: Path, journey: Journey) -> None:
    """Ask the worker for a journey; a new one takes the place of one under way."""
    write_whole(file, json.dumps(asdict(journey)))


def asked(file: Path) -> Journey | None:
    """The journey under way."""
    try:
        return Journey(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None


def travel(
    file: Path,
    clock: FileClock,
    pause: Callable[[], None],
    is_over: Callable[[], bool],
) -> None:
    """Make the journey that was asked for, if any.

    `pause` runs the ticks of the minute and carries what they cause; `is_over` tells whether
    the newest wave has its result.
    """
    while (journey := asked(file)) is not None:
        if clock() >= journey.to or (journey.result and is_over()):
            # A newer journey that was asked for in this moment stays.
            if asked(file) == journey:
                file.unlink(missing_ok=True)
            continue
        minute = (clock() // MINUTE + 1) * MINUTE
        if minute > journey.to:
            clock.move_to(journey.to)
            continue
        clock.move_to(minute)
        pause()
