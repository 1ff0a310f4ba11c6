"""The people: who is where in the journey, who tries again, who waits outside, who went away.

Nobody is lost from the books: all who came have joined, stopped by their own will, gone away after
refusals, lost their letter, or are still somewhere (`Books`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ops.opening.journey import STEPS
from ops.opening.settings import People

Floats = NDArray[np.float64]

# site/modules/api.js, PATIENCE: four tries with full jitter between them; seconds.
TRIES, FIRST_SPAN, LONGEST_SPAN = 4, 0.5, 8.0
# Steps of the ring in which those stand who try again soon; a power of two.
RING = 64


@dataclass(frozen=True)
class Books:
    """Where all who came are at the end."""

    came: float
    joined: float
    stopped: float
    gone: float
    letter_lost: float
    outside: float
    on_the_way: float

    def balance(self) -> float:
        """People too many or too few: nought but for rounding."""
        return self.came - (
            self.joined + self.stopped + self.gone + self.letter_lost + self.outside
            + self.on_the_way
        )  # fmt: skip


class Crowd:
    """People by step and second; those who were refused, by their try."""

    def __init__(self, seconds: int, people: People) -> None:
        self._seconds = seconds
        self._people = people
        self._longest = 2 + max(int(step.pause[1]) for step in STEPS)
        self._due = np.zeros((len(STEPS), seconds + self._longest + 2))
        self._ring = np.zeros((RING, len(STEPS), TRIES * people.rounds))
        self._pauses = [_pause(*step.pause) for step in STEPS]
        self._again = _again(people)
        self.stopped = self.gone = self.joined = 0.0
        self.done = np.zeros(len(STEPS))
        self.shares = [people.shares.get(step.name, step.share) for step in STEPS]

    def come(self, step: int, at: int, count: float) -> None:
        """So many are to do a step, after its pause; some of them stop here."""
        if count <= 0:
            return
        going = count * self.shares[step]
        self.stopped += count - going
        self.send_back(step, at, going)

    def send_back(self, step: int, at: int, count: float) -> None:
        """So many do the step after its pause, all of them."""
        first, spread = self._pauses[step]
        self._due[step, at + first : at + first + len(spread)] += count * spread

    def put_off(self, step: int, start: int, end: int, count: float) -> None:
        """So many do the step at times evenly between the two; past the end: still on the way."""
        if count <= 0:
            return
        last = self._due.shape[1]
        for at in (start, end):
            if at >= last:
                start, end = min(start, last - 1), min(end, last)
        self._due[step, start : max(end, start + 1)] += count / (max(end, start + 1) - start)

    def asking(self, at: int) -> Floats:
        """(steps, tries): who asks in this second."""
        asking = self._ring[at % RING].copy()
        self._ring[at % RING] = 0
        asking[:, 0] += self._due[:, at]
        self._due[:, at] = 0
        return asking

    def refused(self, at: int, refused: Floats) -> None:
        """These were refused: they try again, or go away after their last try."""
        for tried in np.nonzero(refused.any(axis=0))[0]:
            if tried + 1 == refused.shape[1]:
                self.gone += float(refused[:, tried].sum())
                continue
            for delay, share in self._again[tried]:
                self._ring[(at + delay) % RING, :, tried + 1] += share * refused[:, tried]

    def on_the_way(self) -> float:
        """People between two steps, or about to try again."""
        return float(self._due.sum() + self._ring.sum())


def _pause(low: float, high: float) -> tuple[int, Floats]:
    """(first second, share of each second from then) of an even spread."""
    first = int(low)
    count = max(1, int(high) - first)
    return first, np.full(count, 1 / count)


def _again(people: People) -> list[list[tuple[int, float]]]:
    """For each try the seconds after which the next follows, with their shares.

    Within a round the page itself tries, with full jitter over a doubling span; between two rounds
    the person does.
    """
    found = []
    for tried in range(TRIES * people.rounds):
        place = tried % TRIES + 1
        if place < TRIES:
            span = min(LONGEST_SPAN, FIRST_SPAN * 2 ** (place - 1))
            last = max(1, round(span))
            found.append([(delay, 1 / last) for delay in range(1, last + 1)])
        else:
            low, high = (int(value) for value in people.press_after)
            high = min(high, RING - 2)
            found.append([(d, 1 / (high - low + 1)) for d in range(low, high + 1)])
    return found
