"""Drawn photographs are reproducible, true to what they say of themselves, and of nobody."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from functions.upload.photo.card import Card, rectified
from local.cards import framing
from local.cards.camera import CARD_MM, View, lay, looking
from local.cards.encoding import FORMS, MAX_BYTES, encode
from local.cards.person import Person, invented_person, require_invented
from local.cards.photos import DEFECTS, WITHOUT_A_CARD, shoot
from local.cards.selfies import SELFIE_DEFECTS, shoot_selfie
from local.cards.sheet import Sheet
from local.cards.worlds import EVERYDAY, TRAINING, UNSEEN

SMALL = (480, 360)
FOCAL = (0.8, 1.2)


def test_the_same_seed_takes_the_same_photo_and_another_seed_another() -> None:
    first, again, other = (shoot(seed, EVERYDAY, "good", SMALL) for seed in (1, 1, 2))
    assert first.picture.tobytes() == again.picture.tobytes()
    assert np.array_equal(first.corners, again.corners)
    assert first.picture.tobytes() != other.picture.tobytes()


@pytest.mark.parametrize("seed", range(6))
def test_the_corners_are_where_the_card_is_drawn(seed: int) -> None:
    chance = np.random.default_rng(seed)
    view, _ = framing.whole(chance, (1600, 1200), FOCAL)
    scene = Image.new("RGB", (1600, 1200), (0, 0, 0))
    sheet = Sheet(*CARD_MM, 16, (40, 40, 40))
    width, height = CARD_MM
    colours = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0))
    for colour, x, y in zip(colours, (0, 1, 1, 0), (0, 0, 1, 1), strict=True):
        left, top = x * (width - 6), y * (height - 6)
        sheet.box(left, top, left + 6, top + 6, colour)
    lay(scene, sheet.cut_out(), view.card(), fine=True)
    flat = rectified(scene, Card(view.card() - 0.5, 1.0))
    for colour, x, y in zip(colours, (3, 853, 853, 3), (3, 3, 537, 537), strict=True):
        assert np.abs(np.array(flat.getpixel((x, y))) - colour).max() < 60
    outside = view.card() + (view.card() - view.card().mean(axis=0)) * 0.02
    assert all(scene.getpixel((round(x), round(y))) == (0, 0, 0) for x, y in outside)


@pytest.mark.parametrize(
    ("centre", "sides"),
    [
        ((800, 600), ()),
        ((300, 600), ("left",)),
        ((1500, 600), ("right",)),
        ((800, 100), ("top",)),
        ((1400, 1100), ("right", "bottom")),
    ],
)
def test_the_sides_over_which_a_card_runs_out_are_named(centre, sides) -> None:
    view: View = looking((1600, 1200), width=800, centre=centre, roll=0, pitch=0, yaw=0, focal=1.0)
    assert framing.cut_sides(view, (1600, 1200)) == sides


def test_a_good_card_lies_inside_the_frame_and_can_be_read_and_a_small_one_cannot() -> None:
    chance = np.random.default_rng(1)
    for _ in range(60):
        view, _ = framing.whole(chance, (1600, 1200), FOCAL)
        assert framing.cut_sides(view, (1600, 1200)) == ()
        assert view.pixels_per_mm() * CARD_MM[0] >= 480
        small, _ = framing.whole(chance, (1600, 1200), FOCAL, small=True)
        assert view.seen(framing.outline()).min() > 0
        assert small.pixels_per_mm() * CARD_MM[0] < 480


def test_a_cropped_card_is_clearly_outside_and_clearly_there() -> None:
    chance = np.random.default_rng(2)
    for _ in range(60):
        view, _ = framing.cropped(chance, (1600, 1200), FOCAL)
        assert framing.cut_sides(view, (1600, 1200))
        assert framing.clearly_cropped(view, (1600, 1200))


@pytest.mark.parametrize("defect", DEFECTS)
def test_every_defect_makes_a_picture_with_its_truth(defect: str) -> None:
    shot = shoot(5, EVERYDAY, defect, SMALL)
    assert shot.picture.size == SMALL and shot.picture.mode == "RGB" and shot.defect == defect
    if defect in WITHOUT_A_CARD:
        assert shot.corners is None and shot.person is None
    if shot.person is not None:
        require_invented(shot.person.nik)
        assert shot.corners is not None and shot.corners.shape == (4, 2)
    assert bool(shot.cut) is (defect == "cropped")


@pytest.mark.parametrize("defect", SELFIE_DEFECTS)
def test_every_selfie_has_the_face_and_the_card_it_says(defect: str) -> None:
    shot = shoot_selfie(3, EVERYDAY, defect, (360, 480))
    assert (shot.corners is None) is (defect == "no_card")
    assert bool(shot.faces) is (defect != "no_face")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_file_opens_and_looks_the_same(form: str) -> None:
    picture = shoot(5, EVERYDAY, "good", SMALL).picture
    data = encode(picture, form)
    assert len(data) <= MAX_BYTES
    with Image.open(io.BytesIO(data)) as opened:
        opened.seek(0)
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    assert upright.size == picture.size
    assert np.abs(np.asarray(upright, int) - np.asarray(picture, int)).mean() < 8


def test_a_file_is_made_to_fit() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 300, 3), np.uint8)
    assert len(encode(Image.fromarray(noise), max_bytes=40_000)) <= 40_000
    with pytest.raises(ValueError):
        encode(Image.fromarray(noise), max_bytes=100)


def test_a_person_who_could_be_real_is_not_photographed() -> None:
    someone = invented_person(1)
    real = Person("3201014502901234", someone.name, someone.birth_date, "female", someone.address)
    with pytest.raises(ValueError):
        shoot(1, EVERYDAY, "good", SMALL, real)


def test_unknown_words_are_errors() -> None:
    with pytest.raises(ValueError):
        shoot(1, EVERYDAY, "upside down", SMALL)
    with pytest.raises(ValueError):
        shoot_selfie(1, EVERYDAY, "upside down")
    with pytest.raises(ValueError):
        encode(Image.new("RGB", (8, 8)), "gif")


def test_what_is_trained_on_shares_no_layout_typeface_or_light_with_what_is_measured_on() -> None:
    for other in (UNSEEN, EVERYDAY):
        assert not set(TRAINING.layouts) & set(other.layouts)
        assert not set(TRAINING.lighting.shades) & set(UNSEEN.lighting.shades)
        names = {name for face in TRAINING.typefaces for name in vars(face).values()}
        assert not names & {name for face in other.typefaces for name in vars(face).values()}
