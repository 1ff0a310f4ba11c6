"""A KTP that is not the card itself: copied in grey or colour, or shown on a screen."""

import numpy as np
from PIL import Image, ImageFilter

from local.cards.camera import CARD_MM, View, lay, rectangle
from local.cards.sheet import Sheet, colour


def grey_toner(sheet: Sheet, chance: np.random.Generator) -> None:
    """What a black-and-white copier leaves of the card: hard contrast, speckle, streaks."""
    luma = np.asarray(sheet.picture.convert("L"), np.float32)
    knee = chance.uniform(90, 150)
    luma = 255 / (1 + np.exp(-(luma - knee) / chance.uniform(22, 55)))
    luma = luma + chance.normal(0, chance.uniform(3, 16), luma.shape)
    streaks = chance.normal(0, chance.uniform(0, 5), (1, luma.shape[1]))
    black = chance.uniform(14, 50)
    luma = black + np.clip(luma + streaks, 0, 255) * (246 - black) / 255
    sheet.repaint(np.repeat(luma[:, :, None], 3, axis=2))


def colour_toner(sheet: Sheet, chance: np.random.Generator) -> None:
    """What a colour copier leaves: shifted colours, printed dots, a little softer."""
    soft = sheet.picture.filter(ImageFilter.GaussianBlur(0.06 * sheet.scale))
    pixels = np.asarray(soft, np.float32)
    grey = pixels.mean(axis=2, keepdims=True)
    pixels = grey + (pixels - grey) * chance.uniform(0.65, 1.5)
    pixels = (pixels - 128) * chance.uniform(1.0, 1.35) + 128 + chance.uniform(-16, 22, 3)
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]] / sheet.scale
    pitch = chance.uniform(0.25, 0.45)  # 56 to 100 lines an inch
    for ink, degrees in enumerate((15, 75, 0)):
        turn = np.deg2rad(degrees + chance.uniform(-4, 4))
        u = (columns * np.cos(turn) + rows * np.sin(turn)) * 2 * np.pi / pitch
        v = (rows * np.cos(turn) - columns * np.sin(turn)) * 2 * np.pi / pitch
        pixels[:, :, ink] += np.cos(u) * np.cos(v) * chance.uniform(8, 26)
    sheet.repaint(pixels)


def on_paper(
    scene: Image.Image, chance: np.random.Generator, view: View, copy: Sheet
) -> Image.Image | None:
    """Lay the copy: a part of a sheet of paper, or cut out of it with or without a margin."""
    copy.corner = 0
    if chance.random() < 0.4:
        margin = chance.uniform(0, 5, 4) * (chance.random() < 0.7)
    else:
        margin = chance.uniform(12, 150, 4)
    while True:
        left, top, right, bottom = margin
        width, height = CARD_MM[0] + left + right, CARD_MM[1] + top + bottom
        flat = rectangle((right - left) / 2, (bottom - top) / 2, width, height)
        if view.before(flat):
            break
        margin *= 0.8
    white = colour(chance, 236, 254)
    white = (white[0], white[0], white[0])
    scale = copy.scale
    if width * scale > 4000:
        scale = 4000 / width
        copy.picture = copy.picture.resize((round(CARD_MM[0] * scale), round(CARD_MM[1] * scale)))
    paper = Sheet(width, height, scale, white)
    grain = Image.effect_noise((256, 256), 6).resize(paper.picture.size)
    paper.repaint(
        np.asarray(paper.picture, np.float32) + np.asarray(grain, np.float32)[:, :, None] - 128
    )
    paper.paste(copy.picture, left, top)
    return lay(scene, paper.cut_out(), view.seen(flat), shadow=0.35, fine=True)


def on_screen(
    scene: Image.Image, chance: np.random.Generator, view: View, shown: Sheet
) -> Image.Image | None:
    """Lay a phone or a monitor that shows the card among other things on it."""
    side, above = chance.uniform(2, 26, 2)
    wide, high = CARD_MM[0] + 2 * side, CARD_MM[1] + 2 * above
    bezel = float(chance.choice((2.0, 4.0, 9.0)))
    body = Sheet(wide + 2 * bezel, high + 2 * bezel, shown.scale, colour(chance, 4, 34), bezel)
    body.box(bezel, bezel, bezel + wide, bezel + high, colour(chance, 10, 250))
    if above > 8:
        body.box(bezel, bezel, bezel + wide, bezel + 5, colour(chance, 30, 220))
    body.paste(shown.cut_out(), bezel + side - 2 / shown.scale, bezel + above - 2 / shown.scale)
    pixels = np.asarray(body.picture, np.float32)
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]] / body.scale
    glow = 10 + pixels * np.array((0.93, 0.99, 1.06), np.float32)
    inside = (rows > bezel) & (rows < bezel + high) & (columns > bezel) & (columns < bezel + wide)
    waves = _moire(chance, rows, columns)
    pixels = np.where(inside[:, :, None], glow * (1 + waves), pixels)
    body.repaint(pixels)
    corners = view.seen(rectangle(0, 0, body.width, body.height))
    return lay(scene, body.cut_out(), corners, shadow=0.3, fine=True)


def _moire(chance: np.random.Generator, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The beat of the screen's pixels with the sensor's, (rows, columns, 3), and its pixel grid."""
    bands = np.zeros((*rows.shape, 3), np.float32)
    turn, pitch = chance.uniform(0, np.pi), chance.uniform(0.9, 3.5)
    bend = np.sin(columns / chance.uniform(15, 60)) * chance.uniform(0, 4)
    along = (columns * np.cos(turn) + rows * np.sin(turn) + bend) * 2 * np.pi / pitch
    depth = chance.uniform(0.04, 0.16)
    for channel in range(3):
        bands[:, :, channel] = depth * np.cos(along + channel * chance.uniform(0.4, 2.2))
    grid = np.cos(columns * 2 * np.pi / 0.3) * 0.05 + np.cos(rows * 2 * np.pi / 0.3) * 0.05
    return bands + grid[:, :, None].astype(np.float32)
