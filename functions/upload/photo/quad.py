"""From the network's mask to four corners: lines through the mask's edge, in numpy alone.

Units are pixels of the picture, pixel centres at whole numbers, unless a name says cells.
"""

from dataclasses import dataclass

import numpy as np

from functions.upload.photo.card import ASPECT, Side
from functions.upload.photo.mask import MARGIN, SIDES, Edge, crossings, frame_runs, largest_part

# A corner must be this far outside, in parts of the frame's side: corners are found to about a
# hundredth of the card, and nothing is on its round corners.
FRAME_EDGE = 0.004
MIN_POINTS = 8
# Corners of the card and of the mask are round: this part of a side, at each end, tells nothing.
ROUND_PART = 0.07
ROUND_CELLS = 1.2
# Distance, in cells, at which a point counts a quarter in the fit; smaller each round.
TRUST = (3.0, 1.0, 0.3)
# A side is known from edge points along this part of it, or it is made up from the others.
SEEN_PART = 0.2
PIECES = 20  # into which a side is divided to tell how much of it has points
# Indexing a cycle of four is several times quicker than rolling it.
NEXT, BEFORE = [1, 2, 3, 0], [3, 0, 1, 2]
ANGLES = np.deg2rad(np.arange(0, 90, 2.0))


@dataclass(frozen=True)
class Outline:
    """What a mask says of a card.

    corners    (4, 2) clockwise as the picture is seen, from any one on; None when too little is in
               the frame
    running    sides of the picture over which the mask goes on
    agreement  intersection over union of the mask and the corners' area, within the picture
               (cells between yes and no count against it)
    guessed    sides of the card that were not seen but follow from the other three
    """

    corners: np.ndarray | None
    running: tuple[Side, ...]
    agreement: float
    guessed: int


def outline(mask: np.ndarray, size: tuple[float, float]) -> Outline | None:
    """The card that a mask (rows, columns), margin included, shows in a picture of (width, height).

    None when no part of the mask is large enough to be a card.
    """
    blob = largest_part(mask > 0.5)
    if blob is None:
        return None
    rows, columns = mask.shape[0] - 2 * MARGIN, mask.shape[1] - 2 * MARGIN
    pitch = np.array((size[0] / columns, size[1] / rows))
    edge = crossings(mask, blob, pitch, size)
    corners, guessed = None, 4
    if len(edge.places) >= MIN_POINTS:
        cell = float(np.sqrt(pitch[0] * pitch[1]))
        corners, guessed = closed(fitted(edge, cell), edge)
    if corners is None or not _sound(corners, size):
        return Outline(None, frame_runs(blob), 0.0, guessed)
    return Outline(corners, frame_runs(blob), agreement_of(mask, corners, pitch), guessed)


