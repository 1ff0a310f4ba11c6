"""Rules of the photos: kinds, sizes, how many a day."""

from __future__ import annotations

from functions.programme.times import DAY, MINUTE

KINDS = ("ktp", "selfie")
CONTENT_TYPES = ("image/jpeg", "image/png")
MAX_BYTES = 2_000_000
# A form lives long enough for a slow phone to begin sending, and not much longer.
FORM_LIFE = 5 * MINUTE
# Nobody needs more; a script that fills the bucket does.
MAX_PER_DAY = 40
DAY_LENGTH = DAY


def wait_for_next(created: list[int], now: int) -> int:
    """Milliseconds until one more photo may be sent; 0 when it may be now.

    `created`: times of the photos so far, in any order.
    """
    recent = sorted(at for at in created if at > now - DAY_LENGTH)
    return 0 if len(recent) < MAX_PER_DAY else recent[-MAX_PER_DAY] + DAY_LENGTH - now
