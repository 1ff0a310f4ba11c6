"""Patterns that repeat all over a card: the beat of a screen's pixels, the dots of a printer.

A card's own fine lines repeat too, but not over all of it in one direction and width. So the card
is cut into squares, and what stands out is looked for in the mean of their spectra.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

SIDE = 128  # pixels of a square
BORDER = 20  # pixels of the card left out: what lies around must not come in
RING = 0.03  # width of the rings of like fineness, in cycles a pixel
# Lines of text and the card's own edges run along and across; their frequencies say nothing.
ALONG = 0.012


@dataclass(frozen=True)
class Band:
    """What is looked for: cycles a pixel from `low` to `high`, at 1/`reduced` of CARD_SIZE, with
    squares every `step` pixels."""

    reduced: int
    low: float
    high: float
    step: int


# Bands of colour 0.8 to 4 mm wide; dots 0.2 to 0.5 mm apart, in light and dark.
SCREEN = Band(2, 0.05, 0.25, 64)
DOTS = Band(1, 0.2, 0.5, 128)


def screen_waves(card: Image.Image) -> float:
    """How far the strongest wave of colour stands out of others as fine: under 30 on a card, mostly
    some hundreds on a screen."""
    red, _, blue = (np.asarray(part, np.float32) for part in card.reduce(SCREEN.reduced).split())
    return _standing_out(red - blue, SCREEN)


def printed_dots(card: Image.Image) -> float:
    """How far the strongest fine pattern of light and dark stands out of others as fine."""
    return _standing_out(np.asarray(card.convert("L"), np.float32), DOTS)


def _standing_out(values: np.ndarray, band: Band) -> float:
    border = BORDER // band.reduced
    values = values[border:-border, border:-border]
    squares = np.lib.stride_tricks.sliding_window_view(values, (SIDE, SIDE))
    squares = squares[:: band.step, :: band.step].reshape(-1, SIDE, SIDE)
    squares = (squares - squares.mean(axis=(1, 2), keepdims=True)) * _window()
    waves = np.fft.rfft2(squares)
    energy = waves.real**2 + waves.imag**2
    # No square may outweigh the others; every fourth row and column tells its level well enough.
    energy /= np.median(energy[:, ::4, ::4], axis=(1, 2), keepdims=True) + 1e-6
    spectrum = energy.mean(axis=0) + 1e-6
    rings = (spectrum[ring] for ring in _rings(band.low, band.high))
    return max(float(ring.max() / np.median(ring)) for ring in rings if ring.size)


@cache
def _window() -> np.ndarray:
    return np.outer(np.hanning(SIDE), np.hanning(SIDE)).astype(np.float32)


@cache
def _rings(low: float, high: float) -> tuple[np.ndarray, ...]:
    """Masks over a spectrum: the frequencies between low and high, ring by ring."""
    down, across = np.abs(np.fft.fftfreq(SIDE))[:, None], np.fft.rfftfreq(SIDE)[None, :]
    fineness = np.hypot(down, across)
    aslant = (down > ALONG) & (across > ALONG)
    starts = np.arange(low, high, RING)
    return tuple(aslant & (fineness >= at) & (fineness < at + RING) for at in starts)