def fitted(edge: Edge, cell: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Lines through the four sides, and which were seen.

    lines (4, 3): a, b, c with ax + by = c and (a, b) of length 1, pointing out; clockwise. None
    when they do not enclose a quadrilateral.
    """
    lines = _lines_of(rectangle(edge.places))
    corners = _met(lines)
    seen = np.zeros(4, bool)
    for trust in TRUST:
        if corners is None:
            return None
        own, seen = _shared_out(edge.places, lines, corners, cell)
        off = edge.places @ lines[:, :2].T - lines[:, 2]
        weights = (own * edge.weights) / (1 + (off.T / (trust * cell)) ** 2) ** 2
        lines = np.where(seen[:, None], _refitted(edge.places, weights, lines), lines)
        corners = _met(lines)
    return None if corners is None else (lines, seen)


def rectangle(places: np.ndarray) -> np.ndarray:
    """(4, 2) corners, clockwise as seen, of the smallest rectangle around the points."""
    across = places @ np.stack((np.cos(ANGLES), np.sin(ANGLES)))
    down = places @ np.stack((-np.sin(ANGLES), np.cos(ANGLES)))
    low = np.stack((across.min(0), down.min(0)), 1)
    high = np.stack((across.max(0), down.max(0)), 1)
    best = int(np.argmin((high - low).prod(1)))
    (x0, y0), (x1, y1) = low[best], high[best]
    angle = ANGLES[best]
    back = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]) @ back


def _shared_out(
    places: np.ndarray, lines: np.ndarray, corners: np.ndarray, cell: float
) -> tuple[np.ndarray, np.ndarray]:
    """(4, n) which points belong to which side, each to the nearest, those near corners to none;
    and which sides have points along enough of them."""
    side = corners[NEXT] - corners
    length = np.maximum(np.sqrt((side**2).sum(1)), 1e-6)[:, None]
    part = (side @ places.T - (side * corners).sum(1)[:, None]) / length**2
    across = np.abs(lines[:, :2] @ places.T - lines[:, 2:])
    nearest = np.argmin(across + np.maximum(np.maximum(-part, part - 1), 0) * length, axis=0)
    ends = np.clip(ROUND_CELLS * cell / length, ROUND_PART, 0.3)
    own = (nearest == np.arange(4)[:, None]) & (part > ends) & (part < 1 - ends)
    row, column = np.nonzero(own)
    met = np.zeros((4, PIECES), bool)
    met[row, (part[row, column] * PIECES).astype(int)] = True
    spread = met.sum(1) / (PIECES * (1 - 2 * ends[:, 0]))
    return own, (own.sum(1) >= 4) & (spread >= SEEN_PART)


def _refitted(places: np.ndarray, weights: np.ndarray, lines: np.ndarray) -> np.ndarray:
    """For each side the line with the least weighted square distance, pointing the same way out."""
    middle = places.mean(0)
    x, y = (places - middle).T
    sums = weights @ np.stack((np.ones_like(x), x, y, x * x, x * y, y * y), 1)
    mean = sums[:, 1:] / np.maximum(sums[:, :1], 1e-12)
    xx = mean[:, 2] - mean[:, 0] ** 2
    xy = mean[:, 3] - mean[:, 0] * mean[:, 1]
    yy = mean[:, 4] - mean[:, 1] ** 2
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    normal = np.stack((-np.sin(angle), np.cos(angle)), 1)
    normal *= np.where((normal * lines[:, :2]).sum(1, keepdims=True) < 0, -1, 1)
    offset = (normal * (mean[:, :2] + middle)).sum(1, keepdims=True)
    return np.concatenate((normal, offset), 1)


def _lines_of(corners: np.ndarray) -> np.ndarray:
    side = corners[NEXT] - corners
    normal = np.stack((side[:, 1], -side[:, 0]), 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    return np.concatenate((normal, (normal * corners).sum(1, keepdims=True)), 1)


def _met(lines: np.ndarray) -> np.ndarray | None:
    """(4, 2) corners: each side with the one before it; None when two hardly meet."""
    before = lines[BEFORE]
    turn = before[:, 0] * lines[:, 1] - before[:, 1] * lines[:, 0]
    if (np.abs(turn) < 0.3).any():  # under 17 degrees
        return None
    x = (before[:, 2] * lines[:, 1] - lines[:, 2] * before[:, 1]) / turn
    y = (before[:, 0] * lines[:, 2] - lines[:, 0] * before[:, 2]) / turn
    return np.stack((x, y), 1)


def closed(
    sides: tuple[np.ndarray, np.ndarray] | None, edge: Edge
) -> tuple[np.ndarray | None, int]:
    """Corners from the lines, and how many sides were not seen; one that was not seen lies where
    the card's proportions put it.

    None when more than one side is missing.
    """
    if sides is None:
        return None, 4
    lines, seen = sides
    missing = np.flatnonzero(~seen)
    if len(missing) == 0:
        return _met(lines), 0
    if len(missing) > 1:
        return None, len(missing)
    gone = int(missing[0])
    kept = (gone + 2) % 4
    corners = _met(lines)
    if corners is None:
        return None, 1
    # The side opposite the missing one, from its start to its end, and the two that leave it.
    start, end = corners[kept], corners[(kept + 1) % 4]
    outward = lines[kept][:2]
    reach = float((-(edge.places @ outward - lines[kept][2])).max())
    width = float(np.linalg.norm(end - start))
    lengths = [width / ASPECT, width * ASPECT]
    length = lengths[0] if reach <= lengths[0] * 1.1 else lengths[1]
    corners[gone] = _onward(end, corners[gone], length)
    corners[(gone + 1) % 4] = _onward(start, corners[(gone + 1) % 4], length)
    return corners, 1


def _onward(start: np.ndarray, towards: np.ndarray, length: float) -> np.ndarray:
    arm = towards - start
    return start + arm * (length / max(float(np.linalg.norm(arm)), 1e-9))


def _sound(corners: np.ndarray, size: tuple[float, float]) -> bool:
    """Whether these enclose something that a card, seen askew, can look like."""
    side = corners[NEXT] - corners
    turn = side[:, 0] * side[NEXT][:, 1] - side[:, 1] * side[NEXT][:, 0]
    length = np.linalg.norm(side, axis=1)
    if (turn <= 0).any() or (length < 1).any() or (np.abs(corners) > 4 * max(size)).any():
        return False
    sine = turn / (length * length[NEXT])
    if (sine < 0.5).any():  # no corner under 30 degrees
        return False
    across, down = length[::2], length[1::2]
    if min(across.min() / across.max(), down.min() / down.max()) < 0.5:
        return False
    ratio = across.mean() / down.mean()
    return 1.0 <= max(ratio, 1 / ratio) <= 3.0


def cut_sides(corners: np.ndarray, size: tuple[float, float]) -> tuple[Side, ...]:
    """Sides of the picture that a corner lies beyond."""
    parts = (corners + 0.5) / size
    low, high = parts.min(0), parts.max(0)
    beyond = (
        low[0] < -FRAME_EDGE,
        low[1] < -FRAME_EDGE,
        high[0] > 1 + FRAME_EDGE,
        high[1] > 1 + FRAME_EDGE,
    )
    return tuple(side for side, is_beyond in zip(SIDES, beyond, strict=True) if is_beyond)


def agreement_of(mask: np.ndarray, corners: np.ndarray, pitch: np.ndarray) -> float:
    """Intersection over union of mask and quadrilateral, of what lies within the picture."""
    within = mask[MARGIN:-MARGIN, MARGIN:-MARGIN]
    rows, columns = within.shape
    cells = (corners + 0.5) / pitch - 0.5
    lines = _lines_of(cells)[:, :, None, None]
    y, x = np.arange(rows)[:, None], np.arange(columns)
    distance = (lines[:, 0] * x + lines[:, 1] * y - lines[:, 2]).max(0)
    quad = np.clip(0.5 - distance, 0, 1)
    union = np.maximum(quad, within).sum()
    return float(np.minimum(quad, within).sum() / max(float(union), 1e-9))
