"""The light in a picture: its fall, its colour, shadows, sheen and glare."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Fall = Literal["window", "lamp", "two lamps", "corner"]
Shade = Literal["phone", "hand", "head", "blind"]


@dataclass(frozen=True)
class Lighting:
    """What light there is in a world.

    falls   how the light falls off over the picture
    shades  what throws a shadow into it
    cast    largest share by which a lamp's colour raises or lowers red and blue
    """

    falls: tuple[Fall, ...]
    shades: tuple[Shade, ...]
    cast: float


def grid(size: tuple[int, int], longest: int = 64) -> tuple[np.ndarray, np.ndarray, float]:
    """Coordinates of a coarse grid over the picture: x, y (-1..1 along the longer side), step."""
    step = max(size) / longest
    columns, rows = max(2, round(size[0] / step)), max(2, round(size[1] / step))
    x = (np.arange(columns, dtype=np.float32) + 0.5 - columns / 2) / (longest / 2)
    y = (np.arange(rows, dtype=np.float32) + 0.5 - rows / 2) / (longest / 2)
    return x[None, :], y[:, None], step


def spread(field: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A coarse field over the whole picture, float32 (rows, columns)."""
    coarse = Image.fromarray(np.ascontiguousarray(field, np.float32))
    return np.asarray(coarse.resize(size, Image.Resampling.BICUBIC))


def fall(chance: np.random.Generator, size: tuple[int, int], lighting: Lighting) -> np.ndarray:
    """How bright each point is, coarse, around 1 in the middle."""
    x, y, _ = grid(size)
    kind = lighting.falls[chance.integers(len(lighting.falls))]
    angle, depth = chance.uniform(0, 2 * np.pi), chance.uniform(0.03, 0.4)
    along = x * np.cos(angle) + y * np.sin(angle)
    if kind == "window":
        field = 1 + depth * along
    elif kind == "lamp":
        at = chance.uniform(-0.8, 0.8, 2)
        field = 1 + depth * (np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 0.7) - 0.45)
    elif kind == "corner":
        field = 1 - 0.8 * depth * np.clip(along, 0, None) ** 2 - 0.25 * depth * (x**2 + y**2)
    else:
        one = np.exp(-((along - 0.8) ** 2) / 0.5)
        two = np.exp(-((along + 0.9) ** 2) / 0.3)
        field = 1 + depth * (one + 0.7 * two - 0.5)
    return np.clip(field, 0.3, 1.8).astype(np.float32)


def shade(chance: np.random.Generator, size: tuple[int, int], lighting: Lighting) -> np.ndarray:
    """A soft shadow over part of the picture, coarse: 1 where there is none."""
    longest = 160
    scale = longest / max(size)
    width, height = max(2, round(size[0] * scale)), max(2, round(size[1] * scale))
    mask = Image.new("L", (width, height), 0)
    draw = ImageDraw.Draw(mask)
    kind = lighting.shades[chance.integers(len(lighting.shades))]
    x, y = chance.uniform(0, width), chance.uniform(0, height)
    if kind == "phone":
        side = chance.uniform(30, 70)
        box = Image.new("L", (round(side), round(side * 2)), 255)
        turned = box.rotate(float(chance.uniform(0, 180)), expand=True)
        mask.paste(turned, (round(x - turned.width / 2), round(y - turned.height / 2)))
    elif kind == "hand":
        for finger in range(4):
            offset = finger * 13 - 20
            draw.line((x + offset, y, x + offset * 1.6, y + 140), 255, 11)
    elif kind == "head":
        r = chance.uniform(22, 45)
        draw.ellipse((x - r, y - 1.2 * r, x + r, y + 1.2 * r), 255)
        draw.ellipse((x - 2.2 * r, y + r, x + 2.2 * r, y + 6 * r), 255)
    else:
        slope, step = chance.uniform(-1, 1), chance.uniform(14, 34)
        for line in np.arange(-longest, 2 * longest, step):
            draw.line((0, line, width, line + slope * width), 255, round(step * 0.45))
    soft = mask.filter(ImageFilter.GaussianBlur(float(chance.uniform(1.5, 7))))
    dark = chance.uniform(0.12, 0.5)
    return (1 - dark * np.asarray(soft, np.float32) / 255).astype(np.float32)


def cast(chance: np.random.Generator, lighting: Lighting) -> np.ndarray:
    """The colour of the light, (3,) around 1: warm or cold, a little green or not."""
    warm = chance.uniform(-lighting.cast, lighting.cast)
    green = chance.uniform(-lighting.cast, lighting.cast) * 0.3
    return np.array([1 + warm, 1 + green, 1 - warm], np.float32)


def blob(
    size: tuple[int, int],
    centre: tuple[float, float],
    radii: tuple[float, float],
    degrees: float,
    edge: float,
) -> np.ndarray:
    """A highlight (coarse, 0..1): an ellipse in pixels with a core and a soft skirt.

    edge: how many of its radii the skirt reaches beyond the core.
    """
    x, y, step = grid(size, 160)
    x = (x + 1 * 0) * 80 * step + size[0] / 2 - centre[0]
    y = y * 80 * step + size[1] / 2 - centre[1]
    angle = np.deg2rad(degrees)
    u = (x * np.cos(angle) + y * np.sin(angle)) / radii[0]
    v = (-x * np.sin(angle) + y * np.cos(angle)) / radii[1]
    away = np.sqrt(u**2 + v**2)
    return np.exp(-(np.clip(away - 1, 0, None) ** 2) / (2 * (edge / 2.2) ** 2)).astype(np.float32)
