"""Numbers that describe the frame; those of the card are in `flat`. Nothing here knows of limits,
kinds or codes."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

# Working sizes, longest side in pixels, within a factor of 1.5: small enough to be quick and to
# average sensor noise away.
EDGES_SIDE = 1024
THUMB_SIDE = 256
TILE_SIDE = 96
SURROUNDINGS_RADIUS = 6
NOISE_RADIUS = 1
REBLUR_RADIUS = 3


@dataclass(frozen=True)
class View:
    """One picture at the sizes it is measured at.

    rgb         RGB image, about EDGES_SIDE
    luma        L image of the same size
    thumb       RGB image, about THUMB_SIDE
    thumb_luma  L image of the same size
    """

    rgb: Image.Image
    luma: Image.Image
    thumb: Image.Image
    thumb_luma: Image.Image


def view_of(rgb: Image.Image) -> View:
    """The view of an RGB picture; reduced by whole numbers, which is quick and does not alias."""
    middle = _reduced(rgb, EDGES_SIDE)
    thumb = _reduced(middle, THUMB_SIDE)
    return View(rgb=middle, luma=middle.convert("L"), thumb=thumb, thumb_luma=thumb.convert("L"))


def luma_percentiles(view: View, *percentiles: float) -> list[float]:
    """Luma (0-255) at these percentiles of the view's pixels."""
    return [float(value) for value in np.percentile(np.asarray(view.thumb_luma), percentiles)]


def detail(view: View, percentile: float) -> float:
    """How far pixels differ from their surroundings, in grey levels at this percentile.

    A white wall has 1 to 2, also in uneven light; cards and people 25 and more, blurred or not.
    """
    around = view.thumb_luma.filter(ImageFilter.BoxBlur(SURROUNDINGS_RADIUS))
    difference = np.abs(np.asarray(view.thumb_luma, np.int16) - np.asarray(around, np.int16))
    return float(np.percentile(difference, percentile))


def sharpness(view: View, percentile: float, min_step: float) -> float:
    """How much steeper the steepest edges are than after more blur; of all tiles the sharpest.

    3 and more in focus, up to 1.7 when blurred grossly. A first, slight blur takes off what noise
    would pass for edges. Tiles whose edges are lower than `min_step` grey levels a pixel say
    nothing; 0 when that is true of all tiles.
    """
    once = _steepest_by_tile(view.luma.filter(ImageFilter.BoxBlur(NOISE_RADIUS)), percentile)
    again = _steepest_by_tile(view.luma.filter(ImageFilter.BoxBlur(REBLUR_RADIUS)), percentile)
    telling = once >= min_step
    if not telling.any():
        return 0.0
    return float((once[telling] / np.maximum(again[telling], 1.0)).max())


def _reduced(rgb: Image.Image, longest_side: int) -> Image.Image:
    factor = round(max(rgb.size) / longest_side)
    return rgb.reduce(factor) if factor > 1 else rgb


def _steepest_by_tile(luma: Image.Image, percentile: float) -> np.ndarray:
    """Each tile's gradient at this percentile, in grey levels a pixel; shape (rows, columns)."""
    pixels = np.asarray(luma, np.int16)
    pixels = np.pad(pixels, ((0, pixels.shape[0] == 1), (0, pixels.shape[1] == 1)), mode="edge")
    down = np.abs(np.diff(pixels, axis=0))[:, :-1]
    across = np.abs(np.diff(pixels, axis=1))[:-1, :]
    steps = np.maximum(down, across).astype(np.uint8)
    side = min(TILE_SIDE, *steps.shape)
    rows, columns = steps.shape[0] // side, steps.shape[1] // side
    tiles = steps[: rows * side, : columns * side].reshape(rows, side, columns, side)
    flat = tiles.swapaxes(1, 2).reshape(rows, columns, side * side)
    kept = min(side * side - 1, round(side * side * percentile / 100))
    return np.partition(flat, kept, axis=2)[:, :, kept].astype(np.float32)
