"""An applicant as a help desk sees them: which steps are done, and what became of mails and photos.

Found by NIK, address or number, which is typed and made into a mac. No sealed field is opened: the
answer has no name, address or number in it, and the role has no key for them. Every look is
recorded with its reason before anything is found, those that find nothing too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme.emails import EmailInvalid
from functions.programme.emails import normalised as email_of
from functions.programme.identity import SIXTEEN_DIGITS
from functions.programme.phones import PhoneInvalid
from functions.programme.phones import normalised as phone_of
from functions.programme.readiness import READINESS, missing
from functions.programme.times import iso
from functions.select.entries import list_entries
from functions.verify import accounts, notes
from ops import audit
from ops.audit import Act
from ops.errors import Refused

BY = ("nik", "email", "phone")
# Why somebody may be looked up.
REASONS = ("asked_by_applicant", "complaint", "fraud", "authority")
# The newest photos are enough: a day allows a handful.
PHOTOS = 10


@dataclass(frozen=True)
class Sought:
    """What was typed, in one form: `by` is one of BY, `value` the number or address itself."""

    by: str
    value: str

    def __repr__(self) -> str:
        return f"Sought({self.by!r}, …)"


def sought(by: str, typed: str) -> Sought:
    """What was typed, as it is stored elsewhere. Raises Refused, without repeating it."""
    typed = typed.strip()
    try:
        if by == "email":
            return Sought(by, email_of(typed))
        if by == "phone":
            return Sought(by, phone_of(typed))
    except (EmailInvalid, PhoneInvalid) as error:
        raise Refused(
            f"this is not an {by}" if by == "email" else "this is not a number"
        ) from error
    if not SIXTEEN_DIGITS.fullmatch(typed):
        raise Refused("a NIK has 16 digits")
    return Sought(by, typed)


def look(runtime: Runtime, operator: str, who: Sought, reason: str) -> list[str]:
    """The applicants who hold it, several for a number that a family shares; recorded first."""
    if reason not in REASONS:
        raise Refused(f"the reason is one of: {', '.join(REASONS)}")
    claim = {"claim": f"{who.by}#{runtime.vault.mac(who.by, who.value)}"}
    found = runtime.tables.get("claims", claim) or {}
    holders = sorted(found.get("applicants", ())) or [
        found[n] for n in ("applicant",) if n in found
    ]
    for holder in holders or ["none"]:
        act = Act(operator, "look", f"applicant/{holder}", (reason, f"by {who.by}"))
        audit.write(runtime, act)
    return [str(holder) for holder in holders]


def show(runtime: Runtime, applicant: str) -> dict[str, Any]:
    """How far an applicant has come. Raises Refused when the account is gone."""
    account = account_of(runtime, applicant)
    ready = accounts.readiness(runtime, applicant)
    return {
        "applicant": applicant,
        "since": iso(account["created_at"]),
        "language": account["language"],
        "steps": {step: _step(ready.get(step)) for step in READINESS},
        "missing": missing(ready),
        "held": sorted(ready.get("held", ())),
        "recipient_of": ready.get("recipient_of"),
        "email_unreachable": accounts.unreachable(account),
        "delivery": notes.shown(account),
        "photos": _photos(runtime, applicant),
        "entries": [_entry(one) for one in list_entries(runtime, applicant)],
    }


def account_of(runtime: Runtime, applicant: str) -> Item:
    """The account as it is stored, sealed. Raises Refused."""
    account = runtime.tables.get("accounts", {"applicant": applicant})
    if account is None:
        raise Refused("the account is gone")
    return account


def _step(done: Any) -> str:
    """A time, or for photos that one is accepted."""
    if done is None:
        return "missing"
    return iso(done) if isinstance(done, int) else "accepted"


def _photos(runtime: Runtime, applicant: str) -> list[dict[str, Any]]:
    found = sorted(runtime.tables.query("photos", applicant), key=lambda one: -one["created_at"])
    return [
        {
            "kind": photo["kind"],
            "state": photo["state"],
            "reasons": list(photo.get("reasons", ())),
            "at": iso(photo["decided_at"] if "decided_at" in photo else photo["created_at"]),
        }
        for photo in found[:PHOTOS]
    ]


def _entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    outcome = entry["outcome"] or {}
    return {
        "wave": entry["wave"],
        "phase": entry["phase"],
        "joined_at": entry["joined_at"],
        "outcome": outcome.get("outcome"),
        "reasons": outcome.get("reasons", []),
        "removed_for": outcome.get("removed_for"),
    }
