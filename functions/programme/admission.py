"""Admission: how many of those who come are let in, so that no more register than the rate.

The edge cannot count; it lets in a share of those who come, and the others are told to come back at
a time drawn evenly from a span. Each minute the share follows what was registered meanwhile. People
prove their address some minutes after they were let in, so the share moves in small steps: a loop
that sees its own effect after up to five minutes would swing with larger ones.
"""

from __future__ import annotations

import math

from functions.programme.times import MINUTE, SECOND

# Shares are counted in millionths.
EVERYONE = 1_000_000
FEWEST = 100
# Exponent of a step, and its bounds: slower up than down.
GAIN, UP, DOWN = 0.2, 1.1, 0.7
# Nobody has proved an address yet: the share it began with stands for so long.
BLIND = 6 * MINUTE
# Of the span, seconds. It grows until half of those who come back get in, and is never so long
# that a person gives up (opening-day.md).
SHORTEST, LONGEST = 60, 1_800
WIDER = 1.25
# Nobody is asked to come back sooner.
SOONEST = 10


def next_share(share: int, rate: float, seen: float, since_set: int) -> int:
    """The share of the next minute.

    `rate`: people a second that are wanted, `seen`: that have proved their address in the last
    minute; `since_set`: milliseconds since the room was opened.
    """
    factor = 1.0 if since_set < BLIND else UP
    if seen > 0:
        factor = min(UP, max(DOWN, math.pow(rate / seen, GAIN)))
    return min(EVERYONE, max(FEWEST, round(share * factor)))


def next_span(span: int, share: int) -> int:
    """Seconds over which return times are spread in the next minute."""
    if share < EVERYONE // 2:
        return min(LONGEST, round(span * WIDER))
    return max(SHORTEST, round(span / WIDER))


def per_second(count: int, milliseconds: int) -> float:
    """A count over a time, as people a second."""
    return count * SECOND / max(milliseconds, SECOND)
