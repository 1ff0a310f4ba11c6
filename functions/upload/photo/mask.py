"""What a mask shows: its largest part, where its edge lies, where it leaves the frame.

The mask is a grid of cells, each the probability that the card covers it, fingers on it included.
It reaches `MARGIN` cells beyond each side of the picture, so that a card that ends just inside the
frame differs from one that runs out of it.
"""

from dataclasses import dataclass

import numpy as np

from functions.upload.photo.card import Side

CELL = 4  # pixels of the network's input along one cell
MARGIN = 2  # cells beyond each side of the picture

SIDES: tuple[Side, ...] = ("left", "top", "right", "bottom")
MIN_CELLS = 12
# Cells beyond the frame that say the card runs out there, when its corners are not sure.
FRAME_RUN = 3
BEYOND_WEIGHT = 0.2  # of an edge point outside the picture: guessed, not seen


@dataclass(frozen=True)
class Edge:
    """Points where the mask crosses one half: (n, 2) places and how sharply it does."""

    places: np.ndarray
    weights: np.ndarray


def largest_part(filled: np.ndarray) -> np.ndarray | None:
    """The largest connected part of a grid of yes and no; None when all are smaller than a card."""
    left, best, most = filled.copy(), None, MIN_CELLS - 1
    while left.sum() > most:
        seed = np.zeros_like(left)
        seed.flat[int(np.argmax(left))] = True
        part = _reached(left, seed)
        left &= ~part
        count = int(part.sum())
        if count > most:
            best, most = part, count
    return best


def _reached(filled: np.ndarray, seed: np.ndarray) -> np.ndarray:
    """The cells connected to the seed: whole runs at a time, along rows, then along columns."""
    count = 0
    while (found := int(seed.sum())) != count:
        count = found
        seed = _runs_of(filled, seed)
        seed = _runs_of(filled.T, seed.T).T
    return seed


def _runs_of(filled: np.ndarray, seed: np.ndarray) -> np.ndarray:
    starts = filled.copy()
    starts[:, 1:] &= ~filled[:, :-1]
    names = np.cumsum(starts.ravel()).reshape(filled.shape) * filled
    touched = np.zeros(int(names.max()) + 1, bool)
    touched[names[seed]] = True
    touched[0] = False
    return touched[names]


def crossings(
    mask: np.ndarray, blob: np.ndarray, pitch: np.ndarray, size: tuple[float, float]
) -> Edge:
    """Where, between a cell of the blob and its neighbour outside, the mask is one half."""
    places, weights = [], []
    for axis in (1, 0):
        first, second = (mask[:, :-1], mask[:, 1:]) if axis else (mask[:-1], mask[1:])
        inner, outer = (blob[:, :-1], blob[:, 1:]) if axis else (blob[:-1], blob[1:])
        row, column = np.nonzero((inner != outer) & ((first > 0.5) != (second > 0.5)))
        step = first[row, column] - second[row, column]
        part = (first[row, column] - 0.5) / step
        cells = np.stack((column + part, row), 1) if axis else np.stack((column, row + part), 1)
        places.append((cells - MARGIN + 0.5) * pitch - 0.5)
        weights.append(np.abs(step))
    edge, sharp = np.concatenate(places), np.concatenate(weights)
    beyond = (edge < -0.5).any(1) | (edge > np.array(size) - 0.5).any(1)
    return Edge(edge, sharp * np.where(beyond, BEYOND_WEIGHT, 1.0))


def frame_runs(blob: np.ndarray) -> tuple[Side, ...]:
    """Sides of the picture beyond which the blob goes on, if only by a cell."""
    beyond, within = MARGIN - 1, slice(MARGIN, -MARGIN)
    along = (
        blob[within, beyond],
        blob[beyond, within],
        blob[within, -1 - beyond],
        blob[-1 - beyond, within],
    )
    return tuple(side for side, cells in zip(SIDES, along, strict=True) if cells.sum() >= FRAME_RUN)


def extent(part: np.ndarray, size: tuple[float, float]) -> np.ndarray:
    """(2, 2) upper left and lower right end of a part of the mask, within the picture."""
    row, column = np.nonzero(part)
    cells = np.array([(column.min(), row.min()), (column.max() + 1, row.max() + 1)]) - MARGIN
    pitch = np.array(size) / (part.shape[1] - 2 * MARGIN, part.shape[0] - 2 * MARGIN)
    return np.clip(cells * pitch - 0.5, -0.5, np.array(size) - 0.5)
