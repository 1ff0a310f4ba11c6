"""Photographs of invented cards, with the truth about each.

`shoot(seed, world, defect, size)` needs numpy and Pillow only. The same arguments give the same
picture.
"""

import zlib
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from PIL import Image

from functions.upload.photo.card import Side
from local.cards import exposure, framing, lens
from local.cards.backgrounds import full, pictures, small
from local.cards.camera import View, lay
from local.cards.clutter import cable, strew
from local.cards.hold import fingers_at_the_edge, something_over_the_text
from local.cards.ktp import draw_ktp
from local.cards.person import Person, invented_person
from local.cards.sheet import Sheet
from local.cards.wear import wear
from local.cards.worlds import World

Defect = Literal[
    "good", "dark", "blurred", "cropped", "too_small", "glare", "obstructed", "worn",
    "no_card", "blank",
]  # fmt: skip
DEFECTS: tuple[str, ...] = get_args(Defect)
WITHOUT_A_CARD = ("no_card", "blank")
# Below this many pixels along the longer side the small backgrounds, kept in memory, are enough.
SMALL = 700


@dataclass(frozen=True)
class Shot:
    """A picture and the truth about it.

    picture   RGB
    corners   (4, 2) float64 as in functions.upload.photo.card.Card; None without a card
    cut       sides of the picture over which the card runs out
    defect    the word asked for
    person    whose card it is; None without a KTP
    quarter   quarter turns by which the card is turned clockwise, 0 to 3
    faces     boxes (x0, y0, x1, y1) of faces of people (selfies)
    """

    picture: Image.Image
    corners: np.ndarray | None
    cut: tuple[Side, ...]
    defect: str
    person: Person | None
    quarter: int = 0
    faces: tuple[tuple[float, float, float, float], ...] = field(default=())


def shoot(
    seed: int, world: World, defect: str = "good", size: tuple[int, int] = (1600, 1200)
) -> Shot:
    """One photograph of `size` (width, height). Raises ValueError for an unknown defect."""
    if defect not in DEFECTS:
        raise ValueError(f"defect is one of {', '.join(DEFECTS)}")
    words = (zlib.crc32(word.encode()) for word in (world.name, defect))
    chance = np.random.default_rng([seed, *words])
    if defect == "blank":
        return Shot(exposure.blank(chance, size, world), None, (), defect, None)
    frame = framing.cropped if defect == "cropped" else framing.whole
    options = {"small": True} if defect == "too_small" else {}
    view, quarter = frame(chance, size, world.focal, **options)
    scene = table(chance, world, size)
    strew(scene, chance, view, world.print, int(chance.choice(5, p=(0.3, 0.28, 0.2, 0.14, 0.08))))
    if chance.random() < 0.1:
        cable(scene, chance, view)
    person = None
    laid = None
    if defect not in WITHOUT_A_CARD:
        person = invented_person(int(chance.integers(2**40)))
        sheet = ktp_for(chance, world, person, view)
        wear(sheet, chance, _wear_of(chance, defect))
        laid = lay(scene, sheet.cut_out(), view.card(), chance.uniform(0, 0.55), fine=True)
        if defect == "obstructed":
            something_over_the_text(scene, chance, view, world.print)
        elif chance.random() < 0.22:
            fingers_at_the_edge(scene, chance, view)
    picture = exposure.exposed(scene, chance, world, defect, view, laid)
    picture = focused(picture, chance, defect, view)
    picture = exposure.sensed(picture, chance, defect)
    if person is None:
        return Shot(picture, None, (), defect, None)
    corners = view.card() - 0.5
    return Shot(picture, corners, framing.cut_sides(view, size), defect, person, quarter)


def table(chance: np.random.Generator, world: World, size: tuple[int, int]) -> Image.Image:
    """A part of one of the world's backgrounds, turned or mirrored, filling the picture."""
    found = pictures(world.name)
    path = found[chance.integers(len(found))]
    picture = small(path) if max(size) <= SMALL else full(path)
    turns = (None, *Image.Transpose)
    turn = turns[chance.integers(len(turns))]
    if turn is not None:
        picture = picture.transpose(turn)
    share = chance.uniform(0.45, 1)
    wide = share * min(picture.width, picture.height * size[0] / size[1])
    high = wide * size[1] / size[0]
    left = chance.uniform(0, picture.width - wide)
    top = chance.uniform(0, picture.height - high)
    box = (left, top, left + wide, top + high)
    return picture.resize(size, Image.Resampling.BILINEAR, box=box)


def ktp_for(chance: np.random.Generator, world: World, person: Person, view: View) -> Sheet:
    """A card in one of the world's layouts, as fine as this view of it shows."""
    scale = float(np.clip(view.pixels_per_mm() * 1.15, 2.5, 26))
    layout = world.layouts[chance.integers(len(world.layouts))]
    typeface = world.typefaces[chance.integers(len(world.typefaces))]
    return draw_ktp(person, chance, layout, typeface, scale)


def _wear_of(chance: np.random.Generator, defect: str) -> float:
    if defect == "worn":
        return float(chance.uniform(0.65, 1))
    return float(chance.uniform(0, 0.5)) if chance.random() < 0.5 else 0.0


def focused(
    picture: Image.Image, chance: np.random.Generator, defect: str, view: View
) -> Image.Image:
    """In focus and held still, or clearly not: widths as on a card of 856 pixels.

    Good: edges spread over at most 2.5 of those (sigma 1); blurred: sigma 4 to 13, or a smear of 12
    to 45. Nothing lies between, so that a person would agree with each label.
    """
    unit = view.pixels_per_mm() / 10
    if defect != "blurred":
        picture = lens.defocused(picture, chance.uniform(0, 0.85) * unit, chance)
        return lens.defocused(picture, chance.uniform(0.0, 0.5), chance)
    if chance.random() < 0.6:
        return lens.defocused(picture, chance.uniform(4, 13) * unit, chance)
    picture = lens.defocused(picture, chance.uniform(0, 2) * unit, chance)
    return lens.shaken(picture, chance.uniform(13, 45) * unit, chance.uniform(0, 180))
