"""A number is read exactly or not at all, and a heading tells a KTP from other cards."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from functions.upload.photo.card import CARD_SIZE, Card, rectified
from functions.upload.photo.reading import Reading, digits_of, possible, read_card
from functions.upload.photo.reading_text import Line, alphabet, decoded
from functions.upload.photo.reading_words import likeness
from local.cards.ktp import draw_ktp
from local.cards.person import Person, invented_person
from local.cards.worlds import EVERYDAY

GROUND = (196, 214, 228)


@cache
def drawn(seed: int = 3) -> tuple[Person, Image.Image]:
    person = invented_person(seed)
    chance = np.random.default_rng(seed)
    sheet = draw_ktp(person, chance, EVERYDAY.layouts[0], EVERYDAY.typefaces[0], 10.0)
    return person, sheet.picture.convert("RGB").resize(CARD_SIZE)


@cache
def read(seed: int = 3) -> Reading:
    return read_card(drawn(seed)[1])


def other_card(*lines: str) -> Image.Image:
    """A card of the same size with other lines on it, the first two centred."""
    flat = Image.new("RGB", CARD_SIZE, GROUND)
    draw = ImageDraw.Draw(flat)
    for row, line in enumerate(lines):
        font = ImageFont.load_default(27 if row < 2 else 21)
        place, anchor = ((428, 20 + 34 * row), "ma") if row < 2 else ((34, 60 + 34 * row), "la")
        draw.text(place, line, (25, 25, 35), font, anchor=anchor)
    return flat


def with_number(number: str) -> Image.Image:
    """The drawn card with this in place of its number."""
    flat = drawn()[1].copy()
    draw = ImageDraw.Draw(flat)
    draw.rectangle((150, 98, 616, 149), GROUND)
    draw.text((165, 102), f": {number}", (28, 30, 40), ImageFont.load_default(38))
    return flat


def text_line(text: str, confidence: float = 0.99) -> Line:
    return Line(text, (confidence,) * len(text))


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_the_number_of_a_drawn_card_is_read_exactly(seed) -> None:
    person, _ = drawn(seed)
    assert read(seed).nik == person.nik
    assert read(seed).nik_confidence > 0.9
    assert (read(seed).turned, read(seed).label, read(seed).old_region) == (0, True, False)


def test_it_is_read_with_each_corner_some_hundredths_off() -> None:
    person, flat = drawn()
    room = Image.new("RGB", (1056, 740), (120, 96, 80))
    room.paste(flat, (100, 100))
    off = np.array([(-26, 22), (24, -25), (26, 20), (-22, -24)])
    corners = np.array([(100, 100), (955, 100), (955, 639), (100, 639)]) + off
    reading = read_card(rectified(room, Card(corners.astype(np.float64), 1.0)))
    assert reading.nik == person.nik and reading.heading > 0.8


def test_a_card_twice_as_fine_reads_the_same() -> None:
    person, flat = drawn()
    assert read_card(flat.resize((1712, 1080), Image.Resampling.BICUBIC)).nik == person.nik


def test_an_upside_down_card_is_read_and_said_to_be_turned() -> None:
    person, flat = drawn()
    reading = read_card(flat.transpose(Image.Transpose.ROTATE_180))
    assert (reading.nik, reading.turned) == (person.nik, 180)
    assert reading.heading > 0.8


def test_a_blank_card_has_no_number_and_no_heading() -> None:
    reading = read_card(Image.new("RGB", CARD_SIZE, GROUND))
    assert (reading.nik, reading.nik_confidence, reading.heading) == (None, 0.0, 0.0)


@pytest.mark.parametrize(
    "number",
    [
        "327101010190900",  # fifteen
        "32710101019090011",  # seventeen: which one is too many?
        "327101A101909001",  # a letter among them
        "3201014001909001",  # the fortieth of January
        "3201013213909001",  # the thirteenth month
        "0001010101909001",  # no such province
        "3201010101900000",  # no such serial
    ],
)
def test_what_is_no_nik_is_not_read_as_one(number) -> None:
    assert read_card(with_number(number)).nik is None


def test_a_district_of_the_past_is_read_and_remarked_on() -> None:
    reading = read_card(with_number("3299990101909001"))
    assert (reading.nik, reading.old_region) == ("3299990101909001", True)


@pytest.mark.parametrize(
    ("day", "good"), [("00", 0), ("01", 1), ("31", 1), ("32", 0), ("40", 0), ("41", 1), ("71", 1)]
)
def test_days_are_those_of_men_or_of_women_plus_40(day, good) -> None:
    assert possible(f"320101{day}01909001") is bool(good)
    assert not possible("3201017201909001")


def test_a_letter_among_or_after_the_digits_spoils_the_line() -> None:
    assert digits_of(text_line("NIK : 3201010101909001"))[1] == "3201010101909001"
    assert digits_of(text_line("NIK : 32O1010101909001"))[1] != "3201010101909001"
    assert digits_of(text_line("3201010101909001B"))[1] == ""
    assert digits_of(text_line("320101l101909001"))[1] == ""


def test_the_confidence_is_that_of_the_weakest_digit_alone() -> None:
    line = Line(":3201010101909001.", (0.1, *[0.99] * 8, 0.4, *[0.99] * 7, 0.2))
    assert digits_of(line)[2] == 0.4


def test_a_run_of_one_class_is_one_character_and_a_gap_parts_two() -> None:
    two = alphabet().index("2")
    steps = np.full((6, len(alphabet())), 0.0, np.float32)
    for step, (index, chance) in enumerate(
        [(two, 0.6), (two, 0.9), (0, 0.9), (two, 0.7), (0, 0.8), (len(alphabet()) - 1, 0.9)]
    ):
        steps[step, index] = chance
    line = decoded(steps)
    assert line.text == "22 "
    assert line.confidences == pytest.approx((0.9, 0.7, 0.9))


@pytest.mark.parametrize(
    "lines",
    [
        ("KEPOLISIAN NEGARA REPUBLIK INDONESIA", "SURAT IZIN MENGEMUDI", "1234-9012-000999"),
        ("BANK UMPAMA", "KARTU DEBIT", "5412 9012 3456 9001", "BERLAKU 09/31"),
        ("UNIVERSITAS CONTOH", "KARTU TANDA MAHASISWA", "Nama : BUDI", "NIM : 3201010101909001"),
        ("DIREKTORAT JENDERAL PAJAK", "NPWP", "09.123.456.9-012.000", "Nama : SITI REKAAN"),
    ],
)
def test_other_cards_stay_far_below_a_ktp(lines) -> None:
    assert read().heading > 0.9
    assert read_card(other_card(*lines)).heading < 0.5


def test_a_word_is_known_with_letters_misread_or_missing_but_not_by_chance() -> None:
    assert likeness("PROVINSI JAWA BARAT", "PROVINSI") == 1
    assert likeness("PR0VlNSI JAWA", "PROVINSI") >= 0.75
    assert likeness("BANK INDONESIA", "PROVINSI") < 0.6
    assert likeness("PEMERINTAH PROVINSI", "PROVINSI", latest_start=2) < 0.6
