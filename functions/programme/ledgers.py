"""The ledgers of people and families: what a row of an operator's list may say.

A list is CSV with a heading. NIK and KK are read, made into macs and forgotten.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from functions.programme import purchases, regions
from functions.programme.identity import SIXTEEN_DIGITS

# Why someone cannot take part, besides what is looked at in each wave.
BLACKLISTED_FOR = (
    "no_training_bought",  # within 30 days of an announcement
    "false_declaration",
    "identity_wrong",
    "misuse",
)
RECIPIENTS_HEADING = ("nik", "kk", "wave")
BLACKLIST_HEADING = ("nik", "reason")
# What a training platform knows of a purchase: who, and on which day in Jakarta.
PURCHASES_HEADING = ("nik", "bought_on")


class BadList(Exception):
    """The file is not a list of this kind; the message says why."""


@dataclass(frozen=True)
class Row:
    """One row: `line` in the file (the heading is 1), its fields, and a code if it is wrong."""

    line: int
    fields: Mapping[str, str]
    error: str | None

    def __repr__(self) -> str:
        return f"Row({self.line}, …, {self.error!r})"


def read_list(file: TextIO, heading: Sequence[str]) -> Iterator[Row]:
    """The rows of a list with exactly these columns, in any order.

    Codes: `row_fields`, and those of `field_error`. Raises BadList for another heading, and
    UnicodeDecodeError.
    """
    try:
        rows = csv.DictReader(file, strict=True)
        if sorted(rows.fieldnames or ()) != sorted(heading):
            raise BadList(f"the first line must be {','.join(heading)}")
        for row in rows:
            whole = None not in row and None not in row.values()
            values = {k: v.strip() for k, v in row.items() if k is not None and v is not None}
            errors = (field_error(name, values[name]) for name in heading) if whole else ()
            error = next((e for e in errors if e is not None), None) if whole else "row_fields"
            yield Row(rows.line_num, values, error)
    except csv.Error as error:
        raise BadList(f"not CSV: {error}") from error


def field_error(name: str, value: str) -> str | None:
    """`nik_format`, `nik_province`, `kk_format`, `kk_province`, `wave_format`, `date_format`,
    `reason_unknown`.
    """
    if name in ("nik", "kk"):
        if not SIXTEEN_DIGITS.fullmatch(value):
            return f"{name}_format"
        return None if regions.province_known(value[:2]) else f"{name}_province"
    if name == "wave":
        # Wave 0 stands for help received outside of this programme's waves.
        return None if value.isascii() and value.isdecimal() and len(value) < 10 else "wave_format"
    if name == "bought_on":
        return None if purchases.day_of(value) else "date_format"
    return None if value in BLACKLISTED_FOR else "reason_unknown"
