"""Charts of lines and bars as SVG, drawn here: no script, no font, nothing from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 14, 30
COLOURS = ("#0b5cad", "#b4330c", "#2e7d32", "#6a3d9a")
# Points of a line; of several minutes in one point the highest is drawn, so that no peak is lost.
POINTS = 480
# Of bars: the height of a row, and the room for names and for counts.
ROW, NAMES, COUNTS = 22, 190, 150


def chart(
    title: str,
    series: Mapping[str, Sequence[float]],
    unit: str,
    marks: Sequence[tuple[float, str]] = (),
) -> str:
    """One chart: {name: a value each minute}; `marks` are (minute, word) shown as upright lines."""
    minutes = max((len(values) for values in series.values()), default=0)
    most = _round_up(max((max(v, default=0.0) for v in series.values()), default=0.0))
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
        *_axes(minutes, most),
    ]
    for minute, word in marks:
        x = _x(minute, minutes)
        ends = f'x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"'
        parts.append(f'<line class="mark" {ends}><title>{escape(word)}</title></line>')
    for colour, (name, values) in zip(COLOURS, series.items(), strict=False):
        parts.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.6" '
                     f'points="{_points(values, minutes, most)}"><title>{escape(name)}</title>'
                     "</polyline>")  # fmt: skip
    parts.append("</svg>")
    told = f"{title}, {unit}" if unit else title
    caption = f"<figcaption>{escape(told)} {_legend(series)}</figcaption>"
    return f"<figure>{caption}{''.join(parts)}</figure>"


def share(count: int, whole: int | None) -> str:
    """`12.5%`, or nothing when it is not known of how many."""
    return f"{count / whole:.1%}" if whole else ""


def bars(title: str, rows: Sequence[tuple[str, int | None]], whole: int | None) -> str:
    """A bar for each row, the longest as wide as there is room, with its share of `whole`.

    A count of None is told as not counted.
    """
    most = max((count or 0 for _, count in rows), default=0) or 1
    height = ROW * len(rows) + TOP
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    for number, (name, count) in enumerate(rows):
        y = ROW * number + TOP
        wide = (WIDTH - NAMES - COUNTS) * (count or 0) / most
        told = "not counted" if count is None else f"{count:,}  {share(count, whole)}".rstrip()
        parts.append(
            f'<text x="{NAMES - 8}" y="{y + 11}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="{NAMES}" y="{y}" width="{wide:.1f}" height="{ROW - 6}" '
            f'fill="{COLOURS[0]}"/>'
            f'<text x="{NAMES + wide + 6:.1f}" y="{y + 11}">{told}</text>'
        )
    return f"<figure><figcaption>{escape(title)}</figcaption>{''.join(parts)}</svg></figure>"


def _legend(series: Mapping[str, Sequence[float]]) -> str:
    return " ".join(
        f'<span class="key"><i style="background:{colour}"></i>{escape(name)}</span>'
        for colour, name in zip(COLOURS, series, strict=False)
    )


def _axes(minutes: int, most: float) -> list[str]:
    parts = []
    for step in range(5):
        value = most * step / 4
        y = _y(value, most)
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{_short(value)}</text>'
        )
    every = 60 * max(1, math.ceil(minutes / 60 / 12))
    for minute in range(0, minutes + 1, every):
        parts.append(
            f'<text x="{_x(minute, minutes):.1f}" y="{HEIGHT - 10}" '
            f'text-anchor="middle">{minute // 60} h</text>'
        )
    return parts


def _points(values: Sequence[float], minutes: int, most: float) -> str:
    each = max(1, math.ceil(len(values) / POINTS))
    found = []
    for first in range(0, len(values), each):
        value = max(values[first : first + each])
        found.append(f"{_x(first, minutes):.1f},{_y(value, most):.1f}")
    return " ".join(found)


def _x(minute: float, minutes: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * minute / max(minutes, 1)


def _y(value: float, most: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / most


def _round_up(value: float) -> float:
    if value <= 0:
        return 1.0
    size = 10 ** math.floor(math.log10(value))
    return float(next(step * size for step in (1, 2, 4, 5, 8, 10) if step * size >= value))


def _short(value: float) -> str:
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
