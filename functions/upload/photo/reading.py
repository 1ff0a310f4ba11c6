"""The number on a card and whether its heading is a KTP's, read from the rectified card.

A number is never corrected. It counts when one line gives exactly 16 digits, all of them digits to
the whole alphabet of the recogniser (an O or an l among them spoils the line), each surely enough,
and when a NIK can look like that.
"""

import re
from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.programme import regions
from functions.upload.photo.reading_lines import (
    BOTTOM,
    TextLine,
    extent,
    ink_of,
    levelled,
    strip,
    text_lines,
)
from functions.upload.photo.reading_text import STRIP_HEIGHT, Line, recognise
from functions.upload.photo.reading_words import best_likeness, likeness

DIGITS = 16
# The weakest character; see docs/card-reading.md for what it costs and saves.
SURE_ENOUGH = 0.70
# From here on one look is enough; below, a second look at another scale must see the same.
SURE_AT_ONCE = 0.90
# Lines that are tried as the number's, the likeliest first.
TRIES = 3

# In pixels of the card: from its left border to the portrait.
NUMBER_LEFT, NUMBER_RIGHT = 8, 600
# Width of the strip and the share of its height that the digits take: first and second look.
LOOKS = ((400, 0.62), (480, 0.54))
HEADING_STRIP = 320
HEADING_FILL = 0.6
HEADING_LEAST = 12  # height of a line of capitals
LABEL_RIGHT, LABEL_STRIP = 270, 192

# What a card's lines weigh in `heading`; together 1.
WEIGHTS = {"province": 0.45, "regency": 0.15, "label": 0.2, "number": 0.2}
# Where the fields' labels are read too: neither surely a KTP nor surely none.
DOUBTFUL = (0.15, 0.75)
FIELDS_WEIGHT = 0.3
FIELDS = ("Nama", "Tempat/Tgl Lahir", "Jenis Kelamin", "Alamat")
FIELD_LINES = 3
REGENCIES = ("KABUPATEN", "KOTA", "JAKARTA")
# A likeness under it is chance.
CHANCE = 0.6
# Under it the card may lie upside down.
HEADING_SEEN = 0.4

# The last run of digits, and after it marks alone.
NUMBER = re.compile(r"(.*?)([0-9]{12,})[^0-9A-Za-z]*", re.ASCII)


@dataclass(frozen=True)
class Reading:
    """What could be read on a card.

    nik             16 digits, or None: not read, or not surely
    nik_confidence  0 to 1, the weakest digit of the line taken for the number, also when that was
                    not enough; 0 without such a line
    heading         0 to 1, that these are a KTP's lines: PROVINSI, KABUPATEN or KOTA, NIK and a
                    number, in that order
    label           the word NIK stands before the number
    turned          180 when the card reads better upside down, and all else was read so; else 0
    old_region      the NIK begins with a district that is none of today's
    """

    nik: str | None = None
    nik_confidence: float = 0.0
    heading: float = 0.0
    label: bool = False
    turned: int = 0
    old_region: bool = False


@dataclass(frozen=True)
class _Number:
    """A line read as the number: its place, its label's likeness to NIK, digits, weakest digit."""

    line: TextLine
    label: float
    digits: str
    confidence: float


def read_card(flat: Image.Image) -> Reading:
    """Read the rectified card: RGB, CARD_SIZE or a whole multiple of it, upright or upside down.

    Its borders may lie some hundredths of its width off.
    """
    upright = _read(flat, 0)
    if upright.nik is not None or upright.heading >= HEADING_SEEN:
        return upright
    half_turned = _read(flat.transpose(Image.Transpose.ROTATE_180), 180)
    if (half_turned.nik is None, -half_turned.heading) < (True, -upright.heading - 0.2):
        return half_turned
    return upright


def possible(nik: str) -> bool:
    """Whether a NIK can look so: a known province, a day of 1-31 (41-71 for women), a month of
    1-12, a serial other than 0000. A district of the past is possible."""
    day, month = int(nik[6:8]), int(nik[8:10])
    return (
        regions.province_known(nik[:2])
        and (1 <= day <= 31 or 41 <= day <= 71)
        and 1 <= month <= 12
        and nik[12:] != "0000"
    )


