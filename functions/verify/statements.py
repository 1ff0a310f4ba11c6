"""Statements: what applicants tell of themselves, profile and declaration."""

from __future__ import annotations

import json
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy, ConditionFailed, Update, exists
from functions.programme.regions import place_error
from functions.verify import accounts
from functions.web.errors import InvalidFields

TRIES = 3


def put_profile(runtime: Runtime, applicant: str, profile: dict[str, Any]) -> None:
    """Keep the profile, whose addresses must name regions of today. Raises InvalidFields."""
    errors = {}
    for field in ("address", "current_address"):
        place = profile.get(field)
        if place is None:
            continue
        found = place_error(place["province"], place["regency"], place["district"])
        if found is not None:
            part, code = found
            errors[f"{field}.{part}"] = code
    if errors:
        raise InvalidFields(errors)
    _keep(runtime, applicant, "profile", profile)


def put_declaration(
    runtime: Runtime, applicant: str, *, in_education: bool, official: bool, employment: str
) -> None:
    """Keep the declaration with its time. That it is true and agreed to is checked before."""
    declaration = {
        "in_education": in_education,
        "official": official,
        "employment": employment,
    }
    _keep(runtime, applicant, "declaration", declaration, declared_at=runtime.clock())


def _keep(runtime: Runtime, applicant: str, field: str, value: dict[str, Any], **more: int) -> None:
    """Seal the value into the account and note in the readiness that it is there."""
    text = json.dumps(value, ensure_ascii=False)
    sealed = {field: accounts.seal(runtime, applicant, field, text)}
    ready = Update(
        "readiness",
        {"applicant": applicant},
        set={field: runtime.clock()},
        when=exists("applicant"),
    )
    mark = runtime.random(16).hex()
    for _ in range(TRIES):
        account = accounts.load(runtime, applicant)
        kept = accounts.changed(account, **sealed, **more, changed_by=mark)
        try:
            runtime.tables.write(kept, ready)
        except ConditionFailed as error:
            if not accounts.changed_by_us(error, 0, mark):
                continue
        return
    raise Busy()
