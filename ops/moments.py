"""Times as an operator writes them."""

from __future__ import annotations

from datetime import datetime

from functions.programme.times import SECOND, WIB, from_iso
from ops.errors import Refused


def parse_moment(text: str) -> int:
    """Milliseconds UTC of `2026-01-09T05:00:00Z` or `2026-01-09 12:00 WIB`. Raises Refused.

    The zone must be written: a close that is off by seven hours cannot be taken back.
    """
    try:
        if text.endswith(" WIB"):
            moment = datetime.strptime(text, "%Y-%m-%d %H:%M WIB").replace(tzinfo=WIB)
            return int(moment.timestamp()) * SECOND
        return from_iso(text)
    except ValueError as error:
        raise Refused(
            f"{text!r} is not a time such as 2026-01-09T05:00:00Z or '2026-01-09 12:00 WIB'"
        ) from error


def parse_pool(text: str) -> tuple[str, int, list[str]]:
    """`timur:5000:91,92` as (name, seats, provinces). Raises Refused."""
    name, _, rest = text.partition(":")
    seats, _, provinces = rest.partition(":")
    if not name or not seats.isdigit() or not provinces:
        raise Refused(f"{text!r} is not a pool such as timur:5000:91,92")
    return name, int(seats), provinces.split(",")
