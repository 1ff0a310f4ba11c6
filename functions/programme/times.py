"""Times: integers of milliseconds since 1970 UTC, and how people see them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WIB = timezone(timedelta(hours=7), "WIB")


def iso(at: int) -> str:
    """`2026-01-09T05:00:00Z`; milliseconds are dropped."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_iso(text: str) -> int:
    """The inverse of `iso`. Raises ValueError for any other form."""
    moment = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    if iso(at := int(moment.timestamp()) * SECOND) != text:
        raise ValueError(f"not a canonical time: {text!r}")
    return at


def age_on(birth: date, day: date) -> int:
    """Full years lived on `day`; someone born on 29 February turns on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def wib_date(at: int) -> date:
    """The calendar day in Jakarta, in which the programme's days are counted."""
    return datetime.fromtimestamp(at / SECOND, WIB).date()
