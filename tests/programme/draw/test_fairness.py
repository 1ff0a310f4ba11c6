"""The draw is fair over 2,000 seeds, and each statistic would notice if it were not.

Every seed is the digest of its number, so a run is the same each time. Bounds lie four to five
standard deviations from what a fair draw gives; each biased draw is one that happened somewhere,
or could: a shuffle done wrongly, a second try for a friend, a ticket for a family, a head start
for those who came first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from functions.programme.draw.allocation import Outcome
from functions.programme.draw.quick.allocation import allocate
from functions.programme.draw.quick.order import ranking
from functions.programme.draw.quick.roster import Indexes, parse_roster
from functions.programme.draw.roster import RosterRecord, family_records, roster_bytes
from tests.programme.draw.waves import PINS
from tests.programme.draw.world import digest, make_params

SEEDS, QUOTA, LIMIT = 2400, 30, 2
# How many families of each size. Families of one and two fit their room, so they have no group.
FAMILIES = {1: 40, 2: 10, 3: 8, 4: 5, 6: 3}
ENTRIES = sum(size * count for size, count in FAMILIES.items())

Ranker = Callable[[bytes], Indexes]
Wins = npt.NDArray[np.bool_]


@cache
def people() -> tuple[list[RosterRecord], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The roster, and of each record the size of its family and its place in joining."""
    made = []
    joined = 0
    for size, count in FAMILIES.items():
        for number in range(count):
            named = [(digest(f"{size}/{number}/{i}"), 0) for i in range(size)]
            for record in family_records(named, LIMIT, LIMIT, 1000 * size + number + 1):
                made.append((record, size, joined))
                joined += 1
    made.sort(key=lambda one: one[0])
    return (
        [record for record, _, _ in made],
        np.array([size for _, size, _ in made]),
        np.array([place for _, _, place in made]),
    )


COLUMNS = parse_roster(roster_bytes(people()[0]), LIMIT, 0)
PARAMS = make_params(PINS, QUOTA, 0)
SIZE, JOINED = people()[1], people()[2]


def seed_of(attempt: int) -> bytes:
    return digest(f"fairness {attempt}")


def fair(seed: bytes) -> Indexes:
    return ranking(seed, COLUMNS.eligible)


def naive_shuffle(seed: bytes) -> Indexes:
    """Each place is swapped with any other: the well-known mistake."""
    chance = np.random.default_rng(list(seed))
    order = list(range(ENTRIES))
    for i, j in enumerate(chance.integers(0, ENTRIES, ENTRIES).tolist()):
        order[i], order[j] = order[j], order[i]
    return np.array(order, np.uint32)


def second_try_for_a_friend(seed: bytes) -> Indexes:
    """Drawn again, once, when the operator's friend was not among the first."""
    order = fair(seed)
    return fair(digest(seed.hex())) if 7 not in order[:QUOTA] else order


def one_ticket_for_a_family(seed: bytes) -> Indexes:
    """Families with a group stand together, where their first member would have stood."""
    first: dict[int, int] = {}
    order = fair(seed).tolist()
    family = COLUMNS.families.of
    for rank, i in enumerate(order):
        first.setdefault(int(family[i]) or -i - 1, rank)
    return np.array(sorted(order, key=lambda i: first[int(family[i]) or -i - 1]), np.uint32)


def head_start(places: npt.NDArray[np.intp], share: float) -> Ranker:
    """Those who come first in `places` lose less of their number."""

    def rank(seed: bytes) -> Indexes:
        number = np.empty(ENTRIES)
        number[fair(seed)] = np.arange(ENTRIES) / ENTRIES
        return np.argsort(number + share * places / ENTRIES).astype(np.uint32)

    return rank


@cache
def orders(rank: Ranker) -> npt.NDArray[np.uint32]:
    """The ranking under each seed."""
    return np.array([rank(seed_of(attempt)) for attempt in range(SEEDS)])


@cache
def wins(rank: Ranker) -> Wins:
    """Who is selected under each seed, by the allocation as it is."""
    selected = np.zeros((SEEDS, ENTRIES), np.bool_)
    for attempt, order in enumerate(orders(rank)):
        taken = allocate(COLUMNS, order, PARAMS).outcome == Outcome.SELECTED
        selected[attempt, order[taken]] = True
    return selected


