"""Leaving: an applicant asks for the account and everything in it to be deleted.

The request is dated and told by mail at once. It is carried out by the worker (erasure.py): with
its next tick or, for who has joined a wave, when that wave is announced: until then the record of
the entry must stand, and a result may still be theirs.
"""

from __future__ import annotations

from typing import Any

from functions.cloud.outbox import Letter
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Put, Update, exists, missing
from functions.programme.holds import LEAVING
from functions.programme.times import iso
from functions.verify import accounts, hashing, second_proof
from functions.verify.posting import post
from functions.web.errors import Conflict

WAITS = "deletion"


def ask(
    runtime: Runtime,
    applicant: str,
    password: str,
    code: str | None,
    *,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> dict[str, Any]:
    """Date the request: {`asked_at`, `waits_for`: waves joined and not over}; again, the same.

    Nobody who has asked can join any more. Raises InvalidFields, `code_wrong`, `code_expired`,
    TooMany, Conflict `changed_meanwhile`.
    """
    account = accounts.load(runtime, applicant)
    accounts.demand_password(runtime, account, password, cost)
    if (asked := find(runtime, applicant)) is not None:
        return _answer(runtime, applicant, asked["asked_at"])
    used = second_proof.demand(runtime, account, code)
    now = runtime.clock()
    case = {
        "case": case_of(applicant),
        "applicant": applicant,
        "asked_at": now,
        "waits": WAITS,
        "due_at": now,
    }
    letter = Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="deletion_asked",
        applicant=applicant,
        language=account["language"],
    )
    held = Update(
        "readiness",
        {"applicant": applicant},
        add={"held": {LEAVING}},
        when=exists("applicant"),
    )
    try:
        post(runtime, letter, Put("cases", case, when=missing("case")), held, *used)
    except ConditionFailed as error:
        raise Conflict("changed_meanwhile") from error
    return _answer(runtime, applicant, now)


def find(runtime: Runtime, applicant: str) -> Item | None:
    """The request of an applicant, if there is one."""
    return runtime.tables.get("cases", {"case": case_of(applicant)})


def case_of(applicant: str) -> str:
    """Key of the request."""
    return f"deletion#{applicant}"


def _answer(runtime: Runtime, applicant: str, asked_at: int) -> dict[str, Any]:
    waves = accounts.readiness(runtime, applicant).get("open_waves", ())
    return {"asked_at": iso(asked_at), "waits_for": sorted(map(int, waves))}
