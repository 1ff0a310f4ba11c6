"""The bias report: whether ranks went with anything that they must not know of (§12).

Under a fair draw the ranks 1…n are a random permutation, whatever the people are like. So for each
attribute the ranks of its groups are compared with what chance gives: Spearman's trend for
what has an order, Kruskal and Wallis's test for what has none, and for both a chi-square test of
groups against tenths of the ranking, which sees what no trend shows. All three come from counts and
sums of ranks, so ten million entries are read once and none is kept.

The report accompanies a result and never changes it. Groups of fewer than SMALLEST are merged.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SMALLEST = 50
TENTHS = 10
# Slices of the time between opening and close; ages are counted in years.
SLICES = 100
ORDERED, UNORDERED = ("join_time", "age"), ("sex", "region", "pool")
ATTRIBUTES = (*ORDERED, *UNORDERED)
UNKNOWN, OTHER = "unknown", "other"
# The years at which a new band begins, in the published groups of ages.
AGE_BANDS = (18, 25, 35, 45, 55, 65)
# An adjusted p below this would be met by chance in one of a hundred waves.
NOTABLE = 0.01
# 95 % of a normal distribution lie so many standard deviations around the mean.
INTERVAL = 1.959964


@dataclass
class Cell:
    """What is kept of one value of an attribute."""

    count: int = 0
    ranks: int = 0
    tenths: list[int] = field(default_factory=lambda: [0] * TENTHS)

    def add(self, other: Cell) -> None:
        """Count another cell in."""
        self.count += other.count
        self.ranks += other.ranks
        self.tenths = [a + b for a, b in zip(self.tenths, other.tenths, strict=True)]


Cells = dict[str, Cell]


class Tally:
    """Counts and sums of ranks by attribute and value, over `n` ranked entries."""

    def __init__(self, n: int):
        self.n = n
        self.cells: dict[str, Cells] = {name: {} for name in ATTRIBUTES}

    def observe(self, rank: int, traits: Mapping[str, str]) -> None:
        """Count an entry with its rank (1…n); attributes not in `traits` are unknown."""
        tenth = (rank - 1) * TENTHS // self.n
        for name in ATTRIBUTES:
            cell = self.cells[name].setdefault(traits.get(name, UNKNOWN), Cell())
            cell.count += 1
            cell.ranks += rank
            cell.tenths[tenth] += 1

    def add(self, other: Tally) -> None:
        """Count another part of the same wave in."""
        for name, cells in other.cells.items():
            for value, cell in cells.items():
                self.cells[name].setdefault(value, Cell()).add(cell)

    def to_json(self) -> dict[str, object]:
        """As plain values."""
        rows = {
            name: {value: [c.count, c.ranks, *c.tenths] for value, c in sorted(cells.items())}
            for name, cells in self.cells.items()
        }
        return {"n": self.n, "cells": rows}

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Tally:
        """The inverse of `to_json`."""
        n, rows = value["n"], value["cells"]
        if not isinstance(n, int) or not isinstance(rows, Mapping):
            raise ValueError("not a tally")
        made = cls(n)
        for name, cells in rows.items():
            for one, (count, ranks, *tenths) in cells.items():
                made.cells[name][one] = Cell(count, ranks, tenths)
        return made


@dataclass(frozen=True)
class Test:
    """One test of one attribute. `p` is None when there are too few people to say anything."""

    attribute: str
    test: str
    statistic: float | None
    p: float | None
    adjusted: float | None = None


@dataclass(frozen=True)
class Group:
    """A published group: its mean rank as a share of all, and where chance puts 95 % of such."""

    name: str
    entries: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Report:
    """The bias report of a wave; holds nothing of single people."""

    wave: int
    n: int
    tests: tuple[Test, ...]
    groups: Mapping[str, tuple[Group, ...]]

    @property
    def notable(self) -> tuple[Test, ...]:
        """Tests whose p, times the number of tests, is below NOTABLE."""
        return tuple(t for t in self.tests if t.adjusted is not None and t.adjusted < NOTABLE)

    def to_json(self) -> dict[str, object]:
        """`bias.json`."""
        return {
            "version": 1,
            "wave": self.wave,
            "ranked": self.n,
            "smallest_group": SMALLEST,
            "notable_below": NOTABLE,
            "tests": [
                {
                    "attribute": one.attribute,
                    "test": one.test,
                    "statistic": _short(one.statistic),
                    "p": _short(one.p),
                    "p_bonferroni": _short(one.adjusted),
                }
                for one in self.tests
            ],
            "groups": {
                name: [
                    {
                        "group": one.name,
                        "entries": one.entries,
                        "mean_rank": _short(one.mean),
                        "chance_from": _short(one.low),
                        "chance_to": _short(one.high),
                    }
                    for one in groups
                ]
                for name, groups in self.groups.items()
            },
        }


def report(wave: int, tally: Tally) -> Report:
    """All tests, Bonferroni's adjustment over those that were possible, and the groups."""
    groups = {name: merged(name, cells) for name, cells in tally.cells.items()}
    found: list[Test] = []
    for name in ATTRIBUTES:
        first = ("trend", _trend) if name in ORDERED else ("groups", _between)
        cells = tally.cells[name] if name in ORDERED else groups[name]
        for test, compute, over in ((*first, cells), ("shape", _shape, groups[name])):
            possible = tally.n >= SMALLEST and len(groups[name]) > 1
            answer = compute(over, tally.n) if possible else None
            statistic, p = answer if answer is not None else (None, None)
            found.append(Test(name, test, statistic, p))
    count = sum(one.p is not None for one in found)
    tests = tuple(
        Test(t.attribute, t.test, t.statistic, t.p, None if t.p is None else min(1.0, t.p * count))
        for t in found
    )
    shown = {name: _groups(cells, tally.n) for name, cells in groups.items()}
    return Report(wave, tally.n, tests, shown)


