"""Public figures: how the service fares, from counts of short windows; no person is in them.

What is counted in a window is a name such as `registered`, `photo_refused_blurred` or `mail_30`:
a mail that went out within 30 seconds. Counts below `FEW` are told as None, "fewer than 10".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from functions.programme.times import MINUTE, SECOND, iso

WINDOW = 5 * MINUTE
# An hour of windows, the running one included.
WINDOWS = 12
# A window's late counts are waited for this many windows before it goes into the total.
SETTLED_AFTER = 2
# One item of a table takes 1,000 writes a second; 80,000 registrations came in one minute.
SHARDS = 16
FEW = 10
# Upper ends, in seconds, of the classes of waiting; whatever is longer counts as the last.
WAITS = (5, 15, 30, 60, 120, 300, 900, 3_600, 21_600, 86_400)
HALF, MOST = 50, 90
# How the names of counts begin that are added up for good.
LASTING = ("confirm_sent", "registered", "photo_accepted", "photo_refused_")
# The letter that a registration waits for.
CONFIRMATION = "confirm_email"

Counts = Mapping[str, int]


def window_at(now: int) -> int:
    """The number of the window that a time in milliseconds lies in."""
    return now // WINDOW


def wait_name(what: str, milliseconds: int) -> str:
    """The name under which a waiting of `mail`, `sms` or `photo` is counted."""
    fits = (end for end in WAITS if milliseconds <= end * SECOND)
    return f"{what}_{next(fits, WAITS[-1])}"


def letter_names(letter: Mapping[str, Any], sent_at: int) -> tuple[str, ...]:
    """The names under which a letter of the outbox is counted that went out at `sent_at` (ms)."""
    waited = wait_name(letter["channel"], sent_at - letter["created_at"])
    return (waited, "confirm_sent") if letter["template"] == CONFIRMATION else (waited,)


def lasting(counts: Counts) -> dict[str, int]:
    """The counts that go into the total of all windows ever, as LASTING begins them."""
    return {name: n for name, n in counts.items() if name.startswith(LASTING)}


def told(count: int) -> int | None:
    """The count as it is published: None for fewer than ten."""
    return count if count >= FEW else None


def summed(counts: Iterable[Counts]) -> dict[str, int]:
    """The counts of several windows or shards, added by name."""
    total: dict[str, int] = {}
    for each in counts:
        for name, number in each.items():
            total[name] = total.get(name, 0) + number
    return total


def waiting(counts: Counts, what: str) -> dict[str, int | None]:
    """In how many seconds half, and nine of ten, were served; None with fewer than ten."""
    return {
        "half_seconds": _within(counts, what, HALF),
        "most_seconds": _within(counts, what, MOST),
    }


def _within(counts: Counts, what: str, percent: int) -> int | None:
    classes = [(end, counts.get(f"{what}_{end}", 0)) for end in WAITS]
    everyone = sum(number for _, number in classes)
    if everyone < FEW:
        return None
    served = 0
    for end, number in classes:
        served += number
        if served * 100 >= everyone * percent:
            return end
    raise AssertionError("the classes hold everyone")


def report(
    now: int,
    hour: Counts,
    registered: int,
    oldest: Mapping[str, int],
    waves: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """The content of `status.json` (docs/data.md).

    `hour` are the counts of the last hour, `registered` all registrations ever, `oldest` when
    the longest waiting letter of each channel was written; a channel where none waits is missing.
    """
    return {
        "version": 1,
        "taken_at": iso(now),
        "registrations": {
            "total": told(registered),
            "last_hour": told(hour.get("registered", 0)),
        },
        "photos": {
            "accepted": told(hour.get("photo_accepted", 0)),
            "refused": told(sum(number for _, number in refusals(hour))),
            "reasons": [
                {"reason": reason, "count": number}
                for reason, number in sorted(refusals(hour), key=lambda r: (-r[1], r[0]))
                if number >= FEW
            ],
            **waiting(hour, "photo_wait"),
        },
        **{channel: _letters(now, hour, channel, oldest) for channel in ("mail", "sms")},
        "waves": [
            {
                "wave": wave["wave"],
                "phase": wave["phase"],
                "opens_at": iso(wave["opens_at"]),
                "closes_at": iso(wave["closes_at"]),
            }
            for wave in sorted(waves, key=lambda wave: -wave["wave"])
        ],
    }


def refusals(counts: Counts) -> list[tuple[str, int]]:
    """(reason, how many photos) of the refused ones."""
    prefix = "photo_refused_"
    return [(name.removeprefix(prefix), n) for name, n in counts.items() if name.startswith(prefix)]


def _letters(
    now: int, hour: Counts, channel: str, oldest: Mapping[str, int]
) -> dict[str, int | None]:
    sent = sum(hour.get(f"{channel}_{end}", 0) for end in WAITS)
    age = (now - oldest[channel]) // SECOND if channel in oldest else 0
    return {"sent": told(sent), **waiting(hour, channel), "oldest_seconds": max(0, age)}
