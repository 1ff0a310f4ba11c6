"""When people come: a rush at the opening whose busiest minute is given, and a day behind it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ops.errors import Refused

# The rush halves in this time; a press report gives its busiest minute, none its shape.
HALVES_IN = 300
# The busiest minute begins after this: people try the page before the hour.
RUSH_AFTER = 1_800
RISES_IN = 240
# A rush is no shorter than this part of that.
SHORTEST = 1 / 1024


def arrivals(
    registrants: float, hours: float, peak_minute: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """People in each second: `registrants` in all, `peak_minute` in the busiest minute.

    The rush rises within four minutes, stays at its height for the busiest one, and halves every
    five minutes after it; sooner if it would else be more people than there are. The rest come
    evenly over all hours, with the unevenness of chance. Raises Refused for what cannot be.
    """
    seconds = round(hours * 3600)
    after = min(RUSH_AFTER, max(0, seconds // 4))
    if seconds < 600 or registrants < peak_minute:
        raise Refused("at least ten minutes, and no more in the busiest minute than in all")
    rush = _rush(seconds, after, peak_minute, registrants)
    rest = max(0.0, registrants - rush.sum())
    # Even people come in the busiest minute too; the rush is what they leave of it.
    even = rest / seconds
    if even * 60 > peak_minute:
        raise Refused(f"evenly spread it is {even * 60:,.0f} a minute: more than the busiest one")
    rush *= max(0.0, 1 - even * 60 / peak_minute)
    even = max(0.0, registrants - rush.sum()) / seconds
    counts = rng.poisson(rush + even).astype(np.float64)
    busiest = slice(after, after + 60)
    counts[busiest] *= peak_minute / max(counts[busiest].sum(), 1.0)
    outside = np.ones(seconds, dtype=bool)
    outside[busiest] = False
    left = max(0.0, registrants - peak_minute)
    counts[outside] *= left / max(counts[outside].sum(), 1.0)
    return counts


def _rush(seconds: int, after: int, peak_minute: float, registrants: float) -> NDArray[np.float64]:
    at = np.arange(seconds) - after
    length = 1.0
    while True:
        rising = np.clip(1 + at / (RISES_IN * length), 0, 1) * (at < 0)
        falling = np.exp2(-np.maximum(at - 59, 0) / (HALVES_IN * length)) * (at >= 0)
        rush: NDArray[np.float64] = peak_minute / 60 * (rising + falling)
        if rush.sum() <= 0.9 * registrants or length < SHORTEST:
            return rush
        length /= 2
