"""Numbers on a flat card: blur in pixels, white spots, things of another colour."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from functions.upload.photo.card import CARD_SIZE, Card, rectified
from functions.upload.photo.flat import (
    CELL,
    FIELDS,
    HEADING,
    NIK_ROW,
    TEXT,
    Flat,
    clipped,
    core,
    foreign,
    inked,
    largest_blob,
    luma_percentiles,
    steepness,
    zone_of,
)
from local.cards.photos import shoot
from local.cards.worlds import EVERYDAY


@pytest.fixture(scope="module")
def card() -> Image.Image:
    shot = shoot(3, EVERYDAY, "good", (1600, 1200))
    return rectified(shot.picture, Card(shot.corners, 1.0))


def noisy(picture: Image.Image, sigma: float) -> Image.Image:
    chance = np.random.default_rng(7)
    noise = chance.normal(0, sigma, (picture.height, picture.width, 1))
    return Image.fromarray((np.asarray(picture) + noise).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize(
    ("blur", "least", "most"),
    [(0, 0.085, 0.2), (1, 0.08, 0.1), (2, 0.05, 0.08), (3, 0.028, 0.057), (5, 0.0, 0.035)],
)
@pytest.mark.parametrize("noise", [0, 4, 10])
def test_edges_flatten_with_blur_noise_or_not(card, blur, least, most, noise) -> None:
    seen = noisy(card.filter(ImageFilter.GaussianBlur(blur)), noise)
    assert least <= steepness(Flat(seen)) <= most


@pytest.mark.parametrize("axis", [0, 1])
def test_a_smear_in_one_direction_counts(card, axis) -> None:
    pixels = np.asarray(card, np.float32)
    smeared = np.mean([np.roll(pixels, shift, axis=axis) for shift in range(-8, 9)], axis=0)
    assert steepness(Flat(Image.fromarray(smeared.astype(np.uint8)))) < 0.05


def test_faded_print_is_as_steep_as_dark_print(card) -> None:
    faded = card.point(lambda value: 90 + value * 140 // 255)
    assert steepness(Flat(faded)) == pytest.approx(steepness(Flat(card)), rel=0.1)


def test_a_card_without_print_has_no_edges() -> None:
    assert steepness(Flat(Image.new("RGB", CARD_SIZE, (166, 208, 230)))) == 0


def test_half_the_light_is_half_the_luma(card) -> None:
    dimmed = card.point(lambda value: value // 2)
    whole, half = luma_percentiles(Flat(card), 50)[0], luma_percentiles(Flat(dimmed), 50)[0]
    assert half == pytest.approx(whole / 2, abs=2)


def covered(card: Image.Image, colour: tuple[int, int, int]) -> Flat:
    hidden = card.copy()
    ImageDraw.Draw(hidden).rectangle((200, 200, 340, 320), colour)
    return Flat(hidden)


@pytest.mark.parametrize(
    "colour", [(205, 158, 130), (96, 66, 50), (20, 20, 22), (250, 240, 190), (60, 140, 60)]
)
def test_a_thing_of_another_colour_is_found_where_it_lies(card, colour) -> None:
    flat = covered(card, colour)
    blob = largest_blob(foreign(flat, 0.22, 1.0) & flat.cells_in(TEXT))
    rows, columns = np.nonzero(blob)
    assert blob.sum() == pytest.approx(140 * 120 / CELL**2, abs=8)
    assert (columns.min(), columns.max()) == (200 // CELL, 340 // CELL - 1)
    assert 200 // CELL <= rows.min() <= rows.max() <= 320 // CELL


def test_light_that_falls_off_and_a_coloured_lamp_are_not_another_thing(card) -> None:
    across = np.linspace(0.55, 1.0, CARD_SIZE[0])[None, :, None]
    lamp = np.array((1.0, 0.86, 0.66))
    lit = Flat(Image.fromarray((np.asarray(card) * across * lamp).astype(np.uint8)))
    assert largest_blob(foreign(lit, 0.22, 1.0) & lit.cells_in(TEXT)).sum() <= 2


def test_white_is_counted_only_where_every_channel_is_full(card) -> None:
    assert (clipped(covered(card, (255, 255, 255)), 250) > 0.9).sum() >= 30
    assert (clipped(covered(card, (255, 255, 200)), 250) > 0.9).sum() == 0


def test_the_largest_piece_is_the_one_whose_cells_touch() -> None:
    cells = np.zeros((5, 8), bool)
    cells[0, :3] = cells[1, 2] = True
    cells[3:5, 5] = True
    assert largest_blob(cells).sum() == 4
    assert not largest_blob(np.zeros((5, 8), bool)).any()


@pytest.mark.parametrize(
    ("name", "zone"), [("heading", HEADING), ("nik", NIK_ROW), ("fields", FIELDS)]
)
def test_a_place_has_the_name_of_its_zone(card, name, zone) -> None:
    assert zone_of(Flat(card).cells_in((zone,))) == name


def test_print_left_in_white_cells_is_seen(card) -> None:
    bright = card.point(lambda value: min(255, value * 3 // 2))
    fields = Flat(bright).cells_in((FIELDS,))
    assert inked(Flat(bright), fields, 180) > 0.03
    assert inked(covered(bright, (255, 255, 255)), core(Flat(bright).cells_in((FIELDS,))), 0) == 0
    hidden = np.zeros_like(fields)
    hidden[10:16, 10:17] = True  # where `covered` lies
    assert inked(covered(bright, (255, 255, 255)), core(hidden), 180) == 0


def test_the_core_of_a_piece_is_what_has_neighbours_on_all_sides() -> None:
    cells = np.zeros((6, 7), bool)
    cells[1:5, 1:6] = True
    assert np.argwhere(core(cells)).tolist() == [[r, c] for r in (2, 3) for c in (2, 3, 4)]
    assert not core(np.ones((1, 7), bool)).any()