def chi_square_excess(won: Wins) -> float:
    """How far entries of equal chances are from equal rates, in standard deviations.

    The statistic's distribution is brought to a normal one by Wilson and Hilferty's cube root.
    """
    worst = 0.0
    for size in FAMILIES:
        counts = won[:, size == SIZE].sum(axis=0)
        p, freedom = counts.mean() / SEEDS, len(counts) - 1
        statistic = ((counts - counts.mean()) ** 2).sum() / (SEEDS * p * (1 - p))
        z = ((statistic / freedom) ** (1 / 3) - 1 + 2 / (9 * freedom)) / math.sqrt(2 / 9 / freedom)
        worst = max(worst, float(z))
    return worst


@cache
def chance_of(size: int) -> float:
    """The chance of one member of a family of `size`, in closed form.

    An entry is selected if fewer than its room of the family and fewer than the quota in all were
    taken before it. Among the entries before it, families behave as the polynomial
    Σ C(size, k) z^k w^min(k, room) each: z counts entries, w places taken.
    """
    ways = np.zeros((ENTRIES + 1, QUOTA + 1))  # of z and w; all above the quota is left out
    ways[0, 0] = 1.0
    for other, count in FAMILIES.items():
        for _ in range(count - (other == size)):
            more = np.zeros_like(ways)
            for k in range(other + 1):
                takes = min(k, LIMIT)
                part = ways[: ENTRIES + 1 - k, : QUOTA + 1 - takes]
                more[k:, takes:] += math.comb(other, k) * part
            ways = more
    chance = 0.0
    for before in range(ENTRIES):
        for own in range(min(LIMIT, size, before + 1)):
            below = ways[before - own, : max(0, QUOTA - own)].sum()
            chance += math.comb(size - 1, own) * below / math.comb(ENTRIES - 1, before)
    return chance / ENTRIES


def family_size_deviation(won: Wins) -> float:
    """How far the rate of a family size is from its closed form, in standard errors."""
    worst = 0.0
    for size in FAMILIES:
        rates = won[:, size == SIZE].mean(axis=1)
        error = rates.std(ddof=1) / math.sqrt(SEEDS)
        worst = max(worst, abs(float(rates.mean()) - chance_of(size)) / float(error))
    return worst


def rank_dependence(all_orders: npt.NDArray[np.uint32], places: npt.NDArray[np.intp]) -> float:
    """Spearman's correlation of rank and place over all seeds, in standard deviations.

    For one seed it has mean 0 and variance 1 / (n - 1), whatever the places are.
    """
    centred = np.arange(ENTRIES) - (ENTRIES - 1) / 2
    sums = ((places[all_orders] - (ENTRIES - 1) / 2) * centred).sum(axis=1)
    correlations = sums / (centred**2).sum()
    return abs(float(correlations.sum())) / math.sqrt(SEEDS / (ENTRIES - 1))


INDEX = np.arange(ENTRIES)


def test_entries_of_equal_chances_are_selected_equally_often():
    assert chi_square_excess(wins(fair)) < 4


@pytest.mark.parametrize("biased", [naive_shuffle, second_try_for_a_friend])
def test_unequal_chances_would_be_noticed(biased):
    assert chi_square_excess(wins(biased)) > 5


def test_chances_in_closed_form_make_up_the_places():
    total = sum(size * count * chance_of(size) for size, count in FAMILIES.items())
    assert total == pytest.approx(QUOTA)
    assert chance_of(1) == pytest.approx(chance_of(2))
    assert chance_of(2) > chance_of(3) > chance_of(4) > chance_of(6)


def test_families_of_each_size_are_selected_as_often_as_the_closed_form_says():
    assert family_size_deviation(wins(fair)) < 4


def test_a_draw_by_families_would_be_noticed():
    assert family_size_deviation(wins(one_ticket_for_a_family)) > 5


@pytest.mark.parametrize("places", [JOINED, INDEX], ids=["joining", "roster"])
def test_the_rank_depends_neither_on_joining_nor_on_the_roster(places):
    assert rank_dependence(orders(fair), places) < 4


@pytest.mark.parametrize("places", [JOINED, INDEX], ids=["joining", "roster"])
def test_a_head_start_of_a_fiftieth_would_be_noticed(places):
    assert rank_dependence(orders(head_start(places, 0.02)), places) > 5
