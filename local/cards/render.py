"""Files of invented cards and selfies from the world EVERYDAY, good ones and bad ones."""

import datetime
from typing import Literal, get_args

import numpy as np
from PIL import Image

from local.cards.encoding import encode
from local.cards.person import Person, Sex, require_invented
from local.cards.photos import shoot
from local.cards.selfies import shoot_selfie
from local.cards.worlds import EVERYDAY

Variation = Literal[
    "good",
    "dark",
    "blank",
    "blurred",
    "cropped",
    "grey",
    "tiny",
    "glare",
    "obstructed",
    "not_ktp",
    "screen",
    "colour_copy",
]
VARIATIONS: tuple[str, ...] = get_args(Variation)
SELFIE_VARIATIONS = ("good", "dark", "blank", "blurred", "cropped", "grey", "tiny", "no_face",
                     "no_card")  # fmt: skip

FRAME = (1600, 1200)
# The longer side of a picture that is too small to be read.
TINY = 360
DEFECTS = {"grey": "grey_copy", "tiny": "good"}


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
    """JPEG photo of this person's card on a table, 1600 x 1200 (tiny: 360 x 270).

    Variations are the defects of `photos.shoot`; grey is a black-and-white copy, tiny has few
    pixels. Raises ValueError for a NIK that is not invented (serial 9xxx) or an unknown variation.
    """
    require_invented(nik)
    if variation not in VARIATIONS:
        raise ValueError(f"variation is one of {', '.join(VARIATIONS)}")
    person = Person(nik, name, birth_date, sex, address)
    picture = shoot(seed, EVERYDAY, DEFECTS.get(variation, variation), FRAME, person).picture
    return encode(_reduced(picture, variation), quality=88)


def render_selfie(seed: int, variation: str = "good", person: Person | None = None) -> bytes:
    """JPEG of someone who holds a card (of `person`, or an invented one), 1200 x 1600.

    Variations as in `render_ktp`, those that a selfie can have; no_face and no_card besides.
    """
    if variation not in SELFIE_VARIATIONS:
        raise ValueError(f"variation is one of {', '.join(SELFIE_VARIATIONS)}")
    size = FRAME[1], FRAME[0]
    if variation == "blank":
        return encode(shoot(seed, EVERYDAY, "blank", size).picture, quality=88)
    defect = "good" if variation in ("grey", "tiny") else variation
    picture = shoot_selfie(seed, EVERYDAY, defect, size, person).picture
    if variation == "grey":
        picture = picture.convert("L").convert("RGB")
    return encode(_reduced(picture, variation), quality=88)


def _reduced(picture: Image.Image, variation: str) -> Image.Image:
    if variation == "tiny":
        picture.thumbnail((TINY, TINY))
    return picture


def blank_in_the_dark(seed: int) -> bytes:
    """JPEG of nothing at all, as with a hand over the lens."""
    chance = np.random.default_rng([seed, 3])
    noise = chance.normal(8, 2, (FRAME[1], FRAME[0], 1)).repeat(3, axis=2)
    return encode(Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8)), quality=88)


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
