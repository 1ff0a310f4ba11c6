"""Where faces are in a picture. It tells neither whose they are nor whether they are alive."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.upload.photo.faces_model import INPUT, face_session

# Pixels of the picture's longer side as the network sees it. The portrait on a card that fills a
# third of a selfie is then 12 pixels high, about the least that is found.
LONGEST_SIDE = 352
STEP = 32  # the network halves its input five times
STRIDE = 4  # input pixels between neighbouring cells of its answer
# Photographed faces have 0.75 and more, sharp or not, in bright light or an eighth of it; surfaces
# and scenes without one at most 0.34, but for a dog's.
SURE_ENOUGH = 0.4
# Boxes that share more than this part of both together are one face.
SAME_FACE = 0.3


@dataclass(frozen=True)
class Face:
    """One face: box (left, top, right, bottom) in pixels of the picture, forehead to chin, within
    the frame; confidence 0 to 1."""

    box: tuple[float, float, float, float]
    confidence: float

    @property
    def area(self) -> float:
        left, top, right, bottom = self.box
        return (right - left) * (bottom - top)


def find_faces(picture: Image.Image, sure_enough: float = SURE_ENOUGH) -> list[Face]:
    """The faces in an RGB picture, the largest first; also a portrait printed on a card.

    Upright or turned by up to a quarter; of a picture's height a twenty-fifth at least.
    """
    size = _network_size(picture.size)
    pixels = np.asarray(picture.resize(size, Image.Resampling.BILINEAR), np.float32)
    blob = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
    answers = face_session().run(None, {INPUT.decode(): blob})
    heat, spread, offset = (answer[0] for answer in answers[:3])
    boxes, confidences = _boxes(heat[0], spread, offset, sure_enough)
    boxes *= np.tile(np.divide(picture.size, size), 2)
    boxes = boxes.clip(0, np.tile(picture.size, 2))
    faces = []
    for index in _one_of_each(boxes, confidences):
        left, top, right, bottom = map(float, boxes[index])
        faces.append(Face((left, top, right, bottom), float(confidences[index])))
    return sorted(faces, key=lambda face: -face.area)


def _network_size(size: tuple[int, int]) -> tuple[int, int]:
    factor = LONGEST_SIDE / max(size)
    width, height = (max(STEP, round(side * factor / STEP) * STEP) for side in size)
    return width, height


def _boxes(
    heat: np.ndarray, spread: np.ndarray, offset: np.ndarray, sure_enough: float
) -> tuple[np.ndarray, np.ndarray]:
    """Boxes (n, 4) in input pixels, and confidences, from the network's maps: how much a cell is
    a face's middle; logarithm of height and width in strides; shift of the middle, y and x."""
    rows, columns = np.nonzero(heat > sure_enough)
    down, across = np.exp(spread[:, rows, columns]) * STRIDE
    shift_y, shift_x = offset[:, rows, columns]
    y = (rows + shift_y + 0.5) * STRIDE
    x = (columns + shift_x + 0.5) * STRIDE
    boxes = np.stack([x - across / 2, y - down / 2, x + across / 2, y + down / 2], axis=1)
    return boxes.astype(np.float64), heat[rows, columns]


def _one_of_each(boxes: np.ndarray, confidences: np.ndarray) -> list[int]:
    """Places of the surest box of each face (greedy non-maximum suppression)."""
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    left = list(np.argsort(-confidences))
    kept = []
    while left:
        best, *rest = left
        kept.append(int(best))
        near = np.minimum(boxes[rest, 2:], boxes[best, 2:])
        far = np.maximum(boxes[rest, :2], boxes[best, :2])
        shared = (near - far).clip(0).prod(axis=1)
        same = shared > SAME_FACE * (areas[rest] + areas[best] - shared)
        left = [index for index, is_same in zip(rest, same, strict=True) if not is_same]
    return kept
