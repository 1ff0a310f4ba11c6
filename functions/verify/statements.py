"""Statements: what applicants tell of themselves, profile and declaration."""

from __future__ import annotations

import json
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy, ConditionFailed, Item
from functions.programme.regions import place_error
from functions.verify import accounts
from functions.web.errors import InvalidFields

TRIES = 3


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


def as_kept(value: dict[str, Any]) -> str:
    """A statement as it is sealed into the account."""
    return json.dumps(value, ensure_ascii=False)


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
    return _keep(runtime, applicant, "declaration", declaration, declared_at=runtime.clock())


def _keep(runtime: Runtime, applicant: str, field: str, value: dict[str, Any], **more: int) -> Item:
    """Seal the value into the account, then note in the readiness that it is there.

    In this order no transaction is needed: a join that reads the account before the note holds the
    readiness to what it read, and fails once the note is there.
    """
    sealed = {field: accounts.seal(runtime, applicant, field, as_kept(value))}
    mark = runtime.random(16).hex()
    for _ in range(TRIES):
        account = accounts.load(runtime, applicant)
        kept = accounts.changed(account, **sealed, **more, changed_by=mark)
        try:
            runtime.tables.write(kept)
        except ConditionFailed as error:
            if not accounts.changed_by_us(error, 0, mark):
                continue
        return accounts.note_done(runtime, applicant, **{field: runtime.clock()})
    raise Busy()