def slice_of(joined_at: int, opens_at: int, closes_at: int) -> str:
    """Which of the SLICES of a wave's time a join lies in, as a value of `join_time`."""
    at = (joined_at - opens_at) * SLICES // max(1, closes_at - opens_at)
    return str(min(max(at, 0), SLICES - 1))


def merged(attribute: str, cells: Cells) -> Cells:
    """Groups of SMALLEST entries or more, none left out; fewer than two say nothing."""
    if attribute in ORDERED:
        return _merged_in_order(_bands(attribute, cells))
    large = {name: cell for name, cell in sorted(cells.items()) if cell.count >= SMALLEST}
    small = [cell for cell in cells.values() if cell.count < SMALLEST]
    if small:
        rest = _sum(small)
        if rest.count < SMALLEST and large:
            smallest = min(large, key=lambda name: (large[name].count, name))
            rest.add(large.pop(smallest))
        large[OTHER] = _sum([rest, large[OTHER]]) if OTHER in large else rest
    return large


def _bands(attribute: str, cells: Cells) -> list[tuple[str, str, Cell]]:
    """(first, last, cell) of each band, in order; what is unknown stands last."""
    bands: dict[tuple[int, str, str], Cell] = {}
    for value, cell in cells.items():
        if value == UNKNOWN:
            key = (1_000, UNKNOWN, UNKNOWN)
        elif attribute == "age":
            key = _age_band(int(value))
        else:
            tenth = int(value) * TENTHS // SLICES
            key = (tenth, f"{tenth * 10}%", f"{tenth * 10 + 10}%")
        bands.setdefault(key, Cell()).add(cell)
    return [(first, last, bands[order, first, last]) for order, first, last in sorted(bands)]


def _age_band(age: int) -> tuple[int, str, str]:
    start = max((edge for edge in AGE_BANDS if edge <= age), default=0)
    end = min((edge for edge in AGE_BANDS if edge > age), default=0)
    return start, str(start), str(end - 1) if end else "…"


