"""Who gets a place: pools, open places, reserve, and the limit per family (§9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import NamedTuple

from functions.programme.draw.params import Params
from functions.programme.draw.roster import EXCLUDED, RosterRecord


class Outcome(IntEnum):
    """What became of an entry, with the number it has in `results.bin`."""

    EXCLUDED = 0
    SELECTED = 1
    RESERVE = 2
    NOT_SELECTED = 3
    FAMILY_LIMIT = 4


class ResultRecord(NamedTuple):
    """One entry's result. `pool` selected it, or 0; `rank` counts from 1, 0 if excluded."""

    outcome: int
    pool: int
    rank: int


def allocate(
    records: Sequence[RosterRecord], ranking: Sequence[int], params: Params
) -> list[ResultRecord]:
    """The result of every record, in the records' order.

    `ranking` holds the indexes of the eligible records by rank. Each pass walks those not yet
    taken in that order; seats that a pool cannot fill are filled in the open pass.
    """
    family: Counter[int] = Counter()
    taken: dict[int, tuple[Outcome, int]] = {}

    for number, pool in enumerate(params.pools, 1):
        members = (i for i in ranking if records[i].pool == number and i not in taken)
        chosen = _fill(pool.seats, members, records, family)
        taken.update((i, (Outcome.SELECTED, number)) for i in chosen)
    for outcome, places in (
        (Outcome.SELECTED, params.quota - len(taken)),
        (Outcome.RESERVE, params.reserve),
    ):
        everyone = (i for i in ranking if i not in taken)
        chosen = _fill(places, everyone, records, family)
        taken.update((i, (outcome, 0)) for i in chosen)

    ranks = {i: rank for rank, i in enumerate(ranking, 1)}
    return [
        ResultRecord(*taken[i], ranks[i])
        if i in taken
        else _left_over(record, family, ranks.get(i, 0))
        for i, record in enumerate(records)
    ]


def _fill(
    places: int, candidates: Iterable[int], records: Sequence[RosterRecord], family: Counter[int]
) -> list[int]:
    """The first candidates whose family still has room, at most `places`.

    `family` counts how many each group has taken so far, in this pass and the earlier ones.
    """
    chosen: list[int] = []
    for i in candidates:
        if len(chosen) == places:
            break
        group, room = records[i].group, records[i].room
        if group:
            if family[group] >= room:
                continue
            family[group] += 1
        chosen.append(i)
    return chosen


def _left_over(record: RosterRecord, family: Counter[int], rank: int) -> ResultRecord:
    if record.status == EXCLUDED:
        return ResultRecord(Outcome.EXCLUDED, 0, 0)
    if record.group and family[record.group] >= record.room:
        return ResultRecord(Outcome.FAMILY_LIMIT, 0, rank)
    return ResultRecord(Outcome.NOT_SELECTED, 0, rank)
