"""Portraits printed on cards: a drawn head, never a person's."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from local.cards.sheet import Colour

SKINS: tuple[Colour, ...] = ((224, 178, 148), (198, 146, 112), (164, 116, 84), (122, 84, 60))
PLATES: tuple[Colour, ...] = ((176, 48, 44), (48, 84, 168), (200, 60, 50), (60, 110, 190))


def portrait(chance: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """A head and shoulders before a red or blue wall, as on a card; RGB of this size."""
    wide, high = 66, 84
    picture = Image.new("RGB", (wide, high), PLATES[chance.integers(len(PLATES))])
    draw = ImageDraw.Draw(picture)
    skin = SKINS[chance.integers(len(SKINS))]
    shade = tuple(int(value * 0.82) for value in skin)
    hair = tuple(int(value) for value in chance.integers(14, 52, 3))
    shirt = tuple(int(value) for value in chance.integers(30, 235, 3))
    x, y, r = wide / 2 + chance.uniform(-3, 3), high * 0.42, wide * chance.uniform(0.2, 0.25)
    draw.ellipse((x - 2.1 * r, y + 1.5 * r, x + 2.1 * r, y + 5 * r), shirt)
    draw.rectangle((x - 0.5 * r, y + r, x + 0.5 * r, y + 1.9 * r), shade)
    if chance.random() < 0.4:  # long hair or a veil
        draw.ellipse((x - 1.35 * r, y - 1.6 * r, x + 1.35 * r, y + 2.2 * r), hair)
    else:
        draw.ellipse((x - 1.12 * r, y - 1.55 * r, x + 1.12 * r, y + 0.5 * r), hair)
    draw.ellipse((x - r, y - 1.25 * r, x + r, y + 1.4 * r), skin)
    for side in (-0.4, 0.4):
        eye = x + side * r
        draw.line((eye - 0.24 * r, y - 0.38 * r, eye + 0.24 * r, y - 0.4 * r), hair, 2)
        draw.ellipse((eye - 2.4, y - 2.6, eye + 2.4, y + 1.2), (236, 234, 230))
        draw.ellipse((eye - 1.3, y - 2.3, eye + 1.3, y + 0.8), hair)
    draw.line((x, y, x - 1.4, y + 0.42 * r, x + 1.8, y + 0.46 * r), shade, 1)
    draw.line((x - 0.36 * r, y + 0.84 * r, x + 0.36 * r, y + 0.82 * r), (150, 70, 66), 2)
    soft = picture.filter(ImageFilter.GaussianBlur(0.7)).resize(size, Image.Resampling.BICUBIC)
    return soft