def digits_of(line: Line) -> tuple[str, str, float]:
    """What stands before the digits of a line, the digits, and the confidence of the weakest.

    No digits when there are fewer than twelve in a row, or letters or more digits after them.
    """
    seen = [
        (character, confidence)
        for character, confidence in zip(line.text, line.confidences, strict=True)
        if character != " "
    ]
    match = NUMBER.fullmatch("".join(character for character, _ in seen))
    if match is None:
        return "", "", 0.0
    return match[1], match[2], min(confidence for _, confidence in seen[slice(*match.span(2))])


def _read(flat: Image.Image, turned: int) -> Reading:
    ink = ink_of(flat)
    lines = text_lines(ink)
    number = None
    for line in sorted(lines, key=lambda line: -line.ink * line.height)[:TRIES]:
        number = _number_on(flat, levelled(line, ink))
        if number is not None:
            break
    heading = _heading(flat, ink, lines, number)
    if number is None:
        return Reading(heading=heading, turned=turned)
    confident = (
        number.confidence >= SURE_ENOUGH
        and len(number.digits) == DIGITS
        and possible(number.digits)
    )
    return Reading(
        nik=number.digits if confident else None,
        nik_confidence=number.confidence,
        heading=heading,
        label=number.label > CHANCE,
        turned=turned,
        old_region=confident and not regions.district_current(number.digits[:6]),
    )


def _number_on(flat: Image.Image, line: TextLine) -> _Number | None:
    """The number on this line, or None when it has none that is nearly long enough.

    A first look that is not sure is worth nothing unless a second one sees the same.
    """
    seen: list[_Number] = []
    for width, fill in LOOKS:
        (text,) = recognise([strip(flat, line, NUMBER_LEFT, NUMBER_RIGHT, width, fill)])
        before, digits, confidence = digits_of(text)
        if not digits and not seen:
            return None
        seen.append(_Number(line, likeness(before, "NIK"), digits, confidence))
        if len(digits) == DIGITS and confidence >= SURE_AT_ONCE:
            return seen[-1]
    first, second = seen
    if first.digits == second.digits:
        return max(seen, key=lambda number: number.confidence)
    return _Number(line, max(first.label, second.label), first.digits, 0.0)


def _heading(
    flat: Image.Image, ink: np.ndarray, lines: list[TextLine], number: _Number | None
) -> float:
    """How much the lines look like a KTP's. The two lines above the number are the heading; without
    a number, the two uppermost lines of a heading's size."""
    limit = number.line.top if number is not None else BOTTOM
    above = [line for line in lines if line.middle < limit and line.height >= HEADING_LEAST]
    above = above[-2:] if number is not None else above[:2]
    texts = _recognised(flat, ink, above)
    found = {
        "province": max((likeness(text, "PROVINSI", 2) for text in texts), default=0.0),
        "regency": max((best_likeness(text, REGENCIES, 2) for text in texts), default=0.0),
        "label": number.label if number is not None else 0.0,
        "number": min(1.0, len(number.digits) / DIGITS) if number is not None else 0.0,
    }
    heading = sum(WEIGHTS[name] * value for name, value in found.items() if value > CHANCE)
    if not DOUBTFUL[0] <= heading <= DOUBTFUL[1]:
        return heading
    below = [line for line in lines if line.middle > limit] if number is not None else lines[2:]
    strips = [
        strip(flat, levelled(line, ink), NUMBER_LEFT, LABEL_RIGHT, LABEL_STRIP, 0.5)
        for line in below[:FIELD_LINES]
    ]
    labels = [best_likeness(line.text, FIELDS, 2) for line in recognise(strips)]
    seen = sum(value for value in labels if value > CHANCE) / FIELD_LINES
    return min(1.0, heading + FIELDS_WEIGHT * seen)


def _recognised(flat: Image.Image, ink: np.ndarray, lines: list[TextLine]) -> list[str]:
    """The text of centred lines, each cut to where its ink begins and ends."""
    strips = []
    for line in lines:
        level = levelled(line, ink)
        left, right = extent(ink, level)
        natural = round((right - left) * STRIP_HEIGHT * HEADING_FILL / level.height)
        width = min(HEADING_STRIP, max(STRIP_HEIGHT, natural))
        cut = strip(flat, level, left, right, width, HEADING_FILL)
        strips.append(
            np.pad(cut, ((0, 0), (0, HEADING_STRIP - width), (0, 0)), constant_values=127)
        )
    return [line.text for line in recognise(strips)]
