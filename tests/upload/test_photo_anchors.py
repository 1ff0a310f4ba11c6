"""A card is placed by its words: upright, on its side, and partly outside of the frame."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from functions.upload.photo.anchors import card_from_text
from functions.upload.photo.anchors_fit import Anchor, fitted
from functions.upload.photo.anchors_text import connected
from functions.upload.photo.card import Card, perspective
from local.cards.ktp import draw_ktp
from local.cards.person import invented_person
from local.cards.worlds import EVERYDAY

TABLE = (104, 88, 72)
PLACES = {"NIK": (3.1, 11.5), "PROVINSI": (42.8, 3.6), "Agama": (3.1, 36.5), "date": (72.2, 45.5)}


@cache
def flat() -> Image.Image:
    chance = np.random.default_rng(3)
    layout, typeface = EVERYDAY.layouts[0], EVERYDAY.typefaces[0]
    return draw_ktp(invented_person(3), chance, layout, typeface, 8.0).picture.convert("RGB")


def scene(size: tuple[int, int], corners: np.ndarray) -> Image.Image:
    """The card laid on a plain table with its corners (pixel centres) there."""
    width, height = flat().size
    card = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    numbers = perspective(corners + 0.5, card)
    way, kind = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    laid = flat().transform(size, way, numbers, kind)
    mask = Image.new("L", flat().size, 255).transform(size, way, numbers)
    table = Image.new("RGB", size, TABLE)
    table.paste(laid, (0, 0), mask)
    return table


def off(card: Card | None, corners: np.ndarray) -> float:
    """How far the worst corner is off, in card widths."""
    assert card is not None
    return float(np.linalg.norm(card.corners - corners, axis=1).max() / Card(corners, 1.0).width)


def test_a_card_seen_askew_is_placed_with_its_corners_in_reading_order() -> None:
    corners = np.array([(130, 120), (830, 180), (800, 640), (110, 590)], np.float64)
    card = card_from_text(scene((960, 720), corners))
    assert off(card, corners) < 0.06
    assert card is not None and card.cut == () and card.confidence > 0.4


@pytest.mark.parametrize("quarter", [1, 2])
def test_a_card_on_its_side_or_on_its_head_is_placed_as_it_is_read(quarter) -> None:
    upright = np.array([(110, 110), (850, 110), (850, 577), (110, 577)], np.float64)
    middle = np.array((480.0, 480.0))
    turn = np.array([(0, 1), (-1, 0)])
    corners = (upright - (480, 343.5)) @ np.linalg.matrix_power(turn, quarter) + middle
    assert off(card_from_text(scene((960, 960), corners)), corners) < 0.06


def test_a_card_that_runs_out_of_the_frame_has_its_corners_outside() -> None:
    corners = np.array([(300, 150), (1100, 150), (1100, 655), (300, 655)], np.float64)
    card = card_from_text(scene((960, 800), corners))
    assert card is not None and card.cut == ("right",)
    assert off(card, corners) < 0.12


def test_where_no_words_of_a_ktp_are_no_card_is_placed() -> None:
    assert card_from_text(Image.new("RGB", (800, 600), TABLE)) is None


def test_a_word_read_where_it_cannot_be_does_not_move_the_card() -> None:
    anchors = [Anchor(name, 10.0 * np.array(mm), np.array(mm)) for name, mm in PLACES.items()]
    astray = Anchor("Nama", np.array((700.0, 50.0)), np.array((3.1, 16.7)))
    fit = fitted([*anchors, astray], [])
    assert fit is not None and fit.words == len(anchors)
    whole = [(0, 0), (856, 0), (856, 539.8), (0, 539.8)]
    assert np.abs(fit.corners - whole).max() < 2
    assert fit.place_of(np.array((722.0, 455.0))) == pytest.approx((72.2, 45.5), abs=0.2)


def test_cells_that_touch_at_a_corner_are_one_part() -> None:
    grid = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]], bool)
    assert sorted(len(part) for part in connected(grid)) == [1, 2, 2]
