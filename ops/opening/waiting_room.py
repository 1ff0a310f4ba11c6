"""The waiting room before the site: so many are let in a second, the others get a time to return.

No positions: the order in which people register has no part in the draw, and the page says so. A
return time is drawn evenly from a span that grows with the number of those outside, so that they
come back spread out, at about the rate at which they are let in.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ops.opening.breaks import Breaks
from ops.opening.lines import Waits
from ops.opening.settings import Door

# Slots are given for this part of the rate; the rest is for those who are new and for chance.
FILLED = 0.8
# Nobody is asked to come back sooner than this.
SOONEST = 10


class WaitingRoom:
    """Counts people at the edge, in seconds."""

    def __init__(self, door: Door, seconds: int, breaks: Breaks) -> None:
        self._door, self._breaks = door, breaks
        self._returning: NDArray[np.float64] = np.zeros(seconds)
        self._seconds = seconds
        self._tokens = max(door.admission_burst, door.admission)
        self.outside = 0.0
        self.after_the_end = 0.0
        self.told = 0.0
        self.longest = 0.0
        self.waits = Waits()

    def let_in(self, at: int, new: float) -> float:
        """How many come in, of those who are new and of those whose time has come."""
        door = self._door
        if door.admission <= 0:
            return new
        self._tokens = min(self._tokens + door.admission, max(door.admission_burst, door.admission))
        back = float(self._returning[at])
        self.outside -= back
        inside = min(new + back, self._tokens)
        self._tokens -= inside
        self._tell(at, new + back - inside)
        return inside

    def _tell(self, at: int, count: float) -> None:
        """Give return times."""
        if count <= 0:
            return
        self._breaks.note("waiting room", at, count)
        self.told += count
        self.outside += count
        span = max(self._door.slot_spread, 2 * self.outside / (FILLED * self._door.admission))
        self.longest = max(self.longest, SOONEST + span)
        first, last = at + SOONEST, at + SOONEST + int(span)
        self.waits.add(SOONEST + span / 2, count)
        share = count / (last - first)
        inside = max(0, min(last, self._seconds) - first)
        self._returning[first : first + inside] += share
        self.after_the_end += count - share * inside
