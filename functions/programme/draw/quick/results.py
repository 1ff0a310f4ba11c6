"""The results as one array of words, which are the bytes of `results.bin` (§10)."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np

from functions.programme.draw.allocation import Outcome
from functions.programme.draw.params import Params
from functions.programme.draw.quick.allocation import Allocation, allocate
from functions.programme.draw.quick.listing import Listing
from functions.programme.draw.quick.order import Words, ranking
from functions.programme.draw.quick.roster import Bytes, Flags, Indexes, Roster, parse_roster
from functions.programme.draw.results import RECORD_SIZE, LastRanks

# A record as a number: outcome u8, pool u8, u16 zero, rank u32.
_OUTCOME_BITS, _POOL_BITS = np.uint64(56), np.uint64(48)
_BLOCK = 1 << 16  # ranks


@dataclass(frozen=True)
class Results:
    """The results in roster order. `data` is `results.bin`; `counts` tells how many of each."""

    data: memoryview
    counts: dict[Outcome, int]
    last_ranks: LastRanks


def draw(roster: Listing, params: Params, family_limit: int, seed: bytes) -> Results:
    """The whole draw from the roster's bytes. Errors: those of `parse_roster`."""
    columns = parse_roster(roster, family_limit, len(params.pools))
    order = ranking(seed, columns.eligible)
    return make_results(columns, order, allocate(columns, order, params), len(params.pools))


def make_results(roster: Roster, order: Indexes, allocation: Allocation, pools: int) -> Results:
    """The records of `results.bin` from what became of each rank."""
    words: Words = np.zeros(len(roster), np.uint64)  # an excluded record is all zeros
    for start in range(0, len(order), _BLOCK):
        span = slice(start, start + _BLOCK)
        ranked = allocation.outcome[span].astype(np.uint64) << _OUTCOME_BITS
        ranked |= allocation.pool[span].astype(np.uint64) << _POOL_BITS
        ranked |= np.arange(start + 1, start + 1 + len(ranked), dtype=np.uint64)
        if sys.byteorder == "little":
            ranked.byteswap(inplace=True)
        words[order[span].astype(np.intp)] = ranked
    outcomes = words.view(np.uint8)[::RECORD_SIZE]
    barred = _of_full_families(roster, outcomes, allocation.full)
    outcomes[barred] = Outcome.FAMILY_LIMIT
    counts = {outcome: int(np.count_nonzero(allocation.outcome == outcome)) for outcome in Outcome}
    counts[Outcome.EXCLUDED] = len(roster) - len(order)
    counts[Outcome.FAMILY_LIMIT] = len(barred)
    counts[Outcome.NOT_SELECTED] -= len(barred)
    return Results(words.view(np.uint8).data, counts, _last_ranks(allocation, pools))


def _of_full_families(roster: Roster, outcomes: Bytes, full: Flags) -> Indexes:
    """Indexes of the entries that were not taken and whose family took all its room."""
    members = roster.families.members[np.repeat(full, roster.families.sizes)]
    left: Indexes = members[outcomes[members] == Outcome.NOT_SELECTED]
    return left


def _last_ranks(allocation: Allocation, pools: int) -> LastRanks:
    """How far down each pass went; see the plain `last_ranks`."""
    selected = np.flatnonzero(allocation.outcome == Outcome.SELECTED)
    by_pool = np.zeros(pools + 1, np.int64)
    np.maximum.at(by_pool, allocation.pool[selected], selected + 1)
    reserve = np.flatnonzero(allocation.outcome == Outcome.RESERVE)
    return LastRanks(
        pools=tuple(by_pool[1:].tolist()),
        open=int(by_pool[0]),
        reserve=int(reserve[-1]) + 1 if len(reserve) else 0,
    )
