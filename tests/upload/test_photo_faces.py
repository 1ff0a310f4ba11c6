"""Faces are found with boxes that fit, and nowhere else. The face here is drawn: no one's."""

from functools import cache

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from functions.upload.photo.faces import find_faces
from functions.upload.photo.faces_model import face_session, freed
from tests.upload.photo_files import ktp, opened

FRAME = (960, 1280)
WALL = (120, 130, 120)
HAIR, SKIN, SHIRT = (40, 32, 28), (205, 160, 130), (50, 60, 110)
# Darker spots of a face: x, y, width, height in half faces, and how dark.
SPOTS = (
    *((side * 0.38, -0.12, 0.24, 0.12, 0.55) for side in (-1, 1)),
    *((side * 0.38, -0.10, 0.09, 0.05, 0.80) for side in (-1, 1)),
    *((side * 0.40, -0.32, 0.26, 0.05, 0.60) for side in (-1, 1)),
    (0.0, 0.25, 0.20, 0.06, 0.45),
    (0.0, 0.52, 0.34, 0.06, 0.55),
)


@cache
def head(height: int) -> tuple[Image.Image, Image.Image]:
    """A shaded head in flat light, and its outline as a mask."""
    width = height * 3 // 4
    y, x = np.mgrid[0:height, 0:width]
    across, down = 2 * x / width - 1, 2 * y / height - 1
    round_ = 1 - across**2 - down**2
    light = 0.55 + 0.45 * np.sqrt(round_.clip(0, 1))
    for left, top, wide, high, dark in SPOTS:
        spot = -(((across - left) / wide) ** 2) - ((down - top) / high) ** 2
        light *= 1 - dark * np.exp(spot)
    light *= 1 + 0.25 * np.exp(-((across / 0.1) ** 2) - ((down - 0.02) / 0.3) ** 2)
    pixels = (np.array(SKIN) * light[..., None]).clip(0, 255)
    pixels[down < -0.62 + 0.1 * abs(across)] = HAIR
    mask = Image.fromarray((255 * (round_ > 0)).astype(np.uint8))
    return Image.fromarray(pixels.astype(np.uint8)), mask


def with_head(scene: Image.Image, x: int, y: int, height: int) -> Image.Image:
    """The scene with a head and shoulders; (x, y) is the upper left corner of the head."""
    face, mask = head(height)
    middle, rim = x + face.width / 2, height * 0.06
    scene = scene.copy()
    draw = ImageDraw.Draw(scene)
    wide = height * 0.9
    draw.ellipse((middle - wide, y + height * 0.95, middle + wide, y + height * 2.5), SHIRT)
    neck = height * 0.18
    draw.rectangle((middle - neck, y + height * 0.8, middle + neck, y + height * 1.15), SKIN)
    draw.ellipse((x - rim, y - rim, x + face.width + rim, y + height * 0.75), HAIR)
    scene.paste(face, (x, y), mask)
    return scene.filter(ImageFilter.GaussianBlur(1))


def shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The part of both boxes together that both cover."""
    near, far = np.minimum(one[2:], other[2:]), np.maximum(one[:2], other[:2])
    common = (near - far).clip(0).prod()
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(common / (sum(areas) - common))


@pytest.mark.parametrize("height", [120, 240, 480])
def test_a_face_is_found_where_it_is(height) -> None:
    x, y = 300, 280
    (face,) = find_faces(with_head(Image.new("RGB", FRAME, WALL), x, y, height))
    assert shared(face.box, (x, y, x + height * 0.75, y + height)) > 0.6
    assert face.confidence > 0.6


def test_of_two_faces_the_larger_comes_first() -> None:
    small = with_head(Image.new("RGB", FRAME, WALL), 650, 850, 130)
    large, other = find_faces(with_head(small, 120, 120, 420))
    assert large.area > 4 * other.area
    assert large.box[0] < 200 and other.box[0] > 600


def test_a_face_at_the_rim_keeps_its_box_inside_the_frame() -> None:
    (face,) = find_faces(with_head(Image.new("RGB", FRAME, WALL), -60, 500, 480))
    left, top, right, bottom = face.box
    assert left == 0 and 0 < top < bottom <= FRAME[1] and right < FRAME[0]


@pytest.mark.parametrize("size", [(320, 240), (640, 853), (2048, 1152)])
def test_boxes_are_in_pixels_of_the_picture_given(size) -> None:
    scene = with_head(Image.new("RGB", FRAME, WALL), 300, 280, 400)
    (face,) = find_faces(scene.resize(size))
    scale = np.tile(np.divide(size, FRAME), 2)
    assert shared(face.box, tuple(scale * (300, 280, 600, 680))) > 0.55


def test_where_no_face_is_none_is_found() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (480, 640, 3), np.uint8)
    assert find_faces(Image.fromarray(noise)) == []
    assert find_faces(Image.new("RGB", FRAME, WALL)) == []
    assert find_faces(opened(ktp(2))) == []  # its portrait is a silhouette


def test_a_caller_can_ask_for_surer_faces() -> None:
    scene = with_head(Image.new("RGB", FRAME, WALL), 300, 280, 240)
    assert find_faces(scene, sure_enough=0.3)
    assert find_faces(scene, sure_enough=0.99) == []


def test_the_model_takes_pictures_of_any_size_one_at_a_time() -> None:
    (entry,) = face_session().get_inputs()
    assert entry.shape[:2] == [1, 3] and not any(isinstance(side, int) for side in entry.shape[2:])


def test_another_model_is_not_taken_for_it() -> None:
    with pytest.raises(ValueError):
        freed(b"\x08\x04 some other bytes")
