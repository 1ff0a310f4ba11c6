"""Where the camera stands: the whole card in the frame, part of it outside, or far away."""

import numpy as np

from functions.upload.photo.card import Side
from local.cards.camera import CARD_MM, View, looking
from local.cards.ktp import CORNER_MM

# A photo's card has at least this many pixels across (the published reason is `too_small` below
# 480); pictures smaller than NATIVE stand for larger ones that were reduced.
ENOUGH_PIXELS = 510
NATIVE = 1000
Size = tuple[int, int]


def outline() -> np.ndarray:
    """The card's edge with its round corners (n, 2), mm."""
    x, y = CARD_MM[0] / 2 - CORNER_MM, CARD_MM[1] / 2 - CORNER_MM
    angles = np.linspace(0, np.pi / 2, 7)
    arcs = []
    for quarter, (cx, cy) in enumerate(((x, y), (-x, y), (-x, -y), (x, -y))):
        turn = angles + quarter * np.pi / 2
        arcs.append(np.column_stack([cx + CORNER_MM * np.cos(turn), cy + CORNER_MM * np.sin(turn)]))
    return np.vstack(arcs)


def cut_sides(view: View, size: Size) -> tuple[Side, ...]:
    """The sides of the picture over which the card runs out of it."""
    points = view.seen(outline())
    low, high = points.min(axis=0), points.max(axis=0)
    over: tuple[tuple[Side, bool], ...] = (
        ("left", low[0] < 0),
        ("top", low[1] < 0),
        ("right", high[0] > size[0]),
        ("bottom", high[1] > size[1]),
    )
    return tuple(side for side, out in over if out)


def whole(
    chance: np.random.Generator, size: Size, focal: tuple[float, float], *, small: bool = False
) -> tuple[View, int]:
    """A view with all of the card inside the frame, and its quarter turns (clockwise).

    small: so few pixels that it cannot be read (under 440 of a photo's; under a fifth of a picture
    that was reduced).
    """
    pose, quarter = _pose(chance, focal)
    longest = max(size)
    low, high = (0.1, 0.93)
    if small:
        high = 0.2 if longest < NATIVE else min(0.4, 440 / longest)
        low = 0.35 * high
    elif longest >= NATIVE:
        low = ENOUGH_PIXELS / longest
    width = longest * (chance.uniform(low, high) if chance.random() < 0.3 else
                       np.clip(chance.normal(0.62, 0.16), low, high))  # fmt: skip
    if small:
        width = longest * chance.uniform(low, high)
    margin = longest * chance.uniform(0.008, 0.03)
    while True:
        view = _placed(chance, size, float(width), pose, margin)
        if view is not None:
            return view, quarter
        width *= 0.95


def _pose(chance: np.random.Generator, focal: tuple[float, float]) -> tuple[dict[str, float], int]:
    quarter = int(chance.choice(4, p=(0.58, 0.16, 0.1, 0.16)))
    tilt = chance.uniform(0, 30) if chance.random() < 0.5 else abs(chance.normal(0, 9))
    towards = chance.uniform(0, 2 * np.pi)
    tilt = min(tilt, 30)
    return {
        "roll": 90 * quarter + float(np.clip(chance.normal(0, 8), -20, 20)),
        "pitch": float(tilt * np.cos(towards)),
        "yaw": float(tilt * np.sin(towards)),
        "focal": float(chance.uniform(*focal)),
    }, quarter


def _placed(
    chance: np.random.Generator, size: Size, width: float, pose: dict[str, float], margin: float
) -> View | None:
    """The card somewhere in the frame, nearer the middle than the edge; None when it cannot fit."""
    middle = np.array(size) / 2
    points = looking(size, width=width, centre=tuple(middle), **pose).seen(outline())
    low, high = points.min(axis=0) - middle, points.max(axis=0) - middle
    least, most = margin - low, np.array(size) - margin - high
    if (most < least).any():
        return None
    centre = least + (most - least) * np.clip(chance.normal(0.5, 0.28, 2), 0, 1)
    view = looking(size, width=width, centre=tuple(centre), **pose)
    points = view.seen(outline())
    inside = (points > margin * 0.6).all() and (points < np.array(size) - margin * 0.6).all()
    return view if inside else None


def cropped(
    chance: np.random.Generator, size: Size, focal: tuple[float, float]
) -> tuple[View, int]:
    """A view with part of the card clearly outside: over one side, over a corner, or too near."""
    while True:
        pose, quarter = _pose(chance, focal)
        extent = 0.95 if chance.random() < 0.85 else 1.5
        width = max(size) * chance.uniform(0.4, extent)
        middle = np.array(size) / 2
        points = looking(size, width=width, centre=tuple(middle), **pose).seen(outline())
        low, high = points.min(axis=0) - middle, points.max(axis=0) - middle
        long = high - low
        room = np.array(size) - long
        free = (
            -low + np.clip(room, 0, None) * chance.uniform(0.02, 0.98, 2) + np.minimum(room, 0) / 2
        )
        pushed = np.array((True, True))
        if chance.random() < 0.6:
            pushed[chance.integers(2)] = False
        out = chance.uniform(0.06, 0.45, 2) * long
        beyond = np.where(chance.random(2) < 0.5, -low - out, np.array(size) - high + out)
        view = looking(size, width=width, centre=tuple(np.where(pushed, beyond, free)), **pose)
        if clearly_cropped(view, size):
            return view, quarter


def clearly_cropped(view: View, size: Size) -> bool:
    """Between 3 and 65 hundredths of the card lie outside the frame."""
    x = (np.arange(43) - 21) * (CARD_MM[0] / 43)
    y = (np.arange(27) - 13) * (CARD_MM[1] / 27)
    points = view.seen(np.array(np.meshgrid(x, y)).reshape(2, -1).T)
    inside = ((points > 0) & (points < np.array(size))).all(axis=1).mean()
    return bool(0.35 <= inside <= 0.97)
