"""The first training: until when a recipient must have bought it, and who has not.

Days are those of Jakarta. Whoever got a place later, by promotion, has as many days from then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from functions.programme.times import wib_date

# Places of recipients who bought no training within 30 days of the announcement are taken back
# (the programme's own rule; so came the 400,000 places of its eleventh wave).
DAYS_TO_BUY = 30
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Counts:
    """Who holds a place of a wave: how many in all, and of these how many bought in time.

    held     places that somebody holds
    bought   bought within the days
    waiting  have not bought, and may still
    late     bought, but after the days; among `due`
    due      may be revoked now
    """

    held: int = 0
    bought: int = 0
    waiting: int = 0
    late: int = 0
    due: int = 0


def day_of(text: str) -> date | None:
    """The day of `2020-11-30`, or None for any other form."""
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def last_day(told_at: int) -> date:
    """The last day on which who was told at `told_at` (milliseconds) may buy; the whole of it."""
    return wib_date(told_at) + timedelta(days=DAYS_TO_BUY)


def standing(told_at: int, bought_on: str | None, now: int) -> str:
    """`bought`, `waiting`, `late` or `due`, of one who holds a place.

    `bought_on`: the day of the purchase as `day_of` reads it, None for none.
    """
    last = last_day(told_at)
    bought = None if bought_on is None else day_of(bought_on)
    if bought is not None and bought <= last:
        return "bought"
    if wib_date(now) <= last:
        return "waiting"
    return "due" if bought is None else "late"
