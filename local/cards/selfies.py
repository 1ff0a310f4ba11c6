"""Selfies of people who hold an invented card beside the face."""

import zlib
from typing import Literal, get_args

import numpy as np
from PIL import Image

from local.cards import exposure, framing
from local.cards.camera import View, lay, looking, rectangle
from local.cards.hold import hand_behind, thumb_in_front
from local.cards.occluders import skin_tone
from local.cards.people import Box, stand
from local.cards.person import Person, invented_person
from local.cards.photos import Shot, focused, ktp_for, table
from local.cards.worlds import World

SelfieDefect = Literal["good", "dark", "blurred", "cropped", "too_small", "no_face", "no_card"]
SELFIE_DEFECTS: tuple[str, ...] = get_args(SelfieDefect)


def shoot_selfie(
    seed: int,
    world: World,
    defect: str = "good",
    size: tuple[int, int] = (1200, 1600),
    person: Person | None = None,
) -> Shot:
    """One selfie of `size` (width, height); `person` is whose card is held, else an invented one.

    no_face: only the hand with the card. no_card: empty hands. too_small: a card that is far away.
    Raises ValueError for an unknown defect.
    """
    if defect not in SELFIE_DEFECTS:
        raise ValueError(f"defect is one of {', '.join(SELFIE_DEFECTS)}")
    words = (zlib.crc32(word.encode()) for word in (world.name, "selfie", defect))
    chance = np.random.default_rng([seed, *words])
    scene = table(chance, world, size)
    faces: tuple[Box, ...] = ()
    if defect != "no_face":
        faces = (stand(scene, chance, world.name),)
    view = _held(chance, size, world, faces, defect)
    laid = None
    if defect != "no_card":
        person = person or invented_person(int(chance.integers(2**40)))
        laid = _card_in_hand(scene, chance, world, person, view)
    picture = exposure.exposed(scene, chance, world, defect, view, laid)
    picture = focused(picture, chance, defect, view)
    picture = exposure.sensed(picture, chance, defect)
    if laid is None:
        return Shot(picture, None, (), defect, None, faces=faces)
    cut = framing.cut_sides(view, size)
    return Shot(picture, view.card() - 0.5, cut, defect, person, faces=faces)


def _card_in_hand(
    scene: Image.Image, chance: np.random.Generator, world: World, person: Person, view: View
) -> Image.Image | None:
    skin = skin_tone(chance)
    hand_behind(scene, chance, view, skin)
    sheet = ktp_for(chance, world, person, view)
    laid = lay(scene, sheet.cut_out(), view.card(), shadow=0.25, fine=True)
    thumb_in_front(scene, chance, view, skin)
    return laid


def _held(
    chance: np.random.Generator,
    size: tuple[int, int],
    world: World,
    faces: tuple[Box, ...],
    defect: str,
) -> View:
    """Where the card is held: under the face, to one side; nothing of the face is covered."""
    width, height = size
    share = chance.uniform(0.42, 0.6)
    if defect == "too_small":
        share = chance.uniform(0.1, 0.17)
    chin = faces[0][3] if faces else 0.45 * height
    for _ in range(200):
        centre = np.array((chance.uniform(0.25, 0.75) * width, chance.uniform(0.45, 0.9) * height))
        if defect == "cropped":
            side = chance.choice((0, 1))
            centre[0] = (side + (0.5 - side) * chance.uniform(-0.1, 0.3)) * width
        view = looking(
            size,
            width=share * width,
            centre=(float(centre[0]), float(centre[1])),
            roll=float(np.clip(chance.normal(0, 8), -20, 20)),
            pitch=float(chance.normal(0, 8)),
            yaw=float(chance.normal(0, 8)),
            focal=float(chance.uniform(*world.focal)),
        )
        cut = framing.cut_sides(view, size)
        below = view.seen(rectangle(0, 0, 86, 54))[:, 1].min() > chin + 0.01 * height
        fits = framing.clearly_cropped(view, size) if defect == "cropped" else not cut
        if below and fits:
            return view
        share *= 0.995
    raise AssertionError("a card under a face always fits")
