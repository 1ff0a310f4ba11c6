"""Phone: a number is proved by a code sent to it."""

from __future__ import annotations

from typing import Any

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    ConditionFailed,
    Item,
    Update,
    any_of,
    contains,
    missing,
    size_less,
)
from functions.programme.limits import ACCOUNTS_PER_PHONE, CODE_CHECKS
from functions.programme.phones import PhoneInvalid, normalised
from functions.verify import accounts, challenges, hashing, second_proof, sessions, texting
from functions.web.counting import failures
from functions.web.errors import Conflict, InvalidFields, Unprocessable

PURPOSE = "phone"
# Of a challenge's nonce, enough of its 32 characters to tell two challenges of one account apart.
PROOF_LENGTH = 16


def start(
    runtime: Runtime,
    applicant: str,
    typed: str,
    *,
    address: str,
    password: str | None = None,
    code: str | None = None,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> dict[str, Any]:
    """Send a code to a number: {`phone` masked, `next_at`, `tries_left`}.

    Who has proved a number before must give the password and a code sent to that number
    (second_proof.py) to replace it; while the new number is awaited its code can be sent again
    without. Whether a number has room for another account is told to who holds it, by `confirm`.
    Raises InvalidFields, `code_wrong`, `code_expired`, TooMany.
    """
    try:
        number = normalised(typed)
    except PhoneInvalid as error:
        raise InvalidFields({"phone": "phone_invalid"}) from error
    account = accounts.load(runtime, applicant)
    used: tuple[Action, ...] = ()
    if "phone" in account and not _allowed_before(runtime, applicant, number):
        if password is None:
            raise InvalidFields({"password": "missing"})
        accounts.demand_password(runtime, account, password, cost)
        used = second_proof.demand(runtime, account, code)
    replaces = {"allowed_at": runtime.clock()} if "phone" in account else {}
    return texting.ask(runtime, PURPOSE, account, number, address, *used, **replaces)


def _allowed_before(runtime: Runtime, applicant: str, number: str) -> bool:
    """Whether the move to this number was allowed already, and its code is being awaited."""
    item = texting.waiting(runtime, PURPOSE, applicant)
    mac = runtime.vault.mac("phone", number)
    return item is not None and "allowed_at" in item and item["subject_mac"] == mac


def confirm(runtime: Runtime, applicant: str, code: str) -> tuple[Item, str | None]:
    """Prove the number with its code; gives the readiness. Raises `code_wrong`, `code_expired`,
    `phone_full`.

    A number that replaces another ends all sessions: gives the token of a new one too. The
    mailbox and the old number are told. The account notes by which challenge its number was
    proved, and takes none twice; so the challenge itself needs no mark, and ends by its time.
    """
    with failures(runtime, CODE_CHECKS, applicant):
        item = challenges.try_code(runtime, f"{PURPOSE}#{applicant}", code)
    account = accounts.load(runtime, applicant)
    number, old = challenges.subject(runtime, item), accounts.opened(runtime, account, "phone")
    proof = item["nonce"][:PROOF_LENGTH]
    replaced = old is not None and old != number
    if account.get("phone_proof") == proof or (replaced and "allowed_at" not in item):
        raise Unprocessable("code_expired")
    now = runtime.clock()
    mark = accounts.new_mark(runtime)
    letters = _notices(runtime, account, old) if replaced and old else []
    sealed = accounts.seal(runtime, applicant, "phone", number)
    actions: list[Action] = [
        _join_claim(applicant, item["subject_mac"]),
        accounts.changed(account, phone=sealed, phone_proof=proof, changed_by=mark),
        *_leave_old_claim(runtime, account, item["subject_mac"]),
        *(row(runtime.vault, letter, now) for letter in letters),
    ]
    try:
        runtime.tables.write(*actions)
    except ConditionFailed as error:
        if not accounts.changed_by_us(error, 1, mark):
            if 1 not in error.failed and 0 in error.failed:
                raise Conflict("phone_full") from error
            raise Unprocessable("code_expired") from error
    ready = accounts.note_done(runtime, applicant, phone=now)
    if not letters:
        return ready, None
    hurry(runtime.queues, *(letter.message for letter in letters))
    sessions.end_all(runtime, applicant)
    return ready, sessions.open_session(runtime, applicant, account["password_hash"])


def _notices(runtime: Runtime, account: Item, old: str) -> list[Letter]:
    def notice(channel: str, to: str = "") -> Letter:
        return Letter(
            message=runtime.random(16).hex(),
            channel=channel,
            template="phone_changed",
            applicant=account["applicant"],
            language=account["language"],
            to=to,
        )

    return [notice("mail"), notice("sms", old)]


def _join_claim(applicant: str, number_mac: str) -> Update:
    return Update(
        "claims",
        {"claim": f"phone#{number_mac}"},
        add={"applicants": {applicant}},
        when=any_of(
            missing("applicants"),
            contains("applicants", applicant),
            size_less("applicants", ACCOUNTS_PER_PHONE),
        ),
    )


def _leave_old_claim(runtime: Runtime, account: Item, new_mac: str) -> list[Action]:
    old = accounts.opened(runtime, account, "phone")
    old_mac = runtime.vault.mac("phone", old) if old else new_mac
    if old_mac == new_mac:
        return []
    claim = {"claim": f"phone#{old_mac}"}
    return [Update("claims", claim, discard={"applicants": {account["applicant"]}})]
