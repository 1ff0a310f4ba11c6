"""The results: 8 bytes for each entry, in roster order (§10)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from functions.programme.draw.allocation import Outcome, ResultRecord, allocate
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.order import ranking
from functions.programme.draw.params import Params
from functions.programme.draw.roster import parse_roster

RECORD_SIZE = 8
_RECORD = struct.Struct(">BBHI")


@dataclass(frozen=True)
class LastRanks:
    """The last rank selected by each pool, in the open pass, and taken on reserve; 0 if none.

    Beside an applicant's own rank these say why: an entry that was not selected has a higher
    rank than the last one selected where it competed, unless its family was full.
    """

    pools: tuple[int, ...]
    open: int
    reserve: int


def draw(roster: bytes, params: Params, family_limit: int, seed: bytes) -> bytes:
    """`results.bin` of a roster: the whole draw from its bytes. Errors: those of `parse_roster`."""
    records = parse_roster(roster, family_limit, len(params.pools))
    return results_bytes(allocate(records, ranking(seed, records), params))


def results_bytes(results: Iterable[ResultRecord]) -> bytes:
    """`results.bin`: outcome u8, pool u8, u16 zero, rank u32."""
    return b"".join(_RECORD.pack(outcome, pool, 0, rank) for outcome, pool, rank in results)


def parse_results(data: bytes, pools: int) -> list[ResultRecord]:
    """The records of `results.bin` or of a chunk of it; `pools` is how many the wave has.

    Errors: `results_size`, `results_record` {index} for a record that no draw can give.
    """
    if len(data) % RECORD_SIZE:
        raise VerificationError("results_size", bytes=len(data))
    results = []
    for index, (outcome, pool, zero, rank) in enumerate(_RECORD.iter_unpack(data)):
        ranked = outcome != Outcome.EXCLUDED
        if zero or outcome > max(Outcome) or ranked != bool(rank) or pool > pools:
            raise VerificationError("results_record", index=index)
        if pool and outcome != Outcome.SELECTED:
            raise VerificationError("results_record", index=index)
        results.append(ResultRecord(outcome, pool, rank))
    return results


def last_ranks(results: bytes, pools: int) -> LastRanks:
    """How far down each pass went, from `results.bin`. Errors: those of `parse_results`."""
    by_pool = [0] * (pools + 1)
    reserve = 0
    for outcome, pool, rank in parse_results(results, pools):
        if outcome == Outcome.SELECTED:
            by_pool[pool] = max(by_pool[pool], rank)
        elif outcome == Outcome.RESERVE:
            reserve = max(reserve, rank)
    return LastRanks(pools=tuple(by_pool[1:]), open=by_pool[0], reserve=reserve)
