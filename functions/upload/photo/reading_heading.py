"""Whether the upper lines of a card are those of a KTP.

PROVINSI with a name stands on the first line, KABUPATEN, KOTA or a part of JAKARTA on the second,
then NIK and the number; below, the names of the fields.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.upload.photo.reading_lines import BOTTOM, TextLine, extent, levelled, strip
from functions.upload.photo.reading_text import STRIP_HEIGHT, recognise
from functions.upload.photo.reading_words import best_likeness, likeness

# What each sign weighs in the score; the regency stands in for a province that was not read.
PROVINCE, REGENCY, LABEL, NUMBER, FIELD = 0.55, 0.2, 0.2, 0.25, 0.12
REGENCIES = ("KABUPATEN", "KOTA", "JAKARTA")
FIELDS = ("Nama", "Tempat/Tgl Lahir", "Jenis Kelamin", "Alamat")
# A likeness under it is chance.
CHANCE = 0.6
# Letters that may be read before the word: a stain, the end of a border.
LATEST_START = 2
# Where the fields' names are read too: neither surely a KTP nor surely none.
DOUBTFUL = (0.15, 0.8)
FIELD_LINES = 3
DIGITS = 16

STRIP_WIDTH, STRIP_FILL = 320, 0.6
LEAST_HEIGHT = 12  # of a heading's capitals, in pixels of the card
# From the card's left border to the values, and the strip for it.
FIELD_LEFT, FIELD_RIGHT, FIELD_WIDTH, FIELD_FILL = 8, 270, 192, 0.5


@dataclass(frozen=True)
class Number:
    """A line read as the number: where it is, how much NIK stands before it (0 to 1), its digits,
    the confidence of the weakest of them."""

    line: TextLine
    label: float
    digits: str
    confidence: float


def heading_of(
    flat: Image.Image, ink: np.ndarray, lines: list[TextLine], number: Number | None
) -> float:
    """0 to 1, how much the lines look like a KTP's.

    The two lines above the number are its heading; without a number, the two uppermost lines.
    """
    limit = number.line.top if number is not None else BOTTOM
    tall = [line for line in lines if line.middle < limit and line.height >= LEAST_HEIGHT]
    above = tall[-2:] if number is not None else tall[:2]
    score = 0.0
    if number is not None:
        score = LABEL * _beyond_chance(number.label) + NUMBER * min(1, len(number.digits) / DIGITS)
    for line in above:
        text = _words_on(flat, ink, line)
        province = _beyond_chance(likeness(text, "PROVINSI", LATEST_START))
        if province:
            score += PROVINCE * province
            break
        score += REGENCY * _beyond_chance(best_likeness(text, REGENCIES, LATEST_START))
    if DOUBTFUL[0] <= score <= DOUBTFUL[1]:
        below = [line for line in lines if line.middle > limit] if number is not None else lines[2:]
        score += FIELD * _fields_among(flat, ink, below[:FIELD_LINES])
    return min(1.0, score)


def _beyond_chance(value: float) -> float:
    return value if value > CHANCE else 0.0


def _words_on(flat: Image.Image, ink: np.ndarray, line: TextLine) -> str:
    """The text of a centred line, cut to where its ink begins and ends."""
    level = levelled(line, ink)
    left, right = extent(ink, level)
    natural = round((right - left) * STRIP_HEIGHT * STRIP_FILL / level.height)
    width = min(STRIP_WIDTH, max(STRIP_HEIGHT, natural))
    return recognise([strip(flat, level, left, right, width, STRIP_FILL)])[0].text


def _fields_among(flat: Image.Image, ink: np.ndarray, lines: list[TextLine]) -> float:
    """How many of these lines begin with a field's name; one misread counts less."""
    strips = [
        strip(flat, levelled(line, ink), FIELD_LEFT, FIELD_RIGHT, FIELD_WIDTH, FIELD_FILL)
        for line in lines
    ]
    names = (best_likeness(line.text, FIELDS, LATEST_START) for line in recognise(strips))
    return sum(_beyond_chance(name) for name in names)
