"""Lines of text anywhere in a picture, by the detector of PP-OCRv6, without its own code.

Its input is BGR scaled to -1..1, sides multiples of 32; its output the probability that a pixel
belongs to the core of a line: what is left of the line when its rim is taken away.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.upload.photo.models import session

MODEL = "PP-OCRv6_det_small.onnx"
STEP = 32
CORE = 0.3  # probability from which a pixel belongs to a line
# The core is the line less a rim of this part of its area through its circumference; the settings
# the model was published with.
RIM = 1.6
LEAST_PIXELS = 12
# The direction of a box that is hardly longer than high is anyone's guess.
LEAST_ASPECT = 1.3


@dataclass(frozen=True, eq=False)
class TextBox:
    """A line of print in the picture: its middle (2,), the unit vector along it (2,), length and
    height, in pixels of the picture. Which end it is read from remains open."""

    middle: np.ndarray
    along: np.ndarray
    length: float
    height: float

    def point(self, part: float) -> np.ndarray:
        """A point of the line's axis: -1 is one end, 1 the other."""
        return self.middle + self.along * (self.length / 2 * part)

    def turned(self) -> "TextBox":
        """The same box read from the other end."""
        return TextBox(self.middle, -self.along, self.length, self.height)


def text_boxes(picture: Image.Image, longest_side: int) -> list[TextBox]:
    """The lines of text in an RGB picture that is looked at reduced to this side."""
    factor = longest_side / max(picture.size)
    width, height = (max(STEP, round(side * factor / STEP) * STEP) for side in picture.size)
    pixels = np.asarray(picture.resize((width, height), Image.Resampling.BOX))
    batch = pixels[..., ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1.0
    (cores,) = session(MODEL).run(None, {"x": np.ascontiguousarray(batch)})
    scale = np.divide(picture.size, (width, height))
    parts = connected(cores[0, 0] > CORE)
    boxes = (_box(part, scale) for part in parts if len(part) >= LEAST_PIXELS)
    return [box for box in boxes if box.length >= LEAST_ASPECT * box.height]


def connected(filled: np.ndarray) -> list[np.ndarray]:
    """The connected parts of a grid of yes and no, each as its cells' (x, y), shape (n, 2).

    Runs along the rows are joined to those they touch in the row above, corners included.
    """
    padded = np.pad(filled, ((0, 0), (1, 1))).astype(np.int8)
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    parents = list(range(len(rows)))

    def root(run: int) -> int:
        while parents[run] != run:
            parents[run] = parents[parents[run]]
            run = parents[run]
        return run

    above = 0
    for run, row in enumerate(rows):
        while rows[above] < row - 1:
            above += 1
        other = above
        while rows[other] == row - 1 and starts[other] <= ends[run]:
            if ends[other] >= starts[run]:
                parents[root(run)] = root(other)
            other += 1
    members: dict[int, list[np.ndarray]] = {}
    for run, row in enumerate(rows):
        x = np.arange(starts[run], ends[run])
        members.setdefault(root(run), []).append(np.stack([x, np.full(len(x), row)], axis=1))
    return [np.concatenate(runs) for runs in members.values()]


def _box(cells: np.ndarray, scale: np.ndarray) -> TextBox:
    """The box of a line's core, its rim given back."""
    points = (cells + 0.5) * scale - 0.5
    _, vectors = np.linalg.eigh(np.cov(points.T) + 1e-6 * np.eye(2))
    axes = vectors[:, ::-1].T  # along, across
    spans = (points - points.mean(axis=0)) @ axes.T
    low, high = spans.min(axis=0), spans.max(axis=0)
    middle = points.mean(axis=0) + (low + high) / 2 @ axes
    length, height = high - low + scale.mean()
    # The rim's width d for which the core is the line less that rim.
    rim = length * height * RIM / (2 * (length + height))
    return TextBox(middle, axes[0], float(length + 2 * rim), float(height + 2 * rim))


def strip_of(
    picture: Image.Image, box: TextBox, length: float, size: tuple[int, int]
) -> np.ndarray:
    """The first `length` pixels of a line, levelled: uint8 RGB (height, width, 3) of that size."""
    width, height = size
    across = np.array([-box.along[1], box.along[0]])
    step_x = box.along * (length / width)
    step_y = across * (box.height / height)
    start = box.point(-1) - across * (box.height / 2)
    coefficients = (step_x[0], step_y[0], start[0], step_x[1], step_y[1], start[1])
    cut = picture.transform(size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR)
    return np.asarray(cut)
