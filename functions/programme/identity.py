"""Identity numbers: what a NIK and a KK number must look like, and what they tell.

A NIK is 16 digits: the six of the district that issued it, the birth date as ddmmyy
with 40 added to the day for women, and a serial of four digits that begins at 0001
(law 23/2006 on population administration, government regulation 37/2007, article 37).
A KK number has the same length and begins with a district as well.
"""

from __future__ import annotations

import re
from datetime import date

from functions.programme import regions
from functions.programme.times import age_on

SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")
SEXES = ("male", "female")
WOMEN_DAY_OFFSET = 40
OLDEST_PLAUSIBLE_AGE = 110

SHARDS = 1024


def field_errors(nik: str, kk: str, birth_date: date, sex: str, today: date) -> dict[str, str]:
    """What is wrong with an identity as {field: code}; empty when nothing is.

    Fields `nik`, `kk`, `birth_date`. The century of the birth date comes from the form,
    as the NIK has two digits of the year only. `today` is the day in Jakarta.
    """
    found = {
        "nik": _nik_error(nik, birth_date, sex),
        "kk": _kk_error(kk, nik),
        "birth_date": _birth_date_error(birth_date, today),
    }
    return {field: code for field, code in found.items() if code is not None}


def warnings(nik: str, kk: str) -> list[str]:
    """Remarks on valid numbers that stop nobody: `old_region_code` for a district of the past."""
    current = regions.district_current(nik[:6]) and regions.district_current(kk[:6])
    return [] if current else ["old_region_code"]


def shard(mac: str) -> int:
    """The shard of a family, 0…1023: the first 10 bits of the KK's mac (hex, purpose `shard`)."""
    return int(mac[:4], 16) * SHARDS >> 16


def birth_digits(birth_date: date, sex: str) -> str:
    """ddmmyy as a NIK has it."""
    day = birth_date.day + (WOMEN_DAY_OFFSET if sex == "female" else 0)
    return f"{day:02d}{birth_date.month:02d}{birth_date.year % 100:02d}"


def _nik_error(nik: str, birth_date: date, sex: str) -> str | None:
    if not SIXTEEN_DIGITS.fullmatch(nik):
        return "nik_format"
    if not regions.province_known(nik[:2]):
        return "nik_province_unknown"
    if nik[12:] == "0000":
        return "nik_serial"
    if nik[6:12] == birth_digits(birth_date, sex):
        return None
    other = SEXES[1 - SEXES.index(sex)]
    if nik[6:12] == birth_digits(birth_date, other):
        return "nik_sex_differs"
    return "nik_birth_date_differs"


def _kk_error(kk: str, nik: str) -> str | None:
    if not SIXTEEN_DIGITS.fullmatch(kk):
        return "kk_format"
    if kk == nik:
        return "kk_is_nik"
    if not regions.province_known(kk[:2]):
        return "kk_province_unknown"
    return None


def _birth_date_error(birth_date: date, today: date) -> str | None:
    if not 0 <= age_on(birth_date, today) <= OLDEST_PLAUSIBLE_AGE:
        return "birth_date_implausible"
    return None
