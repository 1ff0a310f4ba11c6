"""Four corners from masks drawn here: a card askew, cut by the frame, held, seen unclearly."""

import numpy as np
import pytest

from functions.upload.photo.card import ASPECT
from functions.upload.photo.mask import MARGIN, largest_part
from functions.upload.photo.quad import cut_sides, outline

ROWS, COLUMNS = 48, 64
SIZE = (1024, 768)
PITCH = 16


def mask_of(corners: np.ndarray) -> np.ndarray:
    """Share of each cell that the quad covers, from 8 x 8 points a cell."""
    fine = 8
    y = (np.arange((ROWS + 2 * MARGIN) * fine) + 0.5) / fine - MARGIN
    x = (np.arange((COLUMNS + 2 * MARGIN) * fine) + 0.5) / fine - MARGIN
    inside = np.ones((len(y), len(x)), bool)
    cells = (corners + 0.5) / PITCH
    for (x0, y0), (x1, y1) in zip(cells, np.roll(cells, -1, axis=0), strict=True):
        inside &= (x1 - x0) * (y[:, None] - y0) - (y1 - y0) * (x[None] - x0) >= 0
    shape = (ROWS + 2 * MARGIN, fine, COLUMNS + 2 * MARGIN, fine)
    return inside.reshape(shape).mean((1, 3))


def card_at(
    centre: tuple[float, float], width: float, degrees: float, askew: float = 0.0, seed: int = 0
) -> np.ndarray:
    """Corners of a card, clockwise; askew: how far each is pulled off, in card widths."""
    half = np.array((width, width / ASPECT)) / 2
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
    flat += np.random.default_rng(seed).uniform(-askew, askew, (4, 2)) * width
    angle = np.deg2rad(degrees)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return flat @ turn + centre


def worst(found: np.ndarray, true: np.ndarray) -> float:
    """Worst distance of a corner, in card widths, whichever corner comes first."""
    width = max(np.linalg.norm(true[1] - true[0]), np.linalg.norm(true[2] - true[1]))
    return min(np.linalg.norm(np.roll(found, k, 0) - true, axis=1).max() / width for k in range(4))


@pytest.mark.parametrize("seed", range(12))
def test_a_card_seen_askew_is_found_within_a_hundredth_of_its_width(seed):
    chance = np.random.default_rng(seed)
    true = card_at((512, 384), chance.uniform(350, 640), chance.uniform(0, 360), 0.05, seed)
    found = outline(mask_of(true), SIZE)
    assert found is not None and found.corners is not None
    assert worst(found.corners, true) < 0.01
    assert found.agreement > 0.98
    assert found.running == () and found.guessed == 0


def test_fingers_that_the_network_did_not_see_through_do_not_bend_a_side():
    true = card_at((512, 384), 600, 8)
    mask = mask_of(true)
    mask[34:44, 20:25] = 0
    mask[34:44, 28:33] = 0
    mask[10:16, 50:60] = 0
    found = outline(mask, SIZE)
    assert found is not None and found.corners is not None
    assert worst(found.corners, true) < 0.03


def test_noise_in_the_mask_lowers_agreement_but_not_the_corners():
    true = card_at((500, 380), 560, -12, 0.03)
    noise = np.random.default_rng(5).normal(0, 0.08, (ROWS + 2 * MARGIN, COLUMNS + 2 * MARGIN))
    found = outline(np.clip(mask_of(true) + noise, 0, 1), SIZE)
    assert found is not None and found.corners is not None
    assert worst(found.corners, true) < 0.02
    assert found.agreement < 0.95


@pytest.mark.parametrize(
    ("centre", "side"),
    [((120, 380), "left"), ((900, 380), "right"), ((512, 40), "top"), ((512, 730), "bottom")],
)
def test_a_side_outside_the_frame_is_named_and_placed_by_the_proportions_of_a_card(centre, side):
    true = card_at(centre, 560, 4)
    found = outline(mask_of(true), SIZE)
    assert found is not None and found.corners is not None
    assert found.running == (side,) and found.guessed == 1
    assert cut_sides(found.corners, SIZE) == (side,)
    assert worst(found.corners, true) < 0.03


def test_a_corner_outside_the_frame_follows_from_the_sides_that_are_seen():
    true = card_at((512, 384), 800, 30)
    found = outline(mask_of(true), SIZE)
    assert found is not None and found.corners is not None
    assert set(cut_sides(found.corners, SIZE)) == {"top", "bottom"}
    assert worst(found.corners, true) < 0.02


def test_a_card_with_two_sides_missing_has_no_corners_but_names_where_it_runs_out():
    found = outline(mask_of(card_at((60, 60), 600, 6)), SIZE)
    assert found is not None and found.corners is None
    assert set(found.running) == {"left", "top"}


def test_a_card_just_inside_the_frame_is_not_cut():
    true = np.array([(12.0, 200.0), (640.0, 200.0), (640.0, 596.0), (12.0, 596.0)])
    found = outline(mask_of(true), SIZE)
    assert found is not None and found.corners is not None and found.running == ()
    assert cut_sides(found.corners, SIZE) == ()


def test_a_card_that_fills_the_whole_frame_names_every_side():
    found = outline(np.ones((ROWS + 2 * MARGIN, COLUMNS + 2 * MARGIN)), SIZE)
    assert found is not None and found.corners is None
    assert set(found.running) == {"left", "top", "right", "bottom"}


def test_specks_and_an_empty_mask_are_no_card():
    mask = np.zeros((ROWS + 2 * MARGIN, COLUMNS + 2 * MARGIN))
    assert outline(mask, SIZE) is None
    mask[10:13, 10:13] = 1
    assert outline(mask, SIZE) is None


def test_of_two_shapes_the_larger_is_the_card():
    true = card_at((380, 384), 500, 0)
    mask = np.maximum(mask_of(true), mask_of(card_at((880, 600), 180, 20)))
    found = outline(mask, SIZE)
    assert found is not None and found.corners is not None
    assert worst(found.corners, true) < 0.02


def test_a_round_shape_agrees_with_no_card():
    y, x = np.mgrid[0 : ROWS + 2 * MARGIN, 0 : COLUMNS + 2 * MARGIN]
    disc = np.clip(16.5 - np.hypot(x - 34, y - 26), 0, 1)
    found = outline(disc, SIZE)
    assert found is None or found.corners is None or found.agreement < 0.9


def test_a_part_that_winds_is_one_part():
    filled = np.zeros((9, 9), bool)
    filled[1, 1:8] = filled[1:8, 7] = filled[7, 1:8] = filled[3:8, 1] = filled[3, 1:6] = True
    filled[5, 4] = True
    part = largest_part(filled)
    assert part is not None and part.sum() == filled.sum() - 1 and not part[5, 4]


def test_a_corner_counts_as_outside_from_four_thousandths_of_the_frame_on():
    assert cut_sides(np.array([(-6.0, 50), (600, 50), (600, 400), (-6, 400)]), SIZE) == ("left",)
    assert cut_sides(np.array([(-3.0, 50), (600, 50), (600, 400), (-3, 400)]), SIZE) == ()
