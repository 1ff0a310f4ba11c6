"""The bias report: silent about a fair draw, loud about a biased one, and of no single person."""

from __future__ import annotations

import json
import random

import pytest

from functions.programme.bias import (
    ATTRIBUTES,
    SMALLEST,
    Tally,
    chi_square_tail,
    merged,
    report,
    slice_of,
)
from functions.programme.bias_picture import picture

REGIONS = ["31", "32", "33", "91"]


def people(count, chance):
    return [
        {
            "join_time": str(chance.randrange(100)),
            "age": str(chance.randint(18, 64)),
            "sex": chance.choice(["male", "female"]),
            "region": chance.choices(REGIONS, [60, 30, 9, 1])[0],
            "pool": chance.choice(["-", "timur"]),
        }
        for _ in range(count)
    ]


def drawn(seed, count=300, favour=None):
    """The report of a draw by a random order, or by one that `favour`s some people."""
    chance = random.Random(seed)
    crowd = people(count, chance)
    chance.shuffle(crowd)
    if favour is not None:
        crowd.sort(key=lambda one: favour(one) + chance.random())
    tally = Tally(count)
    for rank, one in enumerate(crowd, 1):
        tally.observe(rank, one)
    return report(7, tally)


@pytest.fixture(scope="module")
def fair():
    return [drawn(seed) for seed in range(200)]


def test_under_a_fair_draw_every_p_is_spread_evenly(fair):
    for which, test in enumerate(fair[0].tests):
        ps = sorted(one.tests[which].p for one in fair)
        gap = max(
            max((i + 1) / len(ps) - p, p - i / len(ps)) for i, p in enumerate(ps)
        )  # Kolmogorov and Smirnov: 1.63 / sqrt(200) is passed in one of a hundred
        assert gap < 1.95 / len(ps) ** 0.5, (test.attribute, test.test, gap)


def test_a_fair_draw_is_notable_in_few_waves(fair):
    assert sum(bool(one.notable) for one in fair) <= 8


@pytest.mark.parametrize(
    ("attribute", "favour"),
    [
        ("join_time", lambda one: int(one["join_time"]) / 200),  # the first come first
        ("age", lambda one: (int(one["age"]) - 18) / 90),
        ("age", lambda one: 0.6 * (30 < int(one["age"]) < 50)),  # the middle: no trend shows it
        ("sex", lambda one: 0.4 * (one["sex"] == "male")),
        ("region", lambda one: 0.5 * (one["region"] == "32")),
        ("pool", lambda one: 0.4 * (one["pool"] == "timur")),
    ],
)
def test_a_draw_that_favours_some_is_caught_and_only_for_what_it_favours(attribute, favour):
    for seed in range(3):
        found = drawn(seed, count=600, favour=favour)
        assert {one.attribute for one in found.notable} == {attribute}


def test_p_values_are_multiplied_by_the_number_of_tests(fair):
    for one in fair[:5]:
        assert len(one.tests) == 2 * len(ATTRIBUTES)
        for test in one.tests:
            assert test.adjusted == min(1.0, 10 * test.p)


def test_no_published_group_is_smaller_than_fifty_and_none_is_left_out():
    for count in (50, 99, 100, 101, 160, 400, 1000):
        found = drawn(count, count=count)
        for groups in found.groups.values():
            assert sum(group.entries for group in groups) == count
            assert all(group.entries >= SMALLEST for group in groups)
    assert not any(drawn(1, count=49).groups.values())
    assert {test.p for test in drawn(1, count=49).tests} == {None}


def test_small_groups_are_put_together_with_their_neighbours_or_as_others():
    tally = Tally(200)
    for rank in range(1, 201):
        tally.observe(rank, {"age": "20" if rank > 3 else "64", "region": str(rank % 3 + 31)})
    assert list(merged("age", tally.cells["age"])) == ["18-64"]
    assert set(merged("region", tally.cells["region"])) == {"31", "32", "33"}
    few = Tally(130)
    for rank in range(1, 131):
        few.observe(rank, {"region": "31" if rank > 60 else "32" if rank > 5 else "91"})
    assert {name: cell.count for name, cell in merged("region", few.cells["region"]).items()} == {
        "31": 70,
        "other": 60,
    }


def test_parts_of_a_wave_add_up_to_the_whole():
    chance = random.Random(5)
    crowd, whole, parts = people(300, chance), Tally(300), [Tally(300) for _ in range(3)]
    for rank, one in enumerate(crowd, 1):
        whole.observe(rank, one)
        parts[rank % 3].observe(rank, one)
    total = Tally(300)
    for part in parts:
        total.add(Tally.from_json(json.loads(json.dumps(part.to_json()))))
    assert report(1, total) == report(1, whole)


def test_the_tail_of_chi_square_is_the_tables():
    for x, freedom, p in (
        (3.841459, 1, 0.05),
        (6.634897, 1, 0.01),
        (18.307038, 10, 0.05),
        (124.342113, 100, 0.05),
        (77.929465, 100, 0.95),
    ):
        assert chi_square_tail(x, freedom) == pytest.approx(p, abs=2e-7)
    assert chi_square_tail(0, 3) == 1.0 and chi_square_tail(2000, 1) < 1e-300


def test_joins_are_told_apart_by_slices_of_the_time():
    assert [slice_of(at, 100, 200) for at in (50, 100, 150, 199, 200, 900)] == [
        *("0", "0", "50", "99", "99", "99"),
    ]


def test_the_report_and_its_picture_can_be_published(fair):
    text = json.dumps(fair[0].to_json())
    assert len(json.loads(text)["tests"]) == 10 and len(text) < 10_000
    drawing = picture(fair[0])
    assert drawing.startswith("<svg") and drawing.count("<circle") == sum(
        len(groups) for groups in fair[0].groups.values()
    )
    assert "<script" not in drawing and "http" not in drawing.replace(
        "http://www.w3.org/2000/svg", ""
    )
