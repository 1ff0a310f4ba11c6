"""Who gets a place, by columns: the passes of §9 walked a block of ranks at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.programme.draw.allocation import Outcome
from functions.programme.draw.params import Params
from functions.programme.draw.quick.roster import Bytes, Flags, Indexes, Roster

_BLOCK = 1 << 16  # ranks
_RANK_BITS = np.uint64(32)
_RANK_MASK = np.uint64(2**32 - 1)


@dataclass(frozen=True)
class Allocation:
    """What became of each rank (the first is rank 1), and the families that took all their room.

    `outcome` is SELECTED, RESERVE or NOT_SELECTED, `pool` the one that selected it or 0; `full` is
    by family, beginning with family 1.
    """

    outcome: Bytes
    pool: Bytes
    full: Flags


def allocate(roster: Roster, order: Indexes, params: Params) -> Allocation:
    """Fill pools, open places and reserve. `order` has the eligible indexes by rank."""
    walk = _Walk(roster, order)
    for number, pool in enumerate(params.pools, 1):
        walk.fill(pool.seats, Outcome.SELECTED, number)
    walk.fill(params.quota - walk.taken, Outcome.SELECTED)
    walk.fill(params.reserve, Outcome.RESERVE)
    return Allocation(walk.outcome, walk.pool, walk.left[1:] == 0)


class _Walk:
    """The entries by rank, what each pass has taken of them, and the room their families have left.

    Nothing beyond the last place filled is looked at, so a pass costs what it takes.
    """

    def __init__(self, roster: Roster, order: Indexes) -> None:
        self._order = order
        self._family_of = roster.families.of
        self._pool_of = roster.pool
        # The pool of each rank, as far as some pass has looked.
        self._own_pool: Bytes = np.empty(len(order), np.uint8)
        self._known = 0
        self.outcome: Bytes = np.full(len(order), Outcome.NOT_SELECTED, np.uint8)
        self.pool: Bytes = np.zeros(len(order), np.uint8)
        # By family; entries without one have family 0, whose room is never asked for.
        self.left: Bytes = np.concatenate([np.ones(1, np.uint8), roster.families.room])
        self.taken = 0

    def fill(self, places: int, outcome: Outcome, pool: int = 0) -> None:
        """One pass: the first not yet taken, of a pool if one is named, whose family has room."""
        for start in range(0, len(self._order), _BLOCK):
            if places == 0:
                return
            ranks = start + np.flatnonzero(self._candidates(slice(start, start + _BLOCK), pool))
            families = self._family_of[self._order[ranks]]
            fits = np.flatnonzero(self._fit(families))[:places]
            ranks, families = ranks[fits], families[fits]
            np.subtract.at(self.left, families[families != 0], 1)
            self.outcome[ranks], self.pool[ranks] = outcome, pool
            self.taken += len(ranks)
            places -= len(ranks)

    def _candidates(self, span: slice, pool: int) -> Flags:
        free: Flags = self.outcome[span] == Outcome.NOT_SELECTED
        if pool:
            if span.start == self._known:
                self._own_pool[span] = self._pool_of[self._order[span]]
                self._known = span.stop
            free &= self._own_pool[span] == pool
        return free

    def _fit(self, families: Indexes) -> Flags:
        """Which of these candidates have a family with room, taking them in this order.

        That is: a candidate's position among those of its family is below the room that is left.
        """
        fits = np.ones(len(families), np.bool_)
        grouped = np.flatnonzero(families)
        words = families[grouped].astype(np.uint64) << _RANK_BITS
        words |= np.arange(len(grouped), dtype=np.uint64)
        words.sort()  # by family, and within a family as they come
        family = (words >> _RANK_BITS).astype(np.intp)
        places = np.arange(len(words))
        begins = np.ones(len(words), np.bool_)
        begins[1:] = family[1:] != family[:-1]
        position = places - np.maximum.accumulate(np.where(begins, places, 0))
        candidates: npt.NDArray[np.intp] = grouped[(words & _RANK_MASK).astype(np.intp)]
        fits[candidates] = position < self.left[family]
        return fits
