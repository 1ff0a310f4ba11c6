"""Eligibility: who is excluded from a wave by age, office, schooling or place.

Past recipients, blacklisted people and duplicates are not decided here: they need
the ledgers, and are decided when a wave is frozen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from functions.programme.times import age_on

# Presidential regulation 36/2020 as amended by 113/2022: citizens of 18 to 64 years.
YOUNGEST = 18
OLDEST = 64


def exclusions(
    *,
    birth_date: date,
    closes_on: date,
    in_education: bool,
    official: bool,
    province: str,
    provinces: Sequence[str] | None,
) -> list[str]:
    """The reasons for which an applicant cannot be drawn; an empty list means eligible.

    `closes_on` is the day of the close in Jakarta (`times.wib_date`): age counts on that
    day. `province` is the two-digit code of the address on the card; `provinces` are those
    of the wave, None for all. Codes: `under_age`, `over_age`, `official`, `in_education`,
    `outside_provinces`, in this order.
    """
    age = age_on(birth_date, closes_on)
    reasons = {
        "under_age": age < YOUNGEST,
        "over_age": age > OLDEST,
        "official": official,
        "in_education": in_education,
        "outside_provinces": provinces is not None and province not in provinces,
    }
    return [code for code, applies in reasons.items() if applies]
