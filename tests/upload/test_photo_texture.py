"""A screen and a colour copy are seen by the pattern that they lay over the whole card."""

import numpy as np
import pytest
from PIL import Image

from functions.upload.photo.card import Card, rectified
from functions.upload.photo.judge import judge
from functions.upload.photo.limits import LIMITS
from functions.upload.photo.texture import printed_dots, screen_waves
from local.cards.photos import shoot
from local.cards.worlds import EVERYDAY
from tests.upload.photo_files import ktp


def card(seed: int, shown: str = "good") -> Image.Image:
    shot = shoot(seed, EVERYDAY, shown, (1600, 1200))
    return rectified(shot.picture, Card(shot.corners, 1.0))


@pytest.fixture(scope="module")
def plain() -> Image.Image:
    return card(3)


def waved(picture: Image.Image, pitch: float, degrees: float, depth: np.ndarray) -> Image.Image:
    rows, columns = np.mgrid[: picture.height, : picture.width]
    turn = np.deg2rad(degrees)
    wave = np.cos((columns * np.cos(turn) + rows * np.sin(turn)) * 2 * np.pi / pitch)
    pixels = np.asarray(picture, np.float32) + wave[:, :, None] * depth
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("seed", [3, 5, 7])
def test_a_card_has_neither_pattern(seed: int) -> None:
    assert screen_waves(card(seed)) < LIMITS.screen_waves
    assert printed_dots(card(seed)) < LIMITS.printed_dots


@pytest.mark.parametrize("pitch", [9, 15, 30])
@pytest.mark.parametrize("degrees", [20, 130])
def test_a_wave_of_colour_stands_out_at_any_width(plain, pitch, degrees) -> None:
    coloured = np.array((8, 0, -8), np.float32)
    assert screen_waves(waved(plain, pitch, degrees, coloured)) > LIMITS.screen_waves
    # The same wave without colour is a shadow of blinds, or cloth under a copy: no screen.
    grey = np.array((8, 8, 8), np.float32)
    assert screen_waves(waved(plain, pitch, degrees, grey)) < LIMITS.screen_waves


@pytest.mark.parametrize("pitch", [2.5, 3.5, 4.5])
def test_fine_dots_stand_out(plain, pitch) -> None:
    dots = waved(plain, pitch, 45, np.array((10, 10, 10), np.float32))
    assert printed_dots(dots) > LIMITS.printed_dots


def test_a_screen_is_advice_for_a_person_and_no_refusal() -> None:
    seen = [judge(ktp(seed, "screen"), "ktp") for seed in (13, 14, 15, 16)]
    accepted = [verdict for verdict in seen if verdict.accepted]
    assert accepted
    assert any("screen" in verdict.review for verdict in accepted)
    assert "screen" not in judge(ktp(), "ktp").review
