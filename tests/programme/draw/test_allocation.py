"""Quota, pools, reserve and the family limit, for waves of every shape."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.programme.draw.allocation import Outcome, ResultRecord, allocate
from functions.programme.draw.order import entry_number, keystream, ranking
from functions.programme.draw.results import draw, parse_results, results_bytes
from functions.programme.draw.roster import (
    EXCLUDED,
    RosterRecord,
    family_records,
    parse_roster,
    roster_bytes,
)
from tests.programme.draw.waves import LIMIT, PINS, Wave, waves
from tests.programme.draw.world import digest, make_params


def capacity(records: list[RosterRecord]) -> int:
    """How many entries could be taken if places were unlimited."""
    members = Counter(one.group for one in records if one.status != EXCLUDED)
    rooms = {one.group: one.room for one in records if one.group}
    return members[0] + sum(min(members[group], room) for group, room in rooms.items())


@given(waves())
def test_places_are_filled_as_far_as_families_allow_and_never_beyond(wave):
    outcomes = Counter(one.outcome for one in wave.results())
    able = capacity(wave.records)
    selected = min(wave.params.quota, able)
    assert outcomes[Outcome.SELECTED] == selected
    assert outcomes[Outcome.RESERVE] == min(wave.params.reserve, able - selected)


@given(waves())
def test_no_family_takes_more_than_its_room(wave):
    taken = Counter(
        record.group
        for record, one in zip(wave.records, wave.results(), strict=True)
        if record.group and one.outcome in (Outcome.SELECTED, Outcome.RESERVE)
    )
    rooms = {record.group: record.room for record in wave.records}
    assert all(count <= rooms[group] for group, count in taken.items())
    for record, one in zip(wave.records, wave.results(), strict=True):
        full = bool(record.group) and taken[record.group] >= record.room
        assert (one.outcome == Outcome.FAMILY_LIMIT) == (
            full and one.outcome not in (Outcome.SELECTED, Outcome.RESERVE)
        )


@given(waves())
def test_a_pool_takes_only_its_members_and_fills_its_seats_if_it_can(wave):
    results = wave.results()
    for number, pool in enumerate(wave.params.pools, 1):
        own = [
            one
            for record, one in zip(wave.records, results, strict=True)
            if record.pool == number and record.status != EXCLUDED
        ]
        by_pool = [one for one in results if one.pool == number]
        assert len(by_pool) <= pool.seats
        assert all(one in own and one.outcome == Outcome.SELECTED for one in by_pool)
        if len(by_pool) < pool.seats:
            assert all(one.pool == number or one.outcome == Outcome.FAMILY_LIMIT for one in own)


@given(waves())
def test_whoever_is_left_over_came_after_everyone_taken_in_the_open(wave):
    results = wave.results()
    left = [one.rank for one in results if one.outcome == Outcome.NOT_SELECTED]
    opened = [one.rank for one in results if one.outcome == Outcome.SELECTED and not one.pool]
    reserve = [one.rank for one in results if one.outcome == Outcome.RESERVE]
    if left:
        assert min(left) > max(opened + reserve, default=0)
    if reserve:
        assert min(reserve) > max(opened, default=0)


@given(waves())
def test_ranks_are_one_to_the_number_of_eligible_entries(wave):
    results = wave.results()
    ranks = sorted(one.rank for one in results if one.outcome != Outcome.EXCLUDED)
    assert ranks == list(range(1, len(ranks) + 1))
    excluded = {one for one in results if one.outcome == Outcome.EXCLUDED}
    assert excluded <= {ResultRecord(0, 0, 0)}
    for record, one in zip(wave.records, results, strict=True):
        assert (record.status == EXCLUDED) == (one.outcome == Outcome.EXCLUDED)


def by_columns(wave: Wave) -> list[ResultRecord]:
    """The same draw by the other reading of §9: positions among a group's candidates in a pass."""
    order = ranking(wave.seed, wave.records)
    rank = {i: place for place, i in enumerate(order, 1)}
    taken: dict[int, tuple[int, int]] = {}
    held: Counter[int] = Counter()

    def one_pass(places: int, outcome: Outcome, pool: int) -> None:
        candidates = [
            i for i in order if i not in taken and (not pool or wave.records[i].pool == pool)
        ]
        position: dict[int, list[int]] = defaultdict(list)
        for i in candidates:
            position[wave.records[i].group].append(i)
        free = [
            i
            for i in candidates
            if (group := wave.records[i].group) == 0
            or position[group].index(i) < wave.records[i].room - held[group]
        ]
        for i in free[:places]:
            taken[i] = (outcome, pool)
            held[wave.records[i].group] += 1

    for number, pool in enumerate(wave.params.pools, 1):
        one_pass(pool.seats, Outcome.SELECTED, number)
    one_pass(wave.params.quota - len(taken), Outcome.SELECTED, 0)
    one_pass(wave.params.reserve, Outcome.RESERVE, 0)
    results = []
    for i, record in enumerate(wave.records):
        if i in taken:
            results.append(ResultRecord(*taken[i], rank[i]))
        elif record.status == EXCLUDED:
            results.append(ResultRecord(0, 0, 0))
        elif record.group and held[record.group] >= record.room:
            results.append(ResultRecord(Outcome.FAMILY_LIMIT, 0, rank[i]))
        else:
            results.append(ResultRecord(Outcome.NOT_SELECTED, 0, rank[i]))
    return results


