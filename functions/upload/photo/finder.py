"""Finds the card in a picture: a small network paints it, `quad` draws its four lines.

How the network was made and what it was measured to do is in docs/card-finder.md.
"""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from functions.upload.photo.card import ASPECT, Card, Search, Side
from functions.upload.photo.mask import CELL, MIN_CELLS, extent, largest_part
from functions.upload.photo.models import session
from functions.upload.photo.quad import Outline, cut_sides, outline

MODEL = "card_finder.onnx"
INPUT_SIZE = (192, 128)  # what the network sees, portraits turned first

# Longer frames than this are no photo of a card; a panorama would be squeezed past recognition.
MAX_FRAME_ASPECT = 3.0
MIN_FRAME = 32
# Looks at the enlarged part around what the last one saw, until one is sure.
NEARER_LOOKS = 2
ENLARGED = 1.5  # how much wider than what was seen that part is
# A part whose edges moved by less than this, in its longer side, would show nothing new.
SAME_PART = 0.04
# Under this there is nothing worth a second look.
FAINT = 0.15
# Under this there is no card, and nothing runs out of the frame.
MIN_PRESENCE = 0.5
# Slope and level of a logistic curve over the logarithm of what mask and lines do not share, fitted
# by `local.finder.confidence` to photographs that were not learnt from.
CONFIDENCE = (3.28, 8.03)
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
    """Lines drawn through a look, in the picture's pixels; corners only when they are sure."""

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
    look = look_at(picture, (0.0, 0.0, float(width), float(height)))
    if look.present < FAINT:
        return Search(None, look.present)
    whole, present = look, look.present
    for _ in range(NEARER_LOOKS):
        box = enlarged(look, picture.size)
        if box is None or _much_the_same(box, look.box):
            break
        look = look_at(picture, box)
        present = max(present, look.present)
        found = drawn(look, picture.size)
        if found.corners is not None:
            return _answer(found, present)
    answer = _answer(drawn(whole, picture.size), present)
    return replace(answer, extent=_longest(look, picture.size))


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


def drawn(look: Look, size: tuple[int, int]) -> Found:
    """The four lines through what the network saw of a picture of this size."""
    found, corners = drawn_lines(look)
    if found is None:
        return Found(look, None, (), 0.0)
    running = tuple(TURNED_BACK[side] if look.upright else side for side in found.running)
    if corners is None:
        return Found(look, None, running, 0.0)
    cut = cut_sides(corners, size)
    # A side may be made up where the picture ends, not where the enlarged part of it does.
    confidence = confidence_of(look.present, found) if cut or not found.guessed else 0.0
    sure = confidence >= MIN_CONFIDENCE
    return Found(look, corners if sure else None, cut if sure else running, confidence)


def drawn_lines(look: Look) -> tuple[Outline | None, np.ndarray | None]:
    """The outline in what the network saw, and its corners in the picture."""
    found = outline(look.mask, look.size)
    if found is None or found.corners is None:
        return found, None
    return found, _in_picture(look, found.corners)


def _in_picture(look: Look, places: np.ndarray) -> np.ndarray:
    """Places (n, 2) in the part, lying on its side, as places in the picture."""
    if look.upright:
        places = np.stack((look.size[1] - 1 - places[:, 1], places[:, 0]), 1)
    return places + look.box[:2]


def confidence_of(present: float, found: Outline) -> float:
    """0 to 1: how often, with such an agreement of mask and lines, all corners are within a
    twentieth of the card's width; 0 where the network sees no card."""
    if present < MIN_PRESENCE:
        return 0.0
    slope, level = CONFIDENCE
    apart = max(1 - found.agreement, 1e-3)
    return float(1 / (1 + np.exp(slope * np.log(apart) + level)))


def enlarged(look: Look, size: tuple[int, int]) -> Box | None:
    """The part of the picture around the mask's largest part; None when there is no such part."""
    part = largest_part(look.mask > 0.5)
    if part is None:
        return None
    low, high = np.sort(_in_picture(look, extent(part, look.size)), axis=0)
    half = (high - low) / 2 * ENLARGED
    aspect = INPUT_SIZE[0] / INPUT_SIZE[1]
    if half[0] >= half[1]:
        half = np.maximum(half, (half[1] * aspect, half[0] / aspect))
    else:
        half = np.maximum(half, (half[1] / aspect, half[0] * aspect))
    half = np.minimum(half, np.array(size) / 2)
    centre = np.clip((low + high) / 2 + 0.5, half, np.array(size) - half)
    left, top = np.maximum(np.floor(centre - half), 0)
    right, bottom = np.minimum(np.ceil(centre + half), size)
    return float(left), float(top), float(right), float(bottom)


def _longest(look: Look, size: tuple[int, int]) -> float:
    """The longer side of the mask's largest part, in the picture's pixels; a card that is seen
    without such a part is smaller than the least that counts as one."""
    part = largest_part(look.mask > 0.5)
    if part is None:
        least = CELL * np.sqrt(MIN_CELLS * ASPECT) / INPUT_SIZE[0] * look.size[0]
        return float(least) if look.present >= MIN_PRESENCE else 0.0
    low, high = np.sort(_in_picture(look, extent(part, look.size)), axis=0)
    return float((np.minimum(high, size) - np.maximum(low, 0)).max())


def _much_the_same(box: Box, before: Box) -> bool:
    longest = max(before[2] - before[0], before[3] - before[1])
    return bool(np.abs(np.subtract(box, before)).max() < SAME_PART * longest)


def _answer(found: Found, present: float) -> Search:
    if found.corners is None:
        return Search(None, present, found.cut if present >= MIN_PRESENCE else ())
    corners = read_from(found.corners, found.look.reading)
    return Search(Card(corners, found.confidence, found.cut), present, found.cut)


def read_from(corners: np.ndarray, reading: np.ndarray) -> np.ndarray:
    """The corners, clockwise, from the one where reading begins.

    reading  (2,) roughly the direction of the lines of text
    """
    side = np.roll(corners, -1, axis=0) - corners
    side = side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)
    # The upper and the lower edge run the same way, one from each end.
    along = side - np.roll(side, -2, axis=0)
    return np.roll(corners, -int(np.argmax(along @ reading)), axis=0)
