"""Numbers that describe pixels. Each takes a view (a frame, or a part cut out of one) as an RGB
image and knows nothing of limits, kinds or codes, so a rectified card is measured like a frame."""

import numpy as np
from PIL import Image, ImageFilter

# Working sizes, longest side in pixels: small enough to be quick and to average sensor noise away.
THUMB_SIDE = 256
SHARPNESS_SIDE = 1024
TILE_SIDE = 96
SURROUNDINGS_RADIUS = 6
REBLUR_RADIUS = 2


def luma_percentiles(view: Image.Image, *percentiles: float) -> list[float]:
    """Luma (0-255) at these percentiles of the view's pixels."""
    return [float(value) for value in np.percentile(_thumb(view, "L"), percentiles)]


def detail(view: Image.Image, percentile: float) -> float:
    """How far pixels differ from their surroundings, in grey levels at this percentile.

    A white wall has 1 to 2, also in uneven light; any card, even a small one, 20 and more.
    """
    luma = view.convert("L")
    luma.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BOX)
    around = luma.filter(ImageFilter.BoxBlur(SURROUNDINGS_RADIUS))
    difference = np.abs(np.asarray(luma, np.int16) - np.asarray(around, np.int16))
    return float(np.percentile(difference, percentile))


def sharpness(view: Image.Image, percentile: float, min_step: float) -> float:
    """How much steeper the steepest edges are than after one more blur; of all tiles the sharpest.

    About 1 when the view is blurred already, 3 to 5 for print in focus. Tiles whose edges are
    lower than `min_step` grey levels a pixel say nothing; 0 when that is true of all tiles.
    """
    luma = view.convert("L")
    luma.thumbnail((SHARPNESS_SIDE, SHARPNESS_SIDE), Image.Resampling.BOX)
    once = _steepest_by_tile(luma, percentile)
    twice = _steepest_by_tile(luma.filter(ImageFilter.BoxBlur(REBLUR_RADIUS)), percentile)
    telling = once >= min_step
    if not telling.any():
        return 0.0
    return float((once[telling] / np.maximum(twice[telling], 1.0)).max())


def chroma(view: Image.Image, percentile: float) -> float:
    """Colour left after grey-world white balance, as (max - min) / max of a pixel's channels.

    A grey copy stays under 0.04 in lamp light too; a colour photo has 0.3 and more somewhere.
    """
    rgb = _thumb(view, "RGB").astype(np.float32)
    means = rgb.reshape(-1, 3).mean(axis=0)
    balanced = rgb * (means.mean() / np.maximum(means, 1.0))
    highest = balanced.max(axis=2)
    # In near-black pixels a difference of two grey levels would count as colour.
    spread = (highest - balanced.min(axis=2)) / np.maximum(highest, 64.0)
    return float(np.percentile(spread, percentile))


def _thumb(view: Image.Image, mode: str) -> np.ndarray:
    small = view.convert(mode)
    small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.BOX)
    return np.asarray(small)


def _steepest_by_tile(luma: Image.Image, percentile: float) -> np.ndarray:
    """Each tile's gradient at this percentile, in grey levels a pixel; shape (rows, columns)."""
    pixels = np.asarray(luma, np.int16)
    steps = np.maximum(
        np.abs(np.diff(pixels, axis=1))[:-1, :], np.abs(np.diff(pixels, axis=0))[:, :-1]
    )
    side = min(TILE_SIDE, *steps.shape)
    rows, columns = steps.shape[0] // side, steps.shape[1] // side
    tiles = steps[: rows * side, : columns * side].reshape(rows, side, columns, side)
    flat = tiles.swapaxes(1, 2).reshape(rows, columns, side * side)
    kept = min(side * side - 1, round(side * side * percentile / 100))
    return np.partition(flat, kept, axis=2)[:, :, kept].astype(np.float32)
