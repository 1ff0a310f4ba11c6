"""What stands on strips of a picture, by the recogniser of PP-OCRv6, without its own code.

Its input is BGR, 48 pixels high, scaled to -1..1; its output a probability for each of 18,710
classes every 8 pixels: class 0 is "nothing", the last one the space, and the characters between
stand in the model file itself, one a line, under the key `character`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from functions.upload.photo.models import session

MODEL = "PP-OCRv6_rec_small.onnx"
STRIP_HEIGHT = 48


@dataclass(frozen=True)
class Line:
    """The text of one strip.

    text          what the whole alphabet gives, without a dictionary or a language behind it
    confidences   0 to 1 for each of its characters
    places        where along the strip each character was seen, 0 (left) to 1 (right)
    """

    text: str
    confidences: tuple[float, ...] = ()
    places: tuple[float, ...] = ()


@cache
def alphabet() -> tuple[str, ...]:
    """The character of each class; "" for the one that means nothing."""
    characters = session(MODEL).get_modelmeta().custom_metadata_map["character"]
    return ("", *characters.split("\n"), " ")


def recognise(strips: Sequence[np.ndarray]) -> list[Line]:
    """The text of each strip: uint8 RGB of shape (48, width, 3), all of one width."""
    if not strips:
        return []
    pixels = np.stack(strips)[..., ::-1].transpose(0, 3, 1, 2)
    batch = np.ascontiguousarray(pixels, np.float32) / 127.5 - 1.0
    (classes,) = session(MODEL).run(None, {"x": batch})
    return [decoded(steps) for steps in classes]


def decoded(steps: np.ndarray) -> Line:
    """The text of one strip's probabilities (steps, classes): at each step the likeliest class,
    a run of the same class once, "nothing" left out (greedy CTC). A character is as sure as the
    surest step of its run."""
    classes = steps.argmax(axis=1)
    likelihood = steps[np.arange(len(classes)), classes]
    starts = np.flatnonzero(np.diff(classes, prepend=-1))
    text, confidences, places = [], [], []
    for start, end in zip(starts, [*starts[1:], len(classes)], strict=True):
        if classes[start] != 0:
            text.append(alphabet()[classes[start]])
            confidences.append(float(likelihood[start:end].max()))
            places.append((start + end) / 2 / len(classes))
    return Line("".join(text), tuple(confidences), tuple(places))
