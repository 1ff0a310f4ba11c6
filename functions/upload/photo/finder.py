"""Finds the card in a picture: a small network paints it, `quad` draws its four lines.

How the network was made and what it was measured to do is in docs/card-finder.md.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.upload.photo.card import Card, Search, Side
from functions.upload.photo.models import session
from functions.upload.photo.quad import Outline, cut_sides, extent, largest_part, outline

MODEL = "card_finder.onnx"
INPUT_SIZE = (192, 128)  # what the network sees, portraits turned first

# Longer frames than this are no photo of a card; a panorama would be squeezed past recognition.
MAX_FRAME_ASPECT = 3.0
MIN_FRAME = 32
# The second look: how much wider than what the first one saw the enlarged part is.
SECOND_LOOK = 1.5
# A part nearly as large as the frame would show nothing new.
ENLARGED = 0.9
# Under this there is nothing worth a second look.
FAINT = 0.15
# Under this nothing runs out of the frame.
MIN_PRESENCE = 0.5
# Under this the corners are not given.
MIN_CONFIDENCE = 0.5

# The network sees a card that stands turned a quarter anticlockwise; the frame's sides turn back.
TURNED_BACK: dict[Side, Side] = {
    "left": "top",
    "top": "right",
    "right": "bottom",
    "bottom": "left",
}
# Halving by means first, as long as this many times the pixels remain, is quicker and as sharp.
REDUCING_GAP = 1.2

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Look:
    """What the network said of one part of a picture.

    mask     probabilities as `quad` takes them; of the part turned to lie on its side, if it stands
    box      the part: left, top, right, bottom in the picture's pixels
    upright  whether it stands
    reading  (2,) in the picture, roughly the direction of the lines of text
    """

    mask: np.ndarray
    box: Box
    upright: bool
    present: float
    reading: np.ndarray

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the part, lying on its side."""
        across, down = self.box[2] - self.box[0], self.box[3] - self.box[1]
        return (down, across) if self.upright else (across, down)


@dataclass(frozen=True)
class Found:
    """The lines drawn through a look, in the picture's pixels, and how far to trust them."""

    look: Look
    corners: np.ndarray | None
    cut: tuple[Side, ...]
    confidence: float


def find_card(picture: Image.Image) -> Search:
    """The card in an upright RGB picture; `Search.card` is None unless it is sure of the corners.

    Any card of the ID-1 format counts, and paper of that shape; whether it is a KTP is for those
    who read it. Which way up it lies is right more often than not: a card may be upside down.
    """
    width, height = picture.size
    shorter, longer = sorted((width, height))
    if shorter < MIN_FRAME or longer > MAX_FRAME_ASPECT * shorter:
        return Search(None, 0.0)
    whole = look_at(picture, (0.0, 0.0, float(width), float(height)))
    part = largest_part(whole.mask > 0.5)
    if part is None or whole.present < FAINT:
        return Search(None, whole.present)
    box = enlarged(whole, part, picture.size)
    if box is None:
        return _answer(drawn(whole), picture.size, whole.present)
    nearer = drawn(look_at(picture, box))
    present = max(whole.present, nearer.look.present)
    if nearer.confidence >= MIN_CONFIDENCE:
        return _answer(nearer, picture.size, present)
    return _answer(drawn(whole), picture.size, present)


def look_at(picture: Image.Image, box: Box) -> Look:
    """Run the network on this part of the picture."""
    size = np.array((box[2] - box[0], box[3] - box[1]))
    upright = bool(size[1] > size[0])
    wanted = (INPUT_SIZE[1], INPUT_SIZE[0]) if upright else INPUT_SIZE
    small = picture.resize(wanted, Image.Resampling.BILINEAR, box, REDUCING_GAP)
    if upright:
        small = small.transpose(Image.Transpose.ROTATE_90)
    mask, present, reading = session(MODEL).run(None, {"picture": np.asarray(small)})
    if upright:
        reading = np.array((-reading[1], reading[0]))
    reading = reading * size / wanted
    return Look(mask.astype(np.float64), box, upright, float(present), reading)


def drawn(look: Look) -> Found:
    """The four lines through what the network saw."""
    found = outline(look.mask, look.size)
    if found is None:
        return Found(look, None, (), 0.0)
    if found.corners is None:
        cut = tuple(TURNED_BACK[side] if look.upright else side for side in found.cut)
        return Found(look, None, cut, 0.0)
    corners = _in_picture(look, found.corners)
    return Found(look, corners, (), confidence_of(look.present, found))


def _in_picture(look: Look, places: np.ndarray) -> np.ndarray:
    """Places (n, 2) in the part, lying on its side, as places in the picture."""
    if look.upright:
        places = np.stack((look.size[1] - 1 - places[:, 1], places[:, 0]), 1)
    return places + look.box[:2]


def confidence_of(present: float, found: Outline) -> float:
    """0 to 1: that there is a card and that the lines are its sides."""
    fit = np.clip((found.agreement - 0.8) / 0.15, 0, 1)
    clear = np.clip((2.5 - found.undecided) / 1.2, 0, 1)
    return float(present * fit * clear)


def enlarged(whole: Look, part: np.ndarray, size: tuple[int, int]) -> Box | None:
    """The part of the picture around the mask's largest part, or None when it is nearly all."""
    low, high = np.sort(_in_picture(whole, extent(part, whole.size)), axis=0)
    half = (high - low) / 2 * SECOND_LOOK
    aspect = INPUT_SIZE[0] / INPUT_SIZE[1]
    if half[0] >= half[1]:
        half = np.maximum(half, (half[1] * aspect, half[0] / aspect))
    else:
        half = np.maximum(half, (half[1] / aspect, half[0] * aspect))
    half = np.minimum(half, np.array(size) / 2)
    centre = np.clip((low + high) / 2 + 0.5, half, np.array(size) - half)
    left, top = np.maximum(np.floor(centre - half), 0)
    right, bottom = np.minimum(np.ceil(centre + half), size)
    if (right - left) * (bottom - top) > ENLARGED * size[0] * size[1]:
        return None
    return float(left), float(top), float(right), float(bottom)


def _answer(found: Found, size: tuple[int, int], present: float) -> Search:
    corners = found.corners
    cut = found.cut if corners is None else cut_sides(corners, size)
    if corners is None or found.confidence < MIN_CONFIDENCE:
        return Search(None, present, cut if present >= MIN_PRESENCE else ())
    card = Card(read_from(corners, found.look.reading), found.confidence, cut)
    return Search(card, present, cut)


def read_from(corners: np.ndarray, reading: np.ndarray) -> np.ndarray:
    """The corners, clockwise, from the one where reading begins.

    reading  (2,) roughly the direction of the lines of text
    """
    side = np.roll(corners, -1, axis=0) - corners
    side = side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    # The upper and the lower edge run the same way, one from each end.
    along = side - np.roll(side, -2, axis=0)
    return np.roll(corners, -int(np.argmax(along @ reading)), axis=0)