def _merged_in_order(bands: list[tuple[str, str, Cell]]) -> Cells:
    """Neighbours put together until each group is large enough."""
    groups: list[tuple[str, str, Cell]] = []
    for first, last, cell in bands:
        if groups and groups[-1][2].count < SMALLEST:
            begun, _, before = groups.pop()
            groups.append((begun, last, _sum([before, cell])))
        else:
            groups.append((first, last, cell))
    if len(groups) > 1 and groups[-1][2].count < SMALLEST:
        _, last, cell = groups.pop()
        begun, _, before = groups.pop()
        groups.append((begun, last, _sum([before, cell])))
    return {first if first == last else f"{first}-{last}": cell for first, last, cell in groups}


def _sum(cells: Iterable[Cell]) -> Cell:
    total = Cell()
    for cell in cells:
        total.add(cell)
    return total


def _trend(cells: Cells, n: int) -> tuple[float, float] | None:
    """Spearman's coefficient with ties, and its p by the permutation variance.

    Only entries whose value is known; their ranks are a sample without replacement of 1…n.
    """
    known = sorted((int(value), cell) for value, cell in cells.items() if value != UNKNOWN)
    total = sum(cell.count for _, cell in known)
    mean_x, mean_rank, below, product, spread = (total + 1) / 2, (n + 1) / 2, 0, 0.0, 0.0
    for _, cell in known:
        x = below + (cell.count + 1) / 2 - mean_x
        product += x * (cell.ranks - cell.count * mean_rank)
        spread += cell.count * x * x
        below += cell.count
    if not spread:
        return None
    z = product / math.sqrt(spread * n * (n + 1) / 12)
    return z / math.sqrt(n - 1), math.erfc(abs(z) / math.sqrt(2))


def _between(cells: Cells, n: int) -> tuple[float, float]:
    """Kruskal and Wallis's H, and its p by the chi-square distribution."""
    squares = sum(cell.ranks**2 / cell.count for cell in cells.values())
    h = 12 * squares / (n * (n + 1)) - 3 * (n + 1)
    return h, chi_square_tail(h, len(cells) - 1)


def _shape(cells: Cells, n: int) -> tuple[float, float]:
    """Chi-square of groups against tenths; both margins are fixed, hence (n - 1) / n."""
    columns = [sum(cell.tenths[j] for cell in cells.values()) for j in range(TENTHS)]
    square = 0.0
    for cell in cells.values():
        for seen, column in zip(cell.tenths, columns, strict=True):
            expected = cell.count * column / n
            square += (seen - expected) ** 2 / expected
    square *= (n - 1) / n
    return square, chi_square_tail(square, (len(cells) - 1) * (TENTHS - 1))


def _groups(cells: Cells, n: int) -> tuple[Group, ...]:
    found = []
    for name, cell in cells.items():
        mean = cell.ranks / cell.count / (n + 1)
        deviation = math.sqrt((n - cell.count) / (12 * cell.count * (n + 1)))
        wide = INTERVAL * deviation
        found.append(Group(name, cell.count, mean, max(0.0, 0.5 - wide), min(1.0, 0.5 + wide)))
    return tuple(found) if n >= SMALLEST else ()


def chi_square_tail(x: float, freedom: int) -> float:
    """P(chi-square with `freedom` degrees > x): the upper incomplete gamma function.

    Series below a + 1, else Lentz's continued fraction (Abramowitz and Stegun 6.5.29, 6.5.31).
    """
    a, half = freedom / 2, x / 2
    if half <= 0:
        return 1.0
    scale = math.exp(a * math.log(half) - half - math.lgamma(a))
    if half < a + 1:
        term = total = 1 / a
        k = a
        while term > total * 1e-16:
            k += 1
            term *= half / k
            total += term
        return max(0.0, 1 - total * scale)
    b = half + 1 - a
    c, d = 1e300, 1 / b
    value = d
    for i in range(1, 10_000):
        factor = -i * (i - a)
        b += 2
        d = 1 / (factor * d + b)
        c = b + factor / c
        value *= d * c
        if abs(d * c - 1) < 1e-15:
            break
    return min(1.0, value * scale)


def _short(value: float | None) -> float | None:
    """Six significant digits: more would only be noise."""
    return None if value is None else float(f"{value:.6g}")
