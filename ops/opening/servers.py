"""A queue with its workers, message by message: what the belief bench holds beside a real queue.

Some workers look into one line, each takes up to a batch and does it one after the other. A worker
that finds nothing looks again after a pause. The simulation of a whole day moves the same line in
steps (lines.py, senders.py); tests hold the two against each other and against Erlang's formula.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Workers:
    """How a queue is worked off.

    count   workers at the same time
    batch   messages that one takes at once, at most
    fixed   seconds for each batch, before its first message: fetching it, and what is made ready
    each    seconds for each message of a batch
    after   seconds for each batch after its last message: deleting it
    pause   seconds after which a worker that found nothing looks again
    """

    count: int = 1
    batch: int = 1
    fixed: float = 0.0
    each: float = 1.0
    after: float = 0.0
    pause: float = 0.0


@dataclass(frozen=True)
class Course:
    """When each message came and was done, in the order in which they came; seconds."""

    came: list[float]
    done: list[float]

    @property
    def waits(self) -> list[float]:
        """Seconds from coming to done."""
        return [done - came for came, done in zip(self.came, self.done, strict=True)]

    def quantile(self, share: float) -> float:
        """Seconds within which this share was done."""
        ordered = sorted(self.waits)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def backlog(self, at: float) -> int:
        """Messages that have come and are not done."""
        return bisect_right(self.came, at) - bisect_right(sorted(self.done), at)

    def largest_backlog(self) -> int:
        """The most messages at a time."""
        changes = sorted([(at, 1) for at in self.came] + [(at, -1) for at in self.done])
        most = now = 0
        for _, change in changes:
            now += change
            most = max(most, now)
        return most


def serve(
    came: Sequence[float], workers: Workers, each: Callable[[], float] | None = None
) -> Course:
    """Work off messages that come at these times (ascending). `each` draws a message's seconds."""
    seconds = each or (lambda: workers.each)
    done = [0.0] * len(came)
    free = [0.0] * workers.count
    heapq.heapify(free)
    first = 0
    while first < len(came):
        at = heapq.heappop(free)
        if came[first] > at:
            at = _next_look(at, came[first], workers.pause)
        last = min(bisect_right(came, at), first + workers.batch)
        now = at + workers.fixed
        for number in range(first, last):
            now += seconds()
            done[number] = now
        first = last
        heapq.heappush(free, now + workers.after)
    return Course(list(came), done)


def _next_look(free: float, came: float, pause: float) -> float:
    """When a worker that has been free since `free` first looks after something has come."""
    if pause <= 0:
        return came
    looks = -(-(came - free) // pause)
    return free + looks * pause
