"""What is printed under the text of a card: tints, guilloche, a map-like pattern."""

import numpy as np

from local.cards.sheet import Sheet


def guilloche(sheet: Sheet, chance: np.random.Generator, inks: np.ndarray, depth: float) -> None:
    """Tint the sheet from one side to the other and draw families of fine waves over it.

    inks   (3, 3): colour at the left, at the right, and of the waves
    depth  0..1, how dark the waves are
    """
    height, width = sheet.picture.height, sheet.picture.width
    x = (np.arange(width, dtype=np.float32) / sheet.scale)[None, :]
    y = (np.arange(height, dtype=np.float32) / sheet.scale)[:, None]
    share = np.clip(x / sheet.width + 0.15 * np.sin(y / 9 + chance.uniform(0, 6)), 0, 1)
    waves = np.zeros((height, width), np.float32)
    for _ in range(2):
        pitch, bend = chance.uniform(1.0, 2.4), chance.uniform(2, 7)
        turn = chance.uniform(-0.6, 0.6)
        phase = y + turn * x + bend * np.sin(x / chance.uniform(5, 14) + chance.uniform(0, 6))
        waves += np.cos(phase * (2 * np.pi / pitch))
    waves = np.clip(waves - 0.9, 0, 1) * depth
    islands = _islands(chance, height, width) * chance.uniform(0, 0.25)
    dark = np.clip(waves + islands, 0, 1)[:, :, None]
    tint = inks[0] + share[:, :, None] * (inks[1] - inks[0])
    sheet.repaint((tint + dark * (inks[2] - tint)).astype(np.float32))


def _islands(chance: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Patches like islands on a map, 0 or 1 with soft coasts."""
    from PIL import Image

    coarse = chance.normal(0, 1, (5, 9)).astype(np.float32)
    field = Image.fromarray(coarse).resize((width, height), 3)
    return np.clip((np.asarray(field) - 0.5) * 4, 0, 1)
