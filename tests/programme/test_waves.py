"""The rules of a wave: phases for readers, gates, pools, which wave waits for which."""

from __future__ import annotations

import pytest

from functions.programme.waves import (
    FAMILY_SHARDS,
    allowed_shards,
    pool_number,
    shown_phase,
    waits_for,
    wave_shard,
)


@pytest.mark.parametrize(
    ("phase", "now", "shown"),
    [
        ("planned", 50, "planned"),
        ("open", 9, "planned"),
        ("open", 10, "open"),
        ("open", 19, "open"),
        ("open", 20, "closed"),
        ("closed", 15, "closed"),
        ("drawn", 99, "drawn"),
        ("void", 15, "void"),
    ],
)
def test_time_alone_moves_a_wave_between_planned_open_and_closed(phase, now, shown):
    assert shown_phase(phase, 10, 20, now) == shown


@pytest.mark.parametrize("shards", [1, 2, 64, 1024])
def test_families_spread_over_all_gates_of_a_wave(shards):
    found = [wave_shard(family, shards) for family in range(FAMILY_SHARDS)]
    assert sorted(found) == found
    assert {found.count(shard) for shard in range(shards)} == {FAMILY_SHARDS // shards}


def test_a_number_of_gates_is_a_power_of_two_up_to_1024():
    allowed = [shards for shards in range(-2, 3000) if allowed_shards(shards)]
    assert allowed == [2**n for n in range(11)]


def test_a_province_belongs_to_the_first_pool_that_names_it():
    pools = {"barat": ["11", "12"], "timur": ["91", "12"]}
    assert pool_number("12", ["timur", "barat"], pools) == 1
    assert pool_number("11", ["timur", "barat"], pools) == 2
    assert pool_number("31", ["timur", "barat"], pools) == 0


@pytest.mark.parametrize(
    ("other", "waits"),
    [
        (("drawn", 90), True),
        (("open", 99), True),
        (("announced", 90), False),
        (("void", 90), False),
        (("planned", 90), False),
        (("closed", 101), False),
    ],
)
def test_a_wave_waits_until_every_wave_that_closed_before_it_is_over(other, waits):
    assert waits_for(2, 100, {1: other, 2: ("closed", 100)}) == ([1] if waits else [])


def test_of_two_waves_that_close_together_the_lower_number_goes_first():
    both = {1: ("closed", 100), 2: ("closed", 100)}
    assert waits_for(1, 100, both) == []
    assert waits_for(2, 100, both) == [1]
