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
from functions.upload.photo.reading_heading import CHANCE, DIGITS, Number, heading_of
from functions.upload.photo.reading_lines import (
    TextLine,
    extent,
    ink_of,
    levelled,
    strip,
    text_lines,
)
from functions.upload.photo.reading_text import Line, recognise
from functions.upload.photo.reading_words import likeness

# The weakest character; see docs/card-reading.md for what it costs and saves.
SURE_ENOUGH = 0.70
# From here on one look is enough; below, a second look at another scale must see the same.
SURE_AT_ONCE = 0.90
# Lines that are tried as the number's, the likeliest first.
TRIES = 3

# In pixels of the card: the line is cut from its left border to where its ink ends, which is before
# the portrait, or above it when the digits are wide.
NUMBER_LEFT, NUMBER_RIGHT = 8, (600, 740)
# Width of the strip and the share of its height that the digits take: first and second look.
LOOKS = ((416, 0.62), (496, 0.54))
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
        number = _number_on(flat, ink, levelled(line, ink))
        if number is not None:
            break
    heading = heading_of(flat, ink, lines, number)
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


def _number_on(flat: Image.Image, ink: np.ndarray, line: TextLine) -> Number | None:
    """The number on this line, or None when it has none that is nearly long enough.

    A first look that is not sure is worth nothing unless a second one sees the same.
    """
    seen: list[Number] = []
    least, most = NUMBER_RIGHT
    right = min(max(extent(ink, line)[1], least), most)
    for width, fill in LOOKS:
        (text,) = recognise([strip(flat, line, NUMBER_LEFT, right, width, fill)])
        before, digits, confidence = digits_of(text)
        if not digits and not seen:
            return None
        seen.append(Number(line, likeness(before, "NIK"), digits, confidence))
        if len(digits) == DIGITS and confidence >= SURE_AT_ONCE:
            return seen[-1]
    first, second = seen
    if first.digits == second.digits:
        return max(seen, key=lambda number: number.confidence)
    return Number(line, max(first.label, second.label), first.digits, 0.0)
