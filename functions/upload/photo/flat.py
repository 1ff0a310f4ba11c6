"""Numbers that describe a card seen from straight above. Nothing here knows of limits or codes.

Places on a card are in parts of its width and height, (0, 0) its upper left corner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from functions.upload.photo.card import CARD_SIZE


@dataclass(frozen=True)
class Zone:
    """A part of a card: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


# Where a KTP has what; generous, because layouts differ by some millimetres and corners by 3 %.
HEADING = Zone(0.18, 0.03, 0.82, 0.16)
NIK_ROW = Zone(0.03, 0.155, 0.66, 0.285)
FIELDS = Zone(0.03, 0.27, 0.66, 0.96)
PORTRAIT = Zone(0.69, 0.20, 1.0, 0.98)
TEXT: tuple[Zone, ...] = (HEADING, NIK_ROW, FIELDS)
NAMES = {"heading": HEADING, "nik": NIK_ROW, "fields": FIELDS}

CELL = 20  # pixels of the flat card along one cell: 2 mm
QUARTER = 4
NOISE_BLUR = 1  # pixels, radius
TILE = 36  # pixels of the squares in which print is told from ground


@dataclass(frozen=True)
class Flat:
    """A card of CARD_SIZE pixels, RGB, and what is measured on it, each thing once."""

    rgb: Image.Image

    @cached_property
    def luma(self) -> Image.Image:
        """L image of the card."""
        return self.rgb.convert("L")

    @cached_property
    def cells(self) -> np.ndarray:
        """(rows, columns, 3) float32, 1 to 255: the ground's colour in each cell, so the third
        quartile of its pixels, which print does not darken."""
        small = np.asarray(self.rgb.reduce(QUARTER))
        side = CELL // QUARTER
        rows, columns = small.shape[0] // side, small.shape[1] // side
        tiles = small[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
        flat = tiles.swapaxes(1, 2).reshape(rows, columns, side * side, 3)
        kept = side * side * 3 // 4
        return np.maximum(np.partition(flat, kept, axis=2)[:, :, kept], 1).astype(np.float32)

    def cells_in(self, zones: Sequence[Zone]) -> np.ndarray:
        """(rows, columns) bool: the cells whose middle lies in one of the zones."""
        return _within(self.cells.shape[:2], CELL, zones)


def luma_percentiles(flat: Flat, *percentiles: float) -> list[float]:
    """Luma (0-255) at these percentiles of the card."""
    small = np.asarray(flat.luma.reduce(QUARTER))
    return [float(value) for value in np.percentile(small, percentiles)]


def steepness(flat: Flat) -> float:
    """How steep the edges of print are: grey levels a pixel (0.1 mm) in the fullest tiles, in the
    direction in which it is least, for each grey level between ground and ink.

    0.08 and more in focus; 0.07 at a blur of 2 pixels, 0.05 at 3 (Gaussian), 0.05 and less when
    smeared over 13 or more. The energy of the emptiest tiles, noise and pattern, is taken off.
    """
    pixels = _print_of(flat)
    ink, ground = np.percentile(pixels[::4, ::4], (2, 60))
    steps = (
        pixels[:-1, 1:] - pixels[:-1, :-1],
        pixels[1:, :-1] - pixels[:-1, :-1],
        pixels[1:, 1:] - pixels[:-1, :-1],
        pixels[1:, :-1] - pixels[:-1, 1:],
    )
    energy = np.stack([_mean_squares(step) for step in steps])
    energy[2:] /= 2  # aslant two pixels are farther apart
    energy = energy[:, _within(energy.shape[1:], TILE, TEXT)]
    total = energy.sum(axis=0)
    full, empty = total >= np.percentile(total, 70), total <= np.percentile(total, 20)
    least = (energy[:, full].mean(axis=1) - energy[:, empty].mean(axis=1)).min()
    return float(np.sqrt(max(least, 0.0)) / max(ground - ink, 1.0))


def _print_of(flat: Flat) -> np.ndarray:
    """The luma of the half with the print, hardly blurred: so much takes most of the noise off."""
    width = round(max(zone.right for zone in TEXT) * CARD_SIZE[0])
    left = flat.luma.crop((0, 0, width, CARD_SIZE[1]))
    return np.asarray(left.filter(ImageFilter.BoxBlur(NOISE_BLUR)), np.float32)


def _mean_squares(steps: np.ndarray) -> np.ndarray:
    """The mean square in each tile; rows are summed first, which lies well in memory."""
    rows, columns = steps.shape[0] // TILE, steps.shape[1] // TILE
    tiles = steps[: rows * TILE, : columns * TILE]
    by_row = np.square(tiles).reshape(rows, TILE, columns * TILE).sum(axis=1)
    return by_row.reshape(rows, columns, TILE).sum(axis=2) / TILE**2


def _within(shape: tuple[int, ...], side: int, zones: Sequence[Zone]) -> np.ndarray:
    """(rows, columns) bool: the squares of `side` pixels whose middle lies in one of the zones."""
    rows, columns = shape
    y = ((np.arange(rows) + 0.5) * side / CARD_SIZE[1])[:, None]
    x = ((np.arange(columns) + 0.5) * side / CARD_SIZE[0])[None, :]
    found = np.zeros((rows, columns), bool)
    for zone in zones:
        found |= (x > zone.left) & (x < zone.right) & (y > zone.top) & (y < zone.bottom)
    return found


def chroma(flat: Flat, percentile: float) -> float:
    """Colour left after grey-world white balance, as (max - min) / max of a cell's channels.

    A grey copy stays under 0.04 in lamp light too; a card has 0.4 and more somewhere.
    """
    inner = flat.cells[2:-2, 2:-2]  # corners a little off must not bring in what lies around
    means = inner.reshape(-1, 3).mean(axis=0)
    balanced = inner * (means.mean() / means)
    highest, lowest = balanced.max(axis=2), balanced.min(axis=2)
    # In near-black cells a difference of two grey levels would count as colour.
    return float(np.percentile((highest - lowest) / np.maximum(highest, 64.0), percentile))


def clipped(flat: Flat, level: int) -> np.ndarray:
    """(rows, columns) of cells: the part of each whose pixels are white in every channel."""
    red, green, blue = flat.rgb.reduce(2).split()
    lowest = ImageChops.darker(ImageChops.darker(red, green), blue)
    white = lowest.point([255 * (value >= level) for value in range(256)])
    rows, columns = flat.cells.shape[:2]
    return np.asarray(white.reduce(CELL // 2), np.float32)[:rows, :columns] / 255


def inked(flat: Flat, cells: np.ndarray, level: int) -> float:
    """The part of the pixels in these cells whose luma is under the level: print, where white."""
    rows, columns = cells.shape
    luma = np.asarray(flat.luma)[: rows * CELL, : columns * CELL]
    dark = (luma < level).reshape(rows, CELL, columns, CELL).mean(axis=(1, 3))
    return float(dark[cells].mean()) if cells.any() else 0.0


def foreign(flat: Flat, chroma_step: float, dark_step: float) -> np.ndarray:
    """(rows, columns) bool: cells that do not have the colour of the card's ground.

    The ground is a plane through the logarithms of the cells' colours, fitted to most of them, so
    light that falls off is part of it and a shadow only makes it darker. A finger or a paper has
    other ratios of red, green and blue (`chroma_step`, natural logarithm), a dark thing is far
    below (`dark_step`).
    """
    rest = _against_ground(flat)
    light = rest.mean(axis=2)
    chroma = np.abs(rest - light[:, :, None]).max(axis=2)
    return (chroma > chroma_step) | (light < -dark_step)


def _against_ground(flat: Flat) -> np.ndarray:
    logs = np.log(flat.cells)
    rows, columns = logs.shape[:2]
    y, x = np.mgrid[0:rows, 0:columns]
    terms = np.stack((np.ones_like(x), x / columns, y / rows), -1).reshape(-1, 3).astype(np.float64)
    wanted = logs.reshape(-1, 3).astype(np.float64)
    trusted = ~flat.cells_in((PORTRAIT,)).reshape(-1)
    middle = np.median(wanted[trusted], axis=0)
    near = np.abs(wanted - middle).max(axis=1)
    trusted &= near <= np.percentile(near[trusted], 60)
    for _ in range(3):
        plane = np.linalg.lstsq(terms[trusted], wanted[trusted], rcond=None)[0]
        away = np.abs(wanted - terms @ plane).max(axis=1)
        away[flat.cells_in((PORTRAIT,)).reshape(-1)] = np.inf
        trusted = away <= np.percentile(away[np.isfinite(away)], 70)
    return (wanted - terms @ plane).reshape(rows, columns, 3)


def core(cells: np.ndarray) -> np.ndarray:
    """(rows, columns) bool: the cells whose four neighbours are among them too."""
    around = np.pad(cells, 1)
    beside = around[1:-1, :-2] & around[1:-1, 2:]
    return cells & beside & around[:-2, 1:-1] & around[2:, 1:-1]


def zone_of(cells: np.ndarray) -> str:
    """The name of the zone that these cells cover the greatest part of: heading, nik or fields."""
    parts = {
        name: float(cells[_within(cells.shape, CELL, (zone,))].mean())
        for name, zone in NAMES.items()
    }
    return max(parts, key=parts.__getitem__)


def largest_blob(cells: np.ndarray) -> np.ndarray:
    """(rows, columns) bool: the largest piece of cells that touch at their sides."""
    left = {(int(row), int(column)) for row, column in np.argwhere(cells)}
    best: set[tuple[int, int]] = set()
    while left:
        start = left.pop()
        blob, edge = {start}, [start]
        while edge:
            row, column = edge.pop()
            around = ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1))
            for near in around:
                if near in left:
                    left.remove(near)
                    blob.add(near)
                    edge.append(near)
        best = max(best, blob, key=len)
    found = np.zeros(cells.shape, bool)
    for row, column in best:
        found[row, column] = True
    return found
