"""A line first come, first served, in steps of time: who came when, and how long each has waited.

Messages are counted, not told apart: a parcel is all that came in one step. Nothing is lost or
made: what came = what left + what waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np


class Line:
    """Parcels of messages that wait, oldest first."""

    def __init__(self) -> None:
        self._parcels: deque[list[float]] = deque()
        self.size = 0.0

    def join(self, at: float, count: float, kind: int = 0) -> None:
        """So many of a kind come at a time; times never go back."""
        if count > 0:
            self._parcels.append([at, count, kind])
            self.size += count

    def leave(
        self, room: float, weights: Sequence[float] = (1.0,)
    ) -> Iterator[tuple[float, float, int]]:
        """As many as there is room for leave: (when they came, how many, kind).

        A message of kind k takes `weights[k % len(weights)]` of the room.
        """
        while room > 1e-9 and self._parcels:
            parcel = self._parcels[0]
            weight = weights[int(parcel[2]) % len(weights)]
            taken = min(parcel[1], room / weight)
            parcel[1] -= taken
            room -= taken * weight
            self.size -= taken
            if parcel[1] <= 1e-9:
                self._parcels.popleft()
            yield parcel[0], taken, int(parcel[2])
        if not self._parcels:
            self.size = 0.0

    def parcels(self) -> Iterator[tuple[float, float, int]]:
        """All that wait: (when they came, how many, kind)."""
        return ((came, count, int(kind)) for came, count, kind in self._parcels)

    def oldest(self) -> float | None:
        """When the one came that waits the longest."""
        return self._parcels[0][0] if self._parcels else None


class Waits:
    """How long messages waited, in whole classes of seconds, for quantiles.

    Seconds up to `EXACT` have a class each, longer ones a class for each 2 %.
    """

    EXACT = 120
    GROWTH = 1.02

    def __init__(self) -> None:
        self._counts: dict[int, float] = {}
        self.count = 0.0
        self.seconds = 0.0

    def add(self, seconds: float, count: float) -> None:
        """So many waited so long."""
        place = self._place(seconds)
        self._counts[place] = self._counts.get(place, 0.0) + count
        self.count += count
        self.seconds += seconds * count

    @property
    def mean(self) -> float:
        """Seconds, 0 if nobody waited."""
        return self.seconds / self.count if self.count else 0.0

    def quantile(self, share: float) -> float | None:
        """Seconds within which this share was served; None if nobody was."""
        if not self.count:
            return None
        places = sorted(self._counts)
        summed = np.cumsum([self._counts[place] for place in places])
        found = int(np.searchsorted(summed, share * self.count - 1e-9))
        return self._seconds(places[min(found, len(places) - 1)])

    def within(self, seconds: float) -> float:
        """The share that was served within so many seconds."""
        if not self.count:
            return 1.0
        last = self._place(seconds)
        return sum(n for place, n in self._counts.items() if place <= last) / self.count

    def _place(self, seconds: float) -> int:
        if seconds <= self.EXACT:
            return int(np.ceil(seconds * 10 - 1e-9))
        return self.EXACT * 10 + int(np.ceil(np.log(seconds / self.EXACT) / np.log(self.GROWTH)))

    def _seconds(self, place: int) -> float:
        if place <= self.EXACT * 10:
            return place / 10
        return float(self.EXACT * self.GROWTH ** (place - self.EXACT * 10))
