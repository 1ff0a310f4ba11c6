"""Fingers that hold a card or lie over it."""

import numpy as np
from PIL import Image

from local.cards.camera import View, lay, rectangle
from local.cards.portrait import SKINS
from local.cards.sheet import RIM

LENGTH_MM = 170.0
SIDE_MM = 26.0


def finger(
    scene: Image.Image,
    chance: np.random.Generator,
    view: View,
    tip: tuple[float, float],
    degrees: float,
    skin: np.ndarray,
    width: float = 17.0,
    shadow: float = 0.35,
) -> Image.Image | None:
    """A finger whose tip lies at `tip` (mm on the card's plane) and points `degrees` clockwise of
    right. Returns where it is (mask of the scene), None when it is outside the picture."""
    cut = _drawn(chance, skin, width, float(np.clip(view.pixels_per_mm() * 1.1, 0.6, 10)))
    along = np.deg2rad(degrees)
    middle = np.array(tip) - (LENGTH_MM / 2) * np.array([np.cos(along), np.sin(along)])
    corners = view.seen(rectangle(middle[0], middle[1], LENGTH_MM, SIDE_MM, degrees))
    return lay(scene, cut, corners, shadow)


def skin_tone(chance: np.random.Generator) -> np.ndarray:
    """One of several, varied."""
    tone = np.array(SKINS[chance.integers(len(SKINS))], np.float32)
    return (tone * chance.uniform(0.88, 1.08)).astype(np.float32)


def _drawn(
    chance: np.random.Generator, skin: np.ndarray, width: float, scale: float
) -> Image.Image:
    """A finger of LENGTH_MM x SIDE_MM pointing right, shaded as a round thing, with a nail."""
    columns, rows = round(LENGTH_MM * scale), round(SIDE_MM * scale)
    x = ((np.arange(columns, dtype=np.float32) + 0.5) / scale)[None, :]
    y = ((np.arange(rows, dtype=np.float32) + 0.5) / scale - SIDE_MM / 2)[:, None]
    half = width / 2 * (0.86 + 0.14 * np.clip((LENGTH_MM - x) / 40, 0, 1))
    bulge = half * (1 + 0.05 * np.cos((LENGTH_MM - x) / 5.5))
    beyond = np.clip(x - (LENGTH_MM - width / 2), 0, None)
    distance = np.hypot(beyond, y) / bulge
    lit = np.sqrt(np.clip(1 - distance**2, 0, 1)) * 0.5 + 0.55 - 0.10 * y / half
    folds = 1 - 0.10 * np.exp(-(((LENGTH_MM - x - 27) / 1.0) ** 2))
    folds = folds - 0.07 * np.exp(-(((LENGTH_MM - x - 31) / 0.8) ** 2))
    colour = skin * (lit * folds)[:, :, None]
    if chance.random() < 0.7:  # seen from above: the nail
        nail = np.hypot((x - (LENGTH_MM - 7.5)) / 6.5, y / (width * 0.34))
        share = np.clip((1 - nail) * 6, 0, 0.75)[:, :, None]
        pale = np.minimum(skin * 1.08 + np.array((16, 8, 10), np.float32), 250) * (
            lit[:, :, None] * 0.4 + 0.6
        )
        colour = colour * (1 - share) + pale * share
    alpha = np.clip((1 - distance) * width / 2 * scale + 0.5, 0, 1)
    pixels = np.dstack([np.clip(colour, 0, 255), alpha * 255]).astype(np.uint8)
    padded = np.pad(pixels, ((RIM, RIM), (RIM, RIM), (0, 0)), mode="edge")
    padded[:, :RIM, 3] = padded[:, -RIM:, 3] = padded[:RIM, :, 3] = padded[-RIM:, :, 3] = 0
    return Image.fromarray(padded, "RGBA")
