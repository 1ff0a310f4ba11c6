"""The card finder on photographs of invented cards whose corners are known."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from functions.upload.photo import models
from functions.upload.photo.card import Search
from functions.upload.photo.finder import MODEL, find_card, read_from
from local.cards.photos import Shot, shoot
from local.cards.worlds import EVERYDAY

FRAME = (640, 480)


@cache
def shot(seed: int, defect: str = "good", size: tuple[int, int] = FRAME) -> Shot:
    return shoot(seed, EVERYDAY, defect, size)


def worst_corner(search: Search, true: np.ndarray) -> float:
    """In widths of the card; the corners must come in the order in which the card is read."""
    assert search.card is not None
    distance = np.linalg.norm(search.card.corners - true, axis=1).max()
    return float(distance / np.linalg.norm(true[1] - true[0]))


def quarter_turned(picture: Image.Image, corners: np.ndarray) -> tuple[Image.Image, np.ndarray]:
    """Both turned anticlockwise."""
    moved = np.stack((corners[:, 1], picture.width - 1 - corners[:, 0]), 1)
    return picture.transpose(Image.Transpose.ROTATE_90), moved


def errors_of(defect: str, seeds: range) -> list[float]:
    """Worst corners of the cards that were found."""
    taken = [shot(seed, defect) for seed in seeds]
    found = [(find_card(each.picture), each.corners) for each in taken]
    return [
        worst_corner(search, corners)
        for search, corners in found
        if search.card is not None and corners is not None
    ]


def test_corners_are_within_a_twentieth_of_the_width_or_not_given():
    errors = errors_of("good", range(12))
    assert len(errors) >= 11
    assert max(errors) < 0.05


@pytest.mark.parametrize("defect", ["obstructed", "glare", "worn"])
def test_most_cards_that_are_covered_dazzled_or_worn_are_found(defect):
    errors = errors_of(defect, range(12))
    assert sum(error < 0.05 for error in errors) >= 10
    assert max(errors) < 0.12


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_card_is_read_from_its_first_corner_however_the_phone_was_held(seed):
    picture, corners = shot(seed).picture, shot(seed).corners
    assert corners is not None
    for _ in range(3):
        picture, corners = quarter_turned(picture, corners)
        assert worst_corner(find_card(picture), corners) < 0.05


def test_a_whole_card_is_not_cut_and_its_confidence_is_high():
    search = find_card(shot(0).picture)
    assert search.card is not None and search.card.confidence > 0.9
    assert search.cut == () and search.card.cut == ()


@pytest.mark.parametrize("seed", range(10))
def test_a_table_without_a_card_has_none(seed):
    assert find_card(shot(seed, "no_card").picture).card is None


def test_the_side_over_which_a_card_runs_out_is_named():
    taken = [shot(seed, "cropped") for seed in range(8)]
    named = [bool(set(find_card(each.picture).cut) & set(each.cut)) for each in taken]
    assert sum(named) >= 7


def test_a_card_at_a_tenth_of_the_frame_is_found_by_a_nearer_look():
    small = [shot(seed, "too_small") for seed in range(6)]
    near = [
        search.card is not None and worst_corner(search, each.corners) < 0.06
        for each in small
        if each.corners is not None and (search := find_card(each.picture))
    ]
    assert sum(near) >= 4


def test_corners_are_in_the_pixels_of_the_picture_that_was_given():
    taken = shot(2)
    half = taken.picture.resize((FRAME[0] // 2, FRAME[1] // 2), Image.Resampling.BOX)
    assert taken.corners is not None
    assert worst_corner(find_card(half), (taken.corners + 0.5) / 2 - 0.5) < 0.05


def test_the_same_picture_gives_the_same_corners():
    first, again = find_card(shot(2).picture), find_card(shot(2).picture.copy())
    assert first.card is not None and again.card is not None
    assert np.array_equal(first.card.corners, again.card.corners)
    assert first.card.confidence == again.card.confidence


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (20, 20), (3000, 400), (33, 33), (40, 110)])
@pytest.mark.parametrize("grey", [0, 128, 255])
def test_frames_of_any_shape_without_anything_in_them_have_no_card(size, grey):
    search = find_card(Image.new("RGB", size, (grey, grey, grey)))
    assert search.card is None and 0 <= search.present <= 1


def test_noise_is_no_card():
    noise = np.random.default_rng(4).integers(0, 256, (300, 400, 3), np.uint8)
    assert find_card(Image.fromarray(noise)).card is None


def test_reading_begins_at_the_corner_that_the_lines_start_from():
    corners = np.array([(0.0, 0.0), (8.0, 0.0), (8.0, 5.0), (0.0, 5.0)])
    assert read_from(corners, np.array((0.9, 0.2)))[0].tolist() == [0, 0]
    assert read_from(corners, np.array((-0.9, 0.2)))[0].tolist() == [8, 5]
    assert read_from(corners, np.array((0.1, 0.7)))[0].tolist() == [8, 0]
    assert read_from(corners, np.array((0.1, -0.7)))[0].tolist() == [0, 5]


def test_the_network_is_small_enough_to_be_deployed():
    assert models.path_of(MODEL).stat().st_size <= 2_000_000
