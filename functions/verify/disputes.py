"""Disputes: "someone used my NIK". Two accounts claim one NIK, and officers look at both.

Whoever has shown the card of a NIK that another account holds may ask. From then on neither account
can join a wave or change its identity, and both are asked for a new selfie, which the officers
compare with the cards (ops/disputes.py). Neither learns anything of the other.
"""

from __future__ import annotations

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    Check,
    ConditionFailed,
    Item,
    Put,
    Update,
    any_of,
    contains,
    equals,
    exists,
    missing,
)
from functions.programme import holds
from functions.programme.holds import CONTESTED, DISPUTED
from functions.verify import accounts
from functions.verify.identity import holder_of
from functions.web.errors import Conflict

WAITS = "dispute"
CASE, CLAIMANT = 0, 1


def ask(runtime: Runtime, applicant: str) -> None:
    """Put the caller's NIK into the officers' queue, once. Raises Conflict `nik_not_contested`."""
    account = accounts.load(runtime, applicant)
    held = holds.shown(accounts.readiness(runtime, applicant))
    if DISPUTED in held:
        return
    nik_mac = account.get("nik_mac", "")
    holder = holder_of(runtime, nik_mac)
    if CONTESTED not in held or holder is None or holder == applicant:
        raise Conflict("nik_not_contested")
    now = runtime.clock()
    case = {
        "case": case_of(nik_mac),
        "nik_mac": nik_mac,
        "claimant": applicant,
        "holder": holder,
        "state": "waiting",
        "asked_at": now,
        "waits": WAITS,
        "due_at": now,
    }
    letters = [
        _letter(runtime, applicant, "dispute_begun"),
        _letter(runtime, holder, "nik_disputed"),
    ]
    actions: list[Action] = [
        Put("cases", case, when=any_of(missing("case"), equals("state", "closed"))),
        _freeze(applicant, only_if=CONTESTED),
        _freeze(holder),
        Check("claims", {"claim": f"nik#{nik_mac}"}, when=equals("applicant", holder)),
        *(row(runtime.vault, letter, now) for letter in letters),
    ]
    try:
        runtime.tables.write(*actions)
    except ConditionFailed as error:
        if _is_asked(error.failed.get(CASE), applicant):
            return
        raise Conflict("nik_not_contested") from error
    hurry(runtime.queues, *(letter.message for letter in letters))


def case_of(nik_mac: str) -> str:
    """Key of the dispute about a NIK."""
    return f"nik#{nik_mac[:32]}"


def _freeze(applicant: str, only_if: str | None = None) -> Update:
    """Hold an account back, and ask it for a new selfie."""
    return Update(
        "readiness",
        {"applicant": applicant},
        add={"held": {DISPUTED}},
        remove=("selfie",),
        when=contains("held", only_if) if only_if else exists("applicant"),
    )


def _is_asked(found: Item | None, applicant: str) -> bool:
    return found is not None and found["claimant"] == applicant and found["state"] != "closed"


def _letter(runtime: Runtime, applicant: str, template: str) -> Letter:
    return Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template=template,
        applicant=applicant,
    )
