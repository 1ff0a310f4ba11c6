"""What years in a wallet do to a card: faded print, scratches, stains, a pale worn rim."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from local.cards.sheet import Sheet


def wear(sheet: Sheet, chance: np.random.Generator, strength: float) -> None:
    """Age the card; up to strength 1 a person still reads all of it."""
    width, height = sheet.picture.size
    small = (max(2, width // 8), max(2, height // 8))
    stains = Image.new("L", small, 0)
    draw = ImageDraw.Draw(stains)
    for _ in range(chance.poisson(5 * strength)):
        x, y = chance.uniform(0, small[0]), chance.uniform(0, small[1])
        r = chance.uniform(0.02, 0.12) * small[0]
        draw.ellipse((x - r, y - 0.7 * r, x + r, y + 0.7 * r), int(chance.integers(20, 90)))
    soft = stains.filter(ImageFilter.GaussianBlur(small[0] / 60)).resize((width, height))
    stain = np.asarray(soft, np.float32)[:, :, None] / 255 * np.array((0.5, 0.65, 0.9), np.float32)
    pixels = np.asarray(sheet.picture, np.float32)
    fade = 0.28 * strength * chance.random()
    pixels = pixels + fade * (np.array((214, 216, 210), np.float32) - pixels)
    sheet.repaint(pixels * (1 - strength * stain))
    draw = ImageDraw.Draw(sheet.picture)
    for _ in range(chance.poisson(14 * strength)):
        x, y = chance.uniform(0, width), chance.uniform(0, height)
        angle, length = chance.normal(0, 0.7), chance.exponential(0.1) * width
        tone = int(chance.integers(170, 245)) if chance.random() < 0.75 else 90
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        draw.line((x, y, *end), (tone, tone, tone), max(1, round(0.1 * sheet.scale)))
    rim = round(chance.uniform(0, 1.1) * strength * sheet.scale)
    if rim:
        radius = sheet.corner * sheet.scale
        draw.rounded_rectangle((0, 0, width - 1, height - 1), radius, None, (226, 226, 222), rim)
