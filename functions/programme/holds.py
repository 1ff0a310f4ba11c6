"""Holds: why someone who is ready cannot join a wave yet, and what they may know of it.

A NIK can be typed by anyone who has seen it. Whether another account uses it already is therefore
told only to who has shown its card: until then a contested NIK looks like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functions.programme.readiness import missing

# contested  another account has claimed this NIK
# disputed   two accounts claim one NIK, and officers look at it
# leaving    the applicant has asked for the account to be deleted
CONTESTED, DISPUTED, LEAVING = "contested", "disputed", "leaving"
HOLDS = (LEAVING, DISPUTED, CONTESTED)


def card_shown(readiness: Mapping[str, Any]) -> bool:
    """Whether an accepted card carries the NIK of the form."""
    read = readiness.get("ktp_nik_mac")
    return "ktp" in readiness and read is not None and read == readiness.get("nik_photo_mac")


def shown(readiness: Mapping[str, Any]) -> list[str]:
    """The holds that the applicant may know of, the gravest first."""
    held = readiness.get("held", ())
    return [hold for hold in HOLDS if hold in held and (hold != CONTESTED or card_shown(readiness))]


def missing_shown(readiness: Mapping[str, Any]) -> list[str]:
    """The steps that the applicant is told to do: an identity that is known to be contested too."""
    known = CONTESTED in shown(readiness)
    return missing({**readiness, "identity": None} if known else readiness)
