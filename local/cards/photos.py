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
from local.cards.backgrounds import any_picture, full, small
from local.cards.camera import View, lay
from local.cards.clutter import cable, strew
from local.cards.copies import colour_toner, grey_toner, on_paper, on_screen
from local.cards.hold import fingers_at_the_edge, something_over_the_text
from local.cards.ktp import draw_ktp
from local.cards.others import DESIGNS, form
from local.cards.people import stand
from local.cards.person import Person, invented_person
from local.cards.sheet import Sheet
from local.cards.wear import wear
from local.cards.worlds import World

Defect = Literal[
    "good", "dark", "blurred", "cropped", "too_small", "glare", "obstructed", "worn",
    "grey_copy", "colour_copy", "screen", "not_ktp",
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
    corners   (4, 2) float64 as in functions.upload.photo.card.Card: of the card, of its copy, of
              the card shown on the screen, of the other card (not_ktp); None without one
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
    seed: int,
    world: World,
    defect: str = "good",
    size: tuple[int, int] = (1600, 1200),
    person: Person | None = None,
) -> Shot:
    """One photograph of `size` (width, height); `person` is whose card it is, else an invented one.

    Raises ValueError for an unknown defect or a person whose NIK could be real.
    """
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
    person = person or invented_person(int(chance.integers(2**40)))
    laid = _lay_card(scene, chance, world, defect, view, person)
    picture = exposure.exposed(scene, chance, world, defect, view, laid)
    picture = focused(picture, chance, defect, view)
    picture = exposure.sensed(picture, chance, defect)
    if laid is None:
        return Shot(picture, None, (), defect, None)
    corners, cut = view.card() - 0.5, framing.cut_sides(view, size)
    return Shot(picture, corners, cut, defect, None if defect == "not_ktp" else person, quarter)


def _lay_card(
    scene: Image.Image,
    chance: np.random.Generator,
    world: World,
    defect: str,
    view: View,
    person: Person,
) -> Image.Image | None:
    """Lay what the defect asks for; the mask of an ID-1 card that was laid, else None."""
    if defect == "no_card":
        if chance.random() < 0.2:
            stand(scene, chance, world.name)
        return None
    scale = scale_for(view)
    typeface = world.typefaces[chance.integers(len(world.typefaces))]
    if defect == "not_ktp":
        if chance.random() < 0.12:
            sheet = form(person, chance, typeface, scale / 2)
            lay(scene, sheet.cut_out(), view.card(), 0.3, fine=True)
            return None
        designs = DESIGNS[world.name]
        sheet = designs[chance.integers(len(designs))](person, chance, typeface, scale)
    else:
        sheet = ktp_for(chance, world, person, view)
    wear(sheet, chance, _wear_of(chance, defect))
    if defect == "grey_copy":
        grey_toner(sheet, chance)
        return on_paper(scene, chance, view, sheet)
    if defect == "colour_copy":
        colour_toner(sheet, chance)
        return on_paper(scene, chance, view, sheet)
    if defect == "screen":
        return on_screen(scene, chance, view, sheet)
    laid = lay(scene, sheet.cut_out(), view.card(), chance.uniform(0, 0.55), fine=True)
    if defect == "obstructed":
        something_over_the_text(scene, chance, view)
    elif chance.random() < 0.22:
        fingers_at_the_edge(scene, chance, view)
    return laid


def table(chance: np.random.Generator, world: World, size: tuple[int, int]) -> Image.Image:
    """A part of one of the world's backgrounds, turned or mirrored, filling the picture."""
    path = any_picture(chance, world.name)
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


def scale_for(view: View) -> float:
    """Pixels a mm with which a card is drawn for this view: a little finer than it is seen."""
    return float(np.clip(view.pixels_per_mm() * 1.15, 2.5, 26))


def ktp_for(chance: np.random.Generator, world: World, person: Person, view: View) -> Sheet:
    """A card in one of the world's layouts, as fine as this view of it shows."""
    layout = world.layouts[chance.integers(len(world.layouts))]
    typeface = world.typefaces[chance.integers(len(world.typefaces))]
    return draw_ktp(person, chance, layout, typeface, scale_for(view))


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
