"""The card placed by its print: for cards of which too little border is to be seen.

Lines of text are found and their beginnings read; those that are words of a KTP are laid on the
places where a KTP has them. The corners follow, and may lie outside of the frame. It costs thirty
times what the finder costs, so it runs only when that one is unsure.
"""

import re
from collections.abc import Iterator

import numpy as np
from PIL import Image

from functions.upload.photo.anchors_fit import TOLERANCE_MM, Anchor, Fit, fitted
from functions.upload.photo.anchors_text import TextBox, strip_of, text_boxes
from functions.upload.photo.card import Card, Side
from functions.upload.photo.reading_text import STRIP_HEIGHT, recognise
from functions.upload.photo.reading_words import letters, likeness

# The longest side at which text is looked for, and at which it is read.
DETECTION_SIDE, READING_SIDE = 608, 1600
# Where a KTP has its words: mm from the upper left corner, of the middle of their left end; issues
# and printers differ by a millimetre or two.
LEFT, FIRST_ROW, ROW, INDENT = 3.1, 16.7, 2.83, 1.1
ROWS = (
    "Nama",
    "Tempat/Tgl Lahir",
    "Jenis Kelamin",
    "Alamat",
    "RT/RW",
    "Kel/Desa",
    "Kecamatan",
    "Agama",
    "Status Perkawinan",
    "Pekerjaan",
    "Kewarganegaraan",
    "Berlaku Hingga",
)
INDENTED = ("RT/RW", "Kel/Desa", "Kecamatan")
NIK, NIK_ROW = "NIK", 11.5
# These are centred: mm of their middle.
CENTRED = {"PROVINSI": (42.8, 3.6), "KABUPATEN": (42.8, 6.9), "KOTA": (42.8, 6.9)}

# The day the card was made stands in the middle under the portrait.
DATE, DATE_WITHIN, DATES_TRIED = (72.2, 45.5), 16.0, 6
DATE_FORM = re.compile(r"[0-9]{1,2}-[0-9]{1,2}-[0-9]{3,4}", re.ASCII)

# As much of a word is compared as a strip surely shows, and must be this like; short ones exactly.
COMPARED, LIKE_ENOUGH, SHORT = 8, 0.75, 4
TRIED_BOTH_WAYS, TRIED = 4, 17
LABEL_HEIGHTS, LABEL_WIDTH = 6.0, 160  # of a line, in its heights; and the strip for it
SAME_DIRECTION = np.deg2rad(12)

LEAST_ANCHORS = 4
ENOUGH_ANCHORS = 8
# Without the date the right side is a guess: twice the error at its lower corner.
UNDATED = 0.6
# A side of the picture cuts the card when a corner lies beyond it by this part of the card's width:
# corners from text are no better than that.
BEYOND = 0.02


def card_from_text(picture: Image.Image) -> Card | None:
    """The card in an RGB picture by its words, also turned or partly outside; None when too few of
    a KTP's words are read, or they do not stand as on a KTP."""
    boxes = text_boxes(picture, DETECTION_SIDE)
    factor = max(1, round(max(picture.size) / READING_SIDE))
    reduced = picture.reduce(factor) if factor > 1 else picture
    for group in _directions(boxes):
        anchors = _anchors(reduced, factor, group)
        fit = fitted(anchors, group) if len(anchors) >= LEAST_ANCHORS else None
        if fit is None or fit.words < LEAST_ANCHORS:
            continue
        date = _date(reduced, factor, group, fit)
        if date is not None:
            fit = fitted([*anchors, date], group) or fit
        return _card(fit, date is not None, picture.size)
    return None


def _directions(boxes: list[TextBox]) -> Iterator[list[TextBox]]:
    """The two largest groups of lines that run the same way, tallest lines first."""
    left = boxes
    for _ in range(2):
        groups = [[box for box in left if _parallel(box, other)] for other in left]
        group = max(groups, key=lambda group: sum(box.length for box in group), default=[])
        if len(group) < LEAST_ANCHORS:
            return
        yield sorted(group, key=lambda box: -box.height)
        left = [box for box in left if box not in group]


def _parallel(one: TextBox, other: TextBox) -> bool:
    return abs(one.along @ other.along) > np.cos(SAME_DIRECTION)


