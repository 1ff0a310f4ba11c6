"""Hands and things on a card: at its edge, where no text is covered, or over the text."""

import numpy as np
from PIL import Image

from local.cards.camera import CARD_MM, View, lay, rectangle
from local.cards.occluders import finger, skin_tone
from local.cards.sheet import Sheet, colour

LEFT, TOP = -CARD_MM[0] / 2, -CARD_MM[1] / 2
RIGHT, BOTTOM = -LEFT, -TOP
# How far a fingertip may reach over each edge before it covers text; the photo and the place
# under it have no text that is read.
REACH = {"left": 2.2, "right": 9.0, "bottom": 2.2, "top": 1.2}


def fingers_at_the_edge(scene: Image.Image, chance: np.random.Generator, view: View) -> None:
    """One to three fingers whose tips lie over an edge of the card and cover no text."""
    skin = skin_tone(chance)
    side = str(chance.choice(("left", "right", "bottom", "right", "bottom")))
    along = chance.uniform(-0.55, 0.55)
    for number in range(chance.integers(1, 4)):
        deep = chance.uniform(-2, REACH[side])
        place = along + number * 0.36
        if side in ("left", "right"):
            y = float(np.clip(place, -0.8, 0.8)) * BOTTOM
            x = LEFT + deep if side == "left" else RIGHT - deep
            turn = 0.0 if side == "left" else 180.0
        else:
            x = float(np.clip(place, -0.85, 0.85)) * RIGHT
            y, turn = BOTTOM - deep, 270.0
        width = chance.uniform(14, 19)
        finger(scene, chance, view, (x, y), turn + chance.normal(0, 9), skin, width)


def something_over_the_text(scene: Image.Image, chance: np.random.Generator, view: View) -> None:
    """A finger or a thing over the NIK's digits or the heading."""
    spot = (LEFT + chance.uniform(27, 52), TOP + chance.uniform(9, 14))
    if chance.random() < 0.7:
        skin = skin_tone(chance)
        turn = float(chance.choice((0, 90, 270, 180, 300, 240)) + chance.normal(0, 12))
        along = np.deg2rad(turn)
        deeper = chance.uniform(4, 9)  # so that not only the tip lies there
        tip = (spot[0] + deeper * np.cos(along), spot[1] + deeper * np.sin(along))
        finger(scene, chance, view, tip, turn, skin, chance.uniform(15, 21))
        return
    scale = float(np.clip(view.pixels_per_mm() * 1.1, 0.5, 8))
    thing = _over(chance, scale)
    corners = view.seen(rectangle(*spot, thing.width, thing.height, float(chance.normal(0, 25))))
    lay(scene, thing.cut_out(), corners, shadow=0.4)


def _over(chance: np.random.Generator, scale: float) -> Sheet:
    """A strip of tape or paper, a sticker, a folded note."""
    width, height = chance.uniform(22, 46), chance.uniform(9, 26)
    sheet = Sheet(width, height, scale, colour(chance, 60, 250), float(chance.uniform(0, 3)))
    if chance.random() < 0.5:
        sheet.box(1, height * 0.4, width - 1, height * 0.6, colour(chance, 40, 250))
    return sheet


def hand_behind(
    scene: Image.Image, chance: np.random.Generator, view: View, skin: np.ndarray
) -> None:
    """Three fingers under the card and a forearm that comes from below the picture."""
    wrist = (chance.uniform(-20, 20), BOTTOM + 34)
    arm = Sheet(46, 260, 1, tuple(int(v) for v in skin * 0.82), 22)  # type: ignore[arg-type]
    lay(scene, arm.cut_out(), view.seen(rectangle(wrist[0], wrist[1] + 110, 46, 260)))
    for number in range(3):
        x = wrist[0] - 22 + 22 * number
        tip = (x + chance.uniform(-3, 3), BOTTOM - 20)
        finger(scene, chance, view, tip, 270 + chance.normal(0, 4), skin, 17, shadow=0.2)


def thumb_in_front(
    scene: Image.Image, chance: np.random.Generator, view: View, skin: np.ndarray
) -> None:
    """A thumb over the lower edge, under the photo, where no text is covered."""
    tip = (chance.uniform(22, 34), BOTTOM - chance.uniform(1, 5))
    finger(scene, chance, view, tip, 270 + chance.normal(0, 10), skin, 20)
