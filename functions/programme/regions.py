"""Region codes of the Ministry of Home Affairs: provinces, regencies, districts.

docs/regions.md tells where the list comes from and how old codes are treated.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

# East Timor, a province until 1999; people registered there still carry its code.
HISTORIC_PROVINCES = frozenset({"54"})


@cache
def names() -> Mapping[str, str]:
    """Code (2, 4 or 6 digits) -> name, of the regions of today. Read once, when first asked."""
    text = resources.files("functions.programme").joinpath("regions.txt").read_text("utf-8")
    return {line.partition(" ")[0]: line.partition(" ")[2] for line in text.splitlines()}


def province_known(code: str) -> bool:
    """Whether two digits are a province of today or of the past."""
    return code in HISTORIC_PROVINCES or (len(code) == 2 and code in names())


def district_current(code: str) -> bool:
    """Whether six digits are a district of today, in a regency and a province of today."""
    return len(code) == 6 and code in names()


def place_error(province: str, regency: str, district: str) -> tuple[str, str] | None:
    """The first part of an address that is not a region of today, or not inside the one above.

    Returns (name of the part, code), or None when the three fit together.
    """
    above = ""
    parts = (("province", province, 2), ("regency", regency, 4), ("district", district, 6))
    for part, code, digits in parts:
        if len(code) != digits or code not in names():
            return part, "region_unknown"
        if not code.startswith(above):
            return part, "region_elsewhere"
        above = code
    return None
