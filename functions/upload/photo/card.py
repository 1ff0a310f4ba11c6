"""Where the card is in a picture, and the card seen from straight above.

The finder, the reader and the checks of the card meet in these types.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

Side = Literal["left", "top", "right", "bottom"]

# ID-1, 85.60 x 53.98 mm (ISO/IEC 7810), at ten pixels a millimetre.
CARD_SIZE = (856, 540)
ASPECT = CARD_SIZE[0] / CARD_SIZE[1]


@dataclass(frozen=True)
class Card:
    """One card in a picture.

    corners     (4, 2) float64: x, y in pixels of that picture, pixel centres at whole numbers;
                top left, top right, bottom right, bottom left of the card as it is read (heading
                on top), so a card lying on its side has its first corner elsewhere; may lie
                outside the frame
    confidence  0 to 1, that this is a card and these are its corners
    cut         sides of the picture, as it is looked at, over which the card runs out of the frame
    """

    corners: np.ndarray
    confidence: float
    cut: tuple[Side, ...] = ()

    @property
    def width(self) -> float:
        """Pixels along the longer side of the card: the mean of its upper and lower edge."""
        top_left, top_right, bottom_right, bottom_left = self.corners
        upper = np.linalg.norm(top_right - top_left)
        lower = np.linalg.norm(bottom_right - bottom_left)
        return float((upper + lower) / 2)


@dataclass(frozen=True)
class Search:
    """What looking for a card came to.

    card     the card, when one was found with enough confidence
    present  0 to 1, that there is a card or a part of one, wherever it is
    cut      sides of the picture over which a card runs out of it, also when too much is outside
             for corners (card is None then)
    extent   pixels along the longer side of what is seen of it, roughly; 0 when nothing is
    """

    card: Card | None
    present: float
    cut: tuple[Side, ...] = ()
    extent: float = 0.0


def rectified(picture: Image.Image, card: Card, size: tuple[int, int] = CARD_SIZE) -> Image.Image:
    """The card alone, upright and seen from straight above; black where the frame ends."""
    width, height = size
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    coefficients = perspective(flat, card.corners + 0.5)
    return picture.transform(
        size, Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BILINEAR
    )


def perspective(start: np.ndarray, end: np.ndarray) -> tuple[float, ...]:
    """Pillow's eight numbers of the perspective that maps four points `start` to `end`, (4, 2)."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    return tuple(float(value) for value in np.linalg.solve(np.array(rows), end.reshape(8)))
