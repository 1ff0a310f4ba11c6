"""Export: everything that verify holds of an applicant, in full, for themselves alone."""

from __future__ import annotations

from typing import Any

from functions.cloud.outbox import Letter
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme import holds
from functions.programme.limits import EXPORT_AFTER_LOGIN, EXPORTS
from functions.programme.readiness import READINESS
from functions.programme.times import iso
from functions.verify import accounts, leaving, notes, statements
from functions.verify.posting import post
from functions.web.counting import spend
from functions.web.errors import Forbidden
from functions.web.sessions import Session

PLAIN = ("name", "email", "phone", "nik", "kk", "birth_date", "sex")
# Photos and entries are held by the other two functions, which show them to their owner.
ELSEWHERE = ("/api/upload/photos", "/api/select/entries")


def export(runtime: Runtime, session: Session) -> dict[str, Any]:
    """The answer of `GET export` (docs/data.md); the mailbox is told of it.

    Numbers are in full here, so it takes a log-in of the last quarter of an hour. Raises Forbidden
    `login_again`, TooMany.
    """
    if runtime.clock() >= session.created_at + EXPORT_AFTER_LOGIN:
        raise Forbidden("login_again")
    spend(runtime, EXPORTS, session.applicant)
    account = accounts.load(runtime, session.applicant)
    readiness = accounts.readiness(runtime, session.applicant)
    asked = leaving.find(runtime, session.applicant)
    answer = {
        "made_at": iso(runtime.clock()),
        "applicant": session.applicant,
        "account": _account(runtime, account, readiness),
        "readiness": {step: _value(readiness[step]) for step in READINESS if step in readiness},
        "held": holds.shown(readiness),
        "entries": sorted(map(int, readiness.get("entries", {}))),
        "withdrawn": {
            wave: iso(note["at"]) for wave, note in readiness.get("withdrawn", {}).items()
        },
        "recipient_of": readiness.get("recipient_of"),
        "test": _test(runtime, session.applicant),
        "sessions": [
            {"created_at": iso(item["created_at"]), "seen_at": iso(item["seen_at"])}
            for item in runtime.tables.query("sessions", session.applicant)
        ],
        "messages": notes.shown(account),
        "deletion_asked_at": iso(asked["asked_at"]) if asked else None,
        "elsewhere": list(ELSEWHERE),
    }
    letter = Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="data_exported",
        applicant=session.applicant,
        language=account["language"],
    )
    post(runtime, letter)
    return answer


def _account(runtime: Runtime, account: Item, readiness: Item) -> dict[str, Any]:
    fields: dict[str, Any] = {name: accounts.opened(runtime, account, name) for name in PLAIN}
    for step in ("profile", "declaration"):
        fields[step] = statements.opened(runtime, readiness, account, step)
    for name in ("created_at", "password_at", "email_at"):
        fields[name] = iso(account[name]) if name in account else None
    fields["declared_at"] = iso(readiness["declaration"]) if "declaration" in readiness else None
    mark = accounts.unreachable(account)
    return {**fields, "language": account["language"], "email_unreachable": mark}


def _value(value: Any) -> Any:
    """Steps are noted by their time, photos by their id."""
    return value if isinstance(value, str) else iso(int(value))


def _test(runtime: Runtime, applicant: str) -> dict[str, Any] | None:
    test = runtime.tables.get("tests", {"applicant": applicant})
    if test is None:
        return None
    times = ("started_at", "submitted_at", "passed_at")
    return {
        "attempt": int(test["attempt"]),
        "answers": {number: int(choice) for number, choice in test.get("answers", {}).items()},
        "score": int(test["score"]) if "score" in test else None,
        **{name: iso(test[name]) if name in test else None for name in times},
    }
