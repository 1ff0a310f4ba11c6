"""Corners of a card from words whose places on it are known.

First the words that agree with one turn, size and shift; then the perspective map that suits those
best and along which lines of print run level. Words stand mostly on the left, so the map is held
near to what a card seen moderately askew can look like.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from functions.upload.photo.anchors_text import TextBox
from functions.upload.photo.card import ASPECT, perspective

WIDTH_MM = 85.6
HALF = np.array((WIDTH_MM / 2, WIDTH_MM / ASPECT / 2))
TOLERANCE_MM = 2.5
# Words nearer to each other than this give no turn.
LEAST_BASE_MM = 2.5

# What is usual: of a word's place in mm (printers differ), of a line's direction in radians, of
# unequal stretch and shear, and of perspective over half the card's width.
WORD_MM, DIRECTION, STRETCH, PERSPECTIVE = 0.8, 0.008, 0.15, 0.10
# Only lines so many times longer than high have a direction worth using.
LONG_LINE = 4.0
ROUNDS = 6


@dataclass(frozen=True)
class Anchor:
    """A word of the card: its name, where it is in the picture, and where a KTP has it (mm)."""

    name: str
    seen: np.ndarray
    place: np.ndarray


@dataclass(frozen=True)
class Fit:
    """Corners of the card in the picture (4, 2), how many words agree on them, and how far those
    are off (root of the mean square)."""

    corners: np.ndarray
    words: int
    error_mm: float

    def place_of(self, point: np.ndarray) -> np.ndarray:
        """Where on the card a point of the picture lies: mm from its upper left corner."""
        flat = np.array([(0, 0), (2, 0), (2, 2), (0, 2)]) * HALF
        a, b, c, d, e, f, g, h = perspective(self.corners, flat)
        x, y = point
        return np.array((a * x + b * y + c, d * x + e * y + f)) / (g * x + h * y + 1)


def fitted(anchors: Sequence[Anchor], lines: Sequence[TextBox]) -> Fit | None:
    """Where the card is by these words, and by lines that run along it, read from their left.

    None when no two words agree.
    """
    # Places from the middle of the card, in halves of its width.
    places = np.array([anchor.place - HALF for anchor in anchors]).reshape(-1, 2) / HALF[0]
    seen = np.array([anchor.seen for anchor in anchors]).reshape(-1, 2)
    found = _similar(places, seen)
    if found is None:
        return None
    turn, shift, agreeing = found
    places, seen = places[agreeing], seen[agreeing]
    size = abs(turn)
    start = np.array((turn.real, -turn.imag, turn.imag, turn.real, shift.real, shift.imag, 0, 0))
    level = _lines_on_card(lines, turn, shift)
    values = start / np.array((size,) * 6 + (1, 1))
    for _ in range(ROUNDS):
        values = values - _step(values, lambda v: _errors(v, places, seen / size, level, size))
    off = np.linalg.norm(_mapped(values, places) - seen / size, axis=1) * HALF[0]
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * HALF / HALF[0]
    return Fit(_mapped(values, corners) * size, len(places), float(np.sqrt(np.square(off).mean())))


def _similar(places: np.ndarray, seen: np.ndarray) -> tuple[complex, complex, np.ndarray] | None:
    """The turn and size (one complex number) and the shift on which most words agree, and which
    those are."""
    z, w = places @ (1, 1j), seen @ (1, 1j)
    best: tuple[complex, complex, np.ndarray] | None = None
    for one, other in combinations(range(len(z)), 2):
        if abs(z[one] - z[other]) * HALF[0] < LEAST_BASE_MM or w[one] == w[other]:
            continue
        turn = (w[one] - w[other]) / (z[one] - z[other])
        errors = np.abs(turn * (z - z[one]) + w[one] - w) / abs(turn) * HALF[0]
        # Two words near each other tell little of one far away.
        reach = TOLERANCE_MM * (1 + np.abs(z - (z[one] + z[other]) / 2))
        agreeing = errors < reach
        if best is None or agreeing.sum() > best[2].sum():
            best = complex(turn), complex(w[one] - turn * z[one]), agreeing
    return best


def _lines_on_card(
    lines: Sequence[TextBox], turn: complex, shift: complex
) -> tuple[np.ndarray, np.ndarray]:
    """Middles (n, 2) and directions (n, 2) of long lines that lie on the card, about."""
    kept = []
    for line in lines:
        place = (complex(*line.middle) - shift) / turn
        inside = abs(place.real) < 1 and abs(place.imag) < 1 / ASPECT
        if inside and line.length > LONG_LINE * line.height:
            along = complex(*line.along) / turn
            kept.append((line.middle, line.along * np.sign(along.real or 1.0)))
    both = np.array(kept).reshape(-1, 2, 2)
    return both[:, 0], both[:, 1]


def _mapped(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Places on the card in the picture: the perspective map of eight numbers."""
    a, b, c, d, x, y, g, h = values
    depth = 1 + places @ (g, h)
    return (places @ np.array([(a, c), (b, d)]) + (x, y)) / depth[:, None]


def _errors(
    values: np.ndarray,
    places: np.ndarray,
    seen: np.ndarray,
    level: tuple[np.ndarray, np.ndarray],
    size: float,
) -> np.ndarray:
    """All that should be zero, each in units of what is usual."""
    a, b, c, d, _, _, g, h = values
    words = (_mapped(values, places) - seen).ravel() * HALF[0] / WORD_MM
    middles, directions = level[0] / size, level[1]
    # The level direction at a point of the picture points to where level lines meet: (a, c) / g.
    towards = np.stack([a - g * middles[:, 0], c - g * middles[:, 1]], axis=1)
    lengths = np.maximum(np.linalg.norm(towards, axis=1), 1e-9)
    sines = (towards[:, 0] * directions[:, 1] - towards[:, 1] * directions[:, 0]) / lengths
    usual = np.array(((a - d) / STRETCH, (b + c) / STRETCH, g / PERSPECTIVE, h / PERSPECTIVE))
    return np.concatenate([words, sines / DIRECTION, usual])


def _step(values: np.ndarray, errors) -> np.ndarray:
    """One step of Gauss and Newton, by differences."""
    now, tiny = errors(values), 1e-5
    slopes = np.stack([(errors(values + tiny * unit) - now) / tiny for unit in np.eye(8)], axis=1)
    return np.linalg.lstsq(slopes, now, rcond=None)[0]
