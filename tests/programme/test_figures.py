"""The public figures: small counts stay unsaid, and waiting is told by its class."""

from __future__ import annotations

import pytest

from functions.programme.figures import (
    SHARDS,
    WAITS,
    WINDOW,
    report,
    summed,
    told,
    wait_name,
    waiting,
    window_at,
)
from functions.programme.times import HOUR, MINUTE, SECOND

NOON = 1_767_589_200_000


def test_a_count_below_ten_is_not_told() -> None:
    assert [told(n) for n in (0, 9, 10, 1_432_133)] == [None, None, 10, 1_432_133]


def test_a_wait_is_counted_in_the_smallest_class_that_holds_it() -> None:
    assert wait_name("mail", 0) == "mail_5"
    assert wait_name("mail", 5 * SECOND) == "mail_5"
    assert wait_name("mail", 5 * SECOND + 1) == "mail_15"
    assert wait_name("sms", 40 * 24 * HOUR) == f"sms_{WAITS[-1]}"


def test_half_and_nine_of_ten_are_told_by_the_end_of_their_class() -> None:
    counts = {"mail_5": 50, "mail_60": 39, "mail_900": 11, "sms_5": 1_000}
    assert waiting(counts, "mail") == {"half_seconds": 5, "most_seconds": 900}
    assert waiting({"mail_5": 9}, "mail") == {"half_seconds": None, "most_seconds": None}


def test_counts_of_shards_are_added_by_name() -> None:
    assert summed([{"a": 1, "b": 2}, {}, {"b": 3}]) == {"a": 1, "b": 5}


def test_windows_follow_one_another_without_gap_and_carry_a_first_day() -> None:
    assert window_at(NOON + WINDOW) == window_at(NOON) + 1
    assert window_at(NOON + WINDOW - 1) == window_at(NOON)
    # 80,000 registrations in a minute, against 1,000 writes a second of one item.
    assert 80_000 / 60 / SHARDS < 100


def test_the_report_tells_refusals_by_reason_and_holds_no_small_number() -> None:
    hour = {
        "registered": 7,
        "photo_accepted": 400,
        "photo_refused_blurred": 60,
        "photo_refused_glare": 61,
        "photo_refused_no_face": 3,
        "photo_wait_30": 524,
        "mail_15": 20,
    }
    waves = [
        {"wave": 11, "phase": "announced", "opens_at": NOON - 9 * HOUR, "closes_at": NOON},
        {"wave": 12, "phase": "open", "opens_at": NOON, "closes_at": NOON + HOUR, "params": b"x"},
    ]
    told_now = report(NOON, hour, 1_432_133, {"mail": NOON - 2 * MINUTE}, waves)
    assert told_now == {
        "version": 1,
        "taken_at": "2026-01-05T05:00:00Z",
        "registrations": {"total": 1_432_133, "last_hour": None},
        "photos": {
            "accepted": 400,
            "refused": 124,
            "reasons": [{"reason": "glare", "count": 61}, {"reason": "blurred", "count": 60}],
            "half_seconds": 30,
            "most_seconds": 30,
        },
        "mail": {"sent": 20, "half_seconds": 15, "most_seconds": 15, "oldest_seconds": 120},
        "sms": {"sent": None, "half_seconds": None, "most_seconds": None, "oldest_seconds": 0},
        "waves": [
            {
                "wave": 12,
                "phase": "open",
                "opens_at": "2026-01-05T05:00:00Z",
                "closes_at": "2026-01-05T06:00:00Z",
            },
            {
                "wave": 11,
                "phase": "announced",
                "opens_at": "2026-01-04T20:00:00Z",
                "closes_at": "2026-01-05T05:00:00Z",
            },
        ],
    }


@pytest.mark.parametrize("small", range(10))
def test_no_count_from_one_to_nine_is_in_the_report(small: int) -> None:
    hour = {"registered": small, "photo_accepted": small, "photo_refused_glare": small}
    told_now = report(NOON, {**hour, "mail_5": small, "sms_5": small}, small, {}, [])
    assert told_now["registrations"] == {"total": None, "last_hour": None}
    photos = told_now["photos"]
    assert (photos["accepted"], photos["refused"], photos["reasons"]) == (None, None, [])
    assert told_now["mail"]["sent"] is None
