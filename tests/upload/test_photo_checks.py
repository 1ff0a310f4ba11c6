"""What is said of a photo in which no card could be placed, and of white on a card."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from functions.upload.photo import checks, measure
from functions.upload.photo.card import Card, Search, rectified
from functions.upload.photo.decode import Picture
from functions.upload.photo.flat import Flat
from functions.upload.photo.limits import LIMITS
from functions.upload.photo.looking import Sight
from local.cards.photos import shoot
from local.cards.worlds import EVERYDAY

SIZE = (1200, 900)


def table(low: int, high: int, smooth: bool = False) -> Image.Image:
    """A rough surface with these levels of light, or a smooth one."""
    chance, way = np.random.default_rng(3), Image.Resampling
    grain = chance.uniform(low, high, (9, 12) if smooth else (90, 120)).astype(np.uint8)
    return Image.fromarray(grain).resize(SIZE, way.BICUBIC if smooth else way.NEAREST)


def sight(picture: Image.Image, search: Search) -> Sight:
    rgb = picture.convert("RGB")
    return Sight(Picture(rgb, *rgb.size), measure.view_of(rgb), search)


def reasons(picture: Image.Image, search: Search) -> list[str]:
    seen = sight(picture, search)
    findings = checks.without_card(seen, LIMITS) or checks.without_any(seen, LIMITS)
    return [finding.code for finding in findings]


NOTHING, SOMETHING = Search(None, 0.1), Search(None, 0.97, extent=900.0)


@pytest.mark.parametrize(
    ("low", "high", "search", "reason"),
    [
        (10, 80, NOTHING, "not_ktp"),  # dark wood is dark in good light too
        (10, 80, SOMETHING, "too_dark"),
        (2, 30, NOTHING, "too_dark"),  # nothing could be seen in it
        (60, 250, SOMETHING, "not_ktp"),
    ],
)
def test_a_dark_table_is_no_dark_photo_of_a_card(low, high, search, reason) -> None:
    assert reasons(table(low, high), search) == [reason]


@pytest.mark.parametrize(("search", "reason"), [(NOTHING, "not_ktp"), (SOMETHING, "blurred")])
def test_a_smooth_table_is_no_blurred_photo_of_a_card(search, reason) -> None:
    assert reasons(table(90, 200, smooth=True), search) == [reason]


@pytest.mark.parametrize(("present", "reason"), [(0.97, "too_small"), (0.5, "not_ktp")])
def test_a_card_too_far_away_to_be_placed_is_too_small(present, reason) -> None:
    assert reasons(table(60, 250), Search(None, present, extent=200.0)) == [reason]


def test_a_card_of_which_too_little_is_in_the_picture_is_cropped() -> None:
    assert reasons(table(60, 250), Search(None, 0.97, ("left", "top"), 200.0)) == ["cropped"]
    # An edge that runs out of the picture is not a card yet.
    assert reasons(table(60, 250), Search(None, 0.6, ("left",), 200.0)) == ["not_ktp"]


@pytest.fixture(scope="module")
def card() -> Image.Image:
    shot = shoot(3, EVERYDAY, "good", (1600, 1200))
    return rectified(shot.picture, Card(shot.corners, 1.0))


def glare_on(picture: Image.Image) -> list[str]:
    seen = Sight(Picture(picture, *picture.size), measure.view_of(picture), card=Flat(picture))
    finding = checks.glare(seen, LIMITS)
    return [] if finding is None else [str(finding.details["where"])]


@pytest.mark.parametrize(
    ("middle", "where"), [((400, 120), "nik"), ((250, 330), "fields"), ((430, 50), "heading")]
)
def test_a_highlight_over_the_print_is_glare(card, middle, where) -> None:
    x, y = middle
    spotted = card.copy()
    ImageDraw.Draw(spotted).ellipse((x - 80, y - 60, x + 80, y + 60), (250, 252, 248))
    assert glare_on(spotted) == [where]


def test_a_bright_exposure_whose_print_can_be_read_is_no_glare(card) -> None:
    assert glare_on(card.point(lambda value: min(255, value * 8 // 5))) == []


def test_a_highlight_beside_the_print_is_no_glare(card) -> None:
    spotted = card.copy()
    ImageDraw.Draw(spotted).ellipse((640, 150, 840, 500), (255, 255, 255))
    assert glare_on(spotted) == []