@settings(max_examples=200)
@given(waves())
def test_walking_and_columns_give_the_same_results(wave):
    assert wave.results() == by_columns(wave)


@given(waves(), st.randoms())
def test_the_draw_does_not_depend_on_the_order_of_joining(wave, random):
    shuffled = list(wave.records)
    random.shuffle(shuffled)
    data = roster_bytes(shuffled)
    assert parse_roster(data, LIMIT, len(wave.params.pools)) == wave.records
    results = draw(data, wave.params, LIMIT, wave.seed)
    assert parse_results(results, len(wave.params.pools)) == wave.results()


def test_nobody_and_one_are_waves_too():
    params = make_params(PINS, 5, 5)
    assert draw(b"", params, LIMIT, bytes(32)) == b""
    one = roster_bytes([RosterRecord(digest("one"), 0, LIMIT, 0, 0)])
    assert draw(one, params, LIMIT, bytes(32)) == results_bytes([ResultRecord(1, 0, 1)])
    closed = make_params(PINS, 0, 0)
    assert draw(one, closed, LIMIT, bytes(32)) == results_bytes([ResultRecord(3, 0, 1)])


def test_a_third_member_of_a_family_is_not_selected():
    family = sorted(family_records([(digest(f"{i}"), 0) for i in range(3)], LIMIT, LIMIT, 77))
    results = allocate(family, [2, 0, 1], make_params(PINS, 10, 10))
    assert [one.outcome for one in results] == [
        Outcome.SELECTED,
        Outcome.FAMILY_LIMIT,
        Outcome.SELECTED,
    ]


def test_a_place_on_reserve_counts_against_the_family():
    family = family_records([(digest(f"{i}"), 0) for i in range(3)], LIMIT, LIMIT, 77)
    results = allocate(sorted(family), [0, 1, 2], make_params(PINS, 1, 9))
    assert [one.outcome for one in results] == [
        Outcome.SELECTED,
        Outcome.RESERVE,
        Outcome.FAMILY_LIMIT,
    ]


@given(waves(), st.integers(1, 10))
def test_a_larger_quota_takes_no_place_away(wave, more):
    larger = replace(wave, params=replace(wave.params, quota=wave.params.quota + more))
    for before, after in zip(wave.results(), larger.results(), strict=True):
        if before.outcome == Outcome.SELECTED:
            assert after == before
        elif before.outcome == Outcome.RESERVE:
            assert after.outcome in (Outcome.SELECTED, Outcome.RESERVE)


@given(waves())
def test_the_numbers_of_groups_say_nothing(wave):
    """Other random numbers for the same families: the same results."""
    other = [one._replace(group=one.group and 2**32 - one.group) for one in wave.records]
    assert replace(wave, records=other).results() == wave.results()


@given(st.binary(min_size=32, max_size=32))
def test_no_two_entries_have_the_same_number(seed):
    stream = keystream(seed, 3000)
    assert len({stream[at : at + 16] for at in range(0, len(stream), 16)}) == 3000


def test_an_entrys_number_is_its_block_of_the_keystream():
    seed = digest("seed")
    stream = keystream(seed, 300)
    for index in (0, 1, 255, 256, 299):
        assert entry_number(seed, index) == stream[16 * index : 16 * index + 16]
    # AES-256 of sixteen zero bytes under this key, as `openssl enc -aes-256-ctr` prints it.
    zero_key = "dc95c078a2408989ad48a21492842087"
    assert entry_number(bytes(32), 0).hex() == zero_key
