"""Statements: what applicants tell of themselves, profile and declaration."""

from __future__ import annotations

import json
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme.readiness import said
from functions.programme.regions import place_error
from functions.verify import accounts
from functions.web.errors import InvalidFields


def put_profile(runtime: Runtime, applicant: str, profile: dict[str, Any]) -> Item:
    """Keep the profile, whose addresses must name regions of today; returns the readiness.

    Raises InvalidFields.
    """
    errors = place_errors(profile)
    if errors:
        raise InvalidFields(errors)
    return _keep(runtime, applicant, "profile", profile)


def place_errors(profile: dict[str, Any]) -> dict[str, str]:
    """{field: code} of the addresses that are no places of today."""
    errors = {}
    for field in ("address", "current_address"):
        place = profile.get(field)
        if place is None:
            continue
        found = place_error(place["province"], place["regency"], place["district"])
        if found is not None:
            part, code = found
            errors[f"{field}.{part}"] = code
    return errors


def put_declaration(
    runtime: Runtime, applicant: str, *, in_education: bool, official: bool, employment: str
) -> Item:
    """Keep the declaration with its time; returns the readiness. That it is true and agreed to is
    checked before."""
    declaration = {
        "in_education": in_education,
        "official": official,
        "employment": employment,
    }
    return _keep(runtime, applicant, "declaration", declaration)


def kept(
    runtime: Runtime, applicant: str, step: str, value: dict[str, Any], now: int
) -> dict[str, Any]:
    """What the readiness holds of a statement: when it was made, and what it says, sealed.

    Both in one item, so that a join, which holds the readiness to what it read, cannot take one
    for the other.
    """
    text = json.dumps(value, ensure_ascii=False)
    name = said(step)
    return {step: now, name: runtime.vault.seal("readiness", applicant, name, text)}


def opened(runtime: Runtime, readiness: Item, account: Item, step: str) -> dict[str, Any] | None:
    """A statement in clear, or None when it was not made.

    The code before kept it in the account.
    """
    name = said(step)
    if name in readiness:
        applicant = readiness["applicant"]
        text = runtime.vault.open("readiness", applicant, name, readiness[name])
    else:
        text = accounts.opened(runtime, account, step) or "null"
    found: dict[str, Any] | None = json.loads(text)
    return found


def _keep(runtime: Runtime, applicant: str, step: str, value: dict[str, Any]) -> Item:
    now = runtime.clock()
    return accounts.note_done(runtime, applicant, **kept(runtime, applicant, step, value, now))
