"""Retention: how long each kind of personal data is kept, in one table, and what is due.

Shown to applicants (docs/data.md has the table in words) and carried out by a daily job
(verify/retention.py), whose runs stand in an audit chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.programme.times import DAY, SECOND, WIB

Item = Mapping[str, Any]

# Photos that were refused, or announced and never sent. The bucket's own lifecycle is as long.
REFUSED_PHOTO = 7 * DAY
# Photos of people who were not selected, after the end of the programme year of their last wave
# (or, without one, of the photo).
UNSELECTED_PHOTO = 90 * DAY
# Of recipients, whose help may be audited: two years after that year.
RECIPIENT_PHOTO = 730 * DAY
# Questions and answers of a test that was passed, after its year; that it was passed is kept.
TEST_ANSWERS = 90 * DAY
# What applicants and officers wrote, after the answer.
OBJECTION = 365 * DAY
# Requests that are closed: deletions, disputes, recoveries.
CASE = 365 * DAY


def year_end(at: int) -> int:
    """When the programme year of a time ends: New Year in Jakarta, milliseconds."""
    year = datetime.fromtimestamp(at / SECOND, WIB).year
    return int(datetime(year + 1, 1, 1, tzinfo=WIB).timestamp()) * SECOND


def photo_due(
    photo: Item, readiness: Item | None, closes: Mapping[int, int], now: int
) -> str | None:
    """Why a photo is to be deleted now, or None: `refused`, `unselected`, `recipient`, `orphan`.

    `readiness` of its owner, None when the account is gone; `closes`: wave → time of its close.
    """
    state = photo["state"]
    if readiness is None:
        return "orphan"
    if state == "in_review":
        return None
    if state in ("refused", "waiting"):
        since = int(photo.get("decided_at", photo["created_at"]))
        return "refused" if now >= since + REFUSED_PHOTO else None
    if readiness.get("open_waves") or readiness.get("held"):
        return None
    joined = [closes.get(int(wave), 0) for wave in readiness.get("entries", {})]
    ends = year_end(max(int(photo.get("decided_at", photo["created_at"])), *joined, 0))
    if "recipient_of" in readiness:
        return "recipient" if now >= ends + RECIPIENT_PHOTO else None
    return "unselected" if now >= ends + UNSELECTED_PHOTO else None


def answers_due(test: Item, now: int) -> bool:
    """Whether the answers of a passed test are to go."""
    if "passed_at" not in test or not test.get("answers"):
        return False
    return now >= year_end(int(test["passed_at"])) + TEST_ANSWERS


def objection_due(objection: Item, now: int) -> bool:
    """Whether an answered objection is to go."""
    return "answered_at" in objection and now >= int(objection["answered_at"]) + OBJECTION


def case_due(case: Item, now: int) -> bool:
    """Whether a closed request is to go."""
    closed = case.get("done_at", case.get("closed_at"))
    return closed is not None and now >= int(closed) + CASE
