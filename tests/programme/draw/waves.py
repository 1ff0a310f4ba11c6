"""Small waves of every shape, for properties that hold for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from functions.programme.draw.allocation import ResultRecord, allocate
from functions.programme.draw.order import ranking
from functions.programme.draw.params import Params, Pool
from functions.programme.draw.roster import (
    RosterRecord,
    excluded_record,
    family_records,
    roster_bytes,
)
from tests.programme.draw.world import digest, make_params, make_pins

LIMIT = 2
PINS = make_pins()


@dataclass(frozen=True)
class Wave:
    records: list[RosterRecord]
    params: Params
    seed: bytes
    limit: int = LIMIT

    @property
    def roster(self) -> bytes:
        return roster_bytes(self.records)

    def results(self) -> list[ResultRecord]:
        """The results by the plain modules."""
        return allocate(self.records, ranking(self.seed, self.records), self.params)


@st.composite
def waves(draw_value: Any, largest: int = 6, limit: int = LIMIT) -> Wave:
    """Families of up to `largest`, with rooms, pools and exclusions; quota often near what there
    is."""
    seats = draw_value(st.lists(st.integers(1, 6), max_size=3))
    families = draw_value(
        st.lists(
            st.tuples(
                st.integers(1, limit),
                st.lists(st.integers(-1, len(seats)), min_size=1, max_size=largest),
            ),
            max_size=20,
        )
    )
    # Groups are unique, and in no order.
    step = draw_value(st.sampled_from([1, 7, 2_654_435_761]))
    records: list[RosterRecord] = []
    for number, (room, members) in enumerate(families, 1):
        named = [(digest(f"{number}/{i}"), pool) for i, pool in enumerate(members)]
        records += [excluded_record(commitment) for commitment, pool in named if pool < 0]
        eligible = [one for one in named if one[1] >= 0]
        records += family_records(eligible, room, limit, number * step % 2**32)
    quota = sum(seats) + draw_value(st.integers(0, 40))
    pools = [Pool(f"pool {n}", count) for n, count in enumerate(seats)]
    params = make_params(PINS, quota, draw_value(st.integers(0, 12)), *pools)
    return Wave(sorted(records), params, draw_value(st.binary(min_size=32, max_size=32)), limit)