def _anchors(picture: Image.Image, factor: int, boxes: list[TextBox]) -> list[Anchor]:
    """The words of a KTP among the first of these lines, read the way that gives more of them."""
    ahead = boxes[0].along
    same_way = [box if box.along @ ahead > 0 else box.turned() for box in boxes]
    turned = [box.turned() for box in same_way]
    first = TRIED_BOTH_WAYS
    texts = _beginnings(picture, factor, same_way[:first] + turned[:first])
    one, other = texts[: len(texts) // 2], texts[len(texts) // 2 :]
    if _sense(other) > _sense(one):
        same_way, one, ahead = turned, other, -ahead
    # The fields' names begin farther left than what stands in the fields.
    more = sorted(same_way[first:], key=lambda box: float(box.point(-1) @ ahead))[: TRIED - first]
    read = [*one, *_beginnings(picture, factor, more)]
    lines = [*same_way[:first], *more]
    found = (_anchor(box, text) for box, (text, _) in zip(lines, read, strict=True))
    return [anchor for anchor in found if anchor is not None]


def _beginnings(picture: Image.Image, factor: int, boxes: list[TextBox]) -> list[tuple[str, float]]:
    """The text at the beginning of each line, and how sure the recogniser is of it."""
    strips = []
    for box in boxes:
        scaled = TextBox(
            (box.middle + 0.5) / factor, box.along, box.length / factor, box.height / factor
        )
        length = LABEL_HEIGHTS * scaled.height
        strips.append(strip_of(picture, scaled, length, (LABEL_WIDTH, STRIP_HEIGHT)))
    return [
        (line.text, float(np.mean(line.confidences)) if line.text else 0.0)
        for line in recognise(strips)
    ]


def _sense(read: list[tuple[str, float]]) -> float:
    """How much these are words: upside down there are few letters and little confidence."""
    return sum(confidence * len(text) for text, confidence in read)


def _anchor(box: TextBox, text: str) -> Anchor | None:
    """What word of a KTP a line begins with, if any."""
    name = max(_PLACES, key=lambda word: _likeness(text, word))
    if _likeness(text, name) < (1.0 if len(letters(name)) <= SHORT else LIKE_ENOUGH):
        return None
    seen = box.middle if name in CENTRED else box.point(-1)
    return Anchor(name, seen, np.array(_PLACES[name]))


def _likeness(text: str, word: str) -> float:
    return likeness(text, letters(word)[:COMPARED], latest_start=1)


def _place_of_rows() -> Iterator[tuple[str, tuple[float, float]]]:
    for row, name in enumerate(ROWS):
        yield name, (LEFT + (INDENT if name in INDENTED else 0.0), FIRST_ROW + ROW * row)


_PLACES = {NIK: (LEFT, NIK_ROW), **CENTRED, **dict(_place_of_rows())}


def _date(picture: Image.Image, factor: int, boxes: list[TextBox], fit: Fit) -> Anchor | None:
    """The date under the portrait, the one line that is known on the card's right."""
    place = np.array(DATE)
    near = [box for box in boxes if np.abs(fit.place_of(box.middle) - place).max() < DATE_WITHIN]
    edge = fit.corners[1] - fit.corners[0]
    upright = [box if box.along @ edge > 0 else box.turned() for box in near[:DATES_TRIED]]
    read = _beginnings(picture, factor, upright)
    for box, (text, _) in zip(upright, read, strict=True):
        if DATE_FORM.search(text.replace(" ", "")):
            return Anchor("date", box.middle, place)
    return None


def _card(fit: Fit, dated: bool, size: tuple[int, int]) -> Card:
    corners = fit.corners
    confidence = min(1.0, fit.words / ENOUGH_ANCHORS) * max(0.0, 1 - fit.error_mm / TOLERANCE_MM)
    if not dated:
        confidence *= UNDATED
    card = Card(corners, confidence)
    low, high = corners.min(axis=0), corners.max(axis=0)
    slack = BEYOND * card.width
    over: tuple[tuple[Side, bool], ...] = (
        ("left", low[0] < -slack),
        ("top", low[1] < -slack),
        ("right", high[0] > size[0] + slack),
        ("bottom", high[1] > size[1] + slack),
    )
    return Card(corners, confidence, tuple(side for side, out in over if out))
