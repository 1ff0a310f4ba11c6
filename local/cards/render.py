"""Photos of invented cards and of cartoon people holding them, good and bad ones."""

import datetime
from typing import Literal, get_args

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from local.cards.face import draw_card
from local.cards.person import Person, Sex, invented_person, require_invented
from local.cards.scene import lay, lit, photographed, table, tilted_corners

Variation = Literal["good", "dark", "blank", "blurred", "cropped", "grey", "tiny"]
VARIATIONS: tuple[str, ...] = get_args(Variation)

FRAME = (1600, 1200)
TINY = (360, 270)
GOOD_EXPOSURE = (0.8, 1.15)
DARK_EXPOSURE = (0.06, 0.2)
GOOD_BLUR = (0.4, 1.1)
GROSS_BLUR = (7.0, 14.0)


def render_ktp(
    nik: str,
    name: str,
    birth_date: datetime.date,
    sex: Sex,
    address: str,
    *,
    seed: int,
    variation: Variation = "good",
) -> bytes:
    """JPEG photo of a card on a table, 1600 x 1200 (tiny: 360 x 270).

    dark: hardly any light. blank: a wall. blurred: out of focus. cropped: part of the card is
    outside the frame. grey: a black-and-white copy, filling the frame. tiny: few pixels.

    Raises ValueError for a NIK that is not invented (serial 9xxx) or an unknown variation.
    """
    require_invented(nik)
    _require_known(variation)
    chance = np.random.default_rng([seed, 1])
    if variation == "blank":
        return _blank(chance)
    person = Person(nik, name, birth_date, sex, address)
    return _finished(chance, _card_on_table(chance, person, seed, variation), variation)


def render_selfie(seed: int, variation: Variation = "good") -> bytes:
    """JPEG of a cartoon person holding a card beside the face, 1200 x 1600.

    Variations as in `render_ktp`; grey and cropped (the card half outside) too.
    """
    _require_known(variation)
    chance = np.random.default_rng([seed, 2])
    if variation == "blank":
        return _blank(chance)
    width, height = FRAME[1], FRAME[0]
    scene = table(chance, width, height)
    _cartoon(chance, scene)
    card = draw_card(invented_person(seed), seed)
    centre = (width * 0.68, height * 0.72)
    if variation == "cropped":
        centre = (width * 1.0, height * 0.72)
    corners = tilted_corners(chance, centre, width * 0.46, chance.uniform(-12, 12))
    lay(scene, card, corners)
    _fingers(scene, corners[3])
    return _finished(chance, scene, variation)


def _require_known(variation: str) -> None:
    if variation not in VARIATIONS:
        raise ValueError(f"variation is one of {', '.join(VARIATIONS)}")


def _card_on_table(
    chance: np.random.Generator, person: Person, seed: int, variation: Variation
) -> Image.Image:
    width, height = FRAME
    scene = table(chance, width, height)
    card_width = chance.uniform(0.5, 0.82) * width
    centre = (width / 2 + chance.uniform(-40, 40), height / 2 + chance.uniform(-40, 40))
    if variation == "cropped":
        centre = (centre[0] + chance.choice((-1, 1)) * width * 0.45, centre[1])
    corners = tilted_corners(chance, centre, card_width, chance.uniform(-14, 14))
    lay(scene, draw_card(person, seed), corners)
    return scene


def _finished(chance: np.random.Generator, scene: Image.Image, variation: Variation) -> bytes:
    exposure = chance.uniform(*(DARK_EXPOSURE if variation == "dark" else GOOD_EXPOSURE))
    blur = chance.uniform(*(GROSS_BLUR if variation == "blurred" else GOOD_BLUR))
    if variation == "grey":  # the copier sees no colour, the lamp over the copy still has one
        scene = ImageOps.grayscale(scene).convert("RGB")
    scene = lit(chance, scene, exposure)
    if variation == "tiny":
        scene.thumbnail((TINY[0], TINY[0]))
    return photographed(chance, scene, blur=blur)


def _blank(chance: np.random.Generator) -> bytes:
    wall = Image.new("RGB", FRAME, tuple(int(value) for value in chance.integers(120, 240, 3)))
    return photographed(chance, lit(chance, wall, 1.0))


def blank_in_the_dark(seed: int) -> bytes:
    """JPEG of nothing at all, as with a hand over the lens."""
    chance = np.random.default_rng([seed, 3])
    return photographed(chance, Image.new("RGB", FRAME, (9, 8, 8)))


def _cartoon(chance: np.random.Generator, scene: Image.Image) -> None:
    """Head, hair, eyes, mouth and shoulders in flat colours."""
    draw = ImageDraw.Draw(scene)
    width, height = scene.size
    x, y, size = width * 0.42, height * 0.34, width * chance.uniform(0.19, 0.23)
    skin = tuple(int(value) for value in chance.uniform((150, 100, 70), (225, 180, 150)))
    shirt = tuple(int(value) for value in chance.integers(40, 220, 3))
    hair = (35, 28, 26)
    draw.ellipse((x - 2 * size, y + 1.5 * size, x + 2 * size, y + 6 * size), shirt)
    draw.rectangle((x - size * 0.4, y + size, x + size * 0.4, y + 1.8 * size), skin)
    draw.ellipse((x - 1.1 * size, y - 1.5 * size, x + 1.1 * size, y + 0.9 * size), hair)
    draw.ellipse((x - size, y - 1.2 * size, x + size, y + 1.35 * size), skin)
    for side in (-0.4, 0.4):
        eye = x + side * size
        draw.ellipse((eye - 32, y - 22, eye + 32, y + 22), "white", hair, 3)
        draw.ellipse((eye - 14, y - 14, eye + 14, y + 14), hair)
        draw.line((eye - 40, y - 50, eye + 40, y - 54), hair, 10)
    draw.line((x, y + 10, x - 14, y + 0.45 * size, x + 12, y + 0.45 * size), hair, 5)
    draw.arc((x - 80, y + 0.5 * size, x + 80, y + 0.9 * size), 15, 165, (150, 50, 50), 12)


def _fingers(scene: Image.Image, corner: tuple[float, float]) -> None:
    """A hand that holds the card by its lower left corner."""
    draw = ImageDraw.Draw(scene)
    x, y = corner
    for finger in range(3):
        top = y - 70 + 34 * finger
        draw.rounded_rectangle((x - 90, top, x + 46, top + 32), 16, (205, 158, 130), (150, 110, 90))


def photo_of(person: Person, seed: int, variation: Variation = "good") -> bytes:
    """`render_ktp` for a whole person."""
    return render_ktp(
        person.nik,
        person.name,
        person.birth_date,
        person.sex,
        person.address,
        seed=seed,
        variation=variation,
    )
