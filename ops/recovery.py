"""Recovery of an account whose phone or mailbox is lost: two operators, 48 hours, a notice.

The first operator asks, after seeing the person and their card; the old address (and phone) are
told at once, with a link that stops it. After 48 hours a second operator confirms: a lost number is
taken off the account, or the new mailbox is asked for its answer. Nobody sets a password.
"""

from __future__ import annotations

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    ConditionFailed,
    Item,
    Put,
    Update,
    all_of,
    any_of,
    at_most,
    equals,
    exists,
    missing,
)
from functions.programme import recovery as rules
from functions.programme.emails import EmailInvalid, normalised
from functions.programme.times import iso
from functions.programme.tokens import hash_secret
from functions.verify import accounts, challenges, sessions
from functions.verify.recovery import case_of
from ops import audit
from ops.audit import Act
from ops.errors import Refused

FRONT = 200


def waiting(runtime: Runtime) -> list[Item]:
    """Recoveries that wait and may be confirmed by now or in the next days."""
    ahead = runtime.clock() + rules.WAIT
    return runtime.tables.query_index("cases", "due", "recovery", up_to=ahead, limit=FRONT)


def ask(runtime: Runtime, operator: str, email: str, lost: str, new_email: str | None) -> str:
    """Begin a recovery of the account with this address; gives its name. Raises Refused."""
    account = account_by_email(runtime, email)
    applicant, now = account["applicant"], runtime.clock()
    if (lost == "mailbox") != (new_email is not None):
        raise Refused("a lost mailbox takes a new address, a lost phone none")
    if lost == "phone" and "phone" not in account:
        raise Refused("this account has no proved number")
    case, secret = case_of(applicant), runtime.random(32).hex()
    item: Item = {
        "case": case,
        "applicant": applicant,
        "lost": lost,
        "state": "waiting",
        "asked_by": operator,
        "asked_at": now,
        "waits": "recovery",
        "due_at": now + rules.WAIT,
        "stop_hash": hash_secret(secret),
    }
    if new_email is not None:
        item["new_email"] = runtime.vault.seal("cases", case, "new_email", _form(new_email))
    letters = [_letter(runtime, account, "mail", token=f"{applicant}.{secret}")]
    if lost == "mailbox" and "phone" in account:
        letters.append(_letter(runtime, account, "sms"))
    free = any_of(
        missing("case"),
        equals("state", "closed"),
        equals("state", "stopped"),
        all_of(equals("state", "waiting"), at_most("asked_at", now - rules.OPEN)),
    )
    rows: list[Action] = [row(runtime.vault, letter, now) for letter in letters]
    try:
        act = Act(operator, "recovery_ask", case, (lost,))
        audit.write(runtime, act, Put("cases", item, when=free), *rows)
    except ConditionFailed as failure:
        raise Refused(f"{case} waits already") from failure
    hurry(runtime.queues, *(letter.message for letter in letters))
    return case


def confirm(runtime: Runtime, operator: str, email: str) -> str:
    """Carry out what another operator asked for; gives what was lost. Raises Refused."""
    account = account_by_email(runtime, email)
    case = case_of(account["applicant"])
    item = runtime.tables.get("cases", {"case": case}) or {}
    if item.get("state") != "waiting":
        raise Refused(f"nothing waits: {item.get('state', 'nobody has asked')}")
    if item["asked_by"].casefold() == operator.casefold():
        raise Refused(f"{operator} has asked for it: another operator must confirm")
    code = rules.refusal(item["asked_at"], runtime.clock())
    if code is not None:
        raise Refused(f"{code}: from {iso(item['due_at'])}, for twelve days")
    closed = Update(
        "cases",
        {"case": case},
        set={"state": "closed", "closed_at": runtime.clock(), "confirmed_by": operator},
        remove=("waits", "due_at", "stop_hash", "new_email"),
        when=all_of(equals("state", "waiting"), equals("asked_at", item["asked_at"])),
    )
    change, letter = _carried_out(runtime, account, item)
    rows = [row(runtime.vault, letter, runtime.clock())]
    act = Act(operator, "recovery_confirm", case, (item["asked_by"], item["lost"]))
    try:
        audit.write(runtime, act, closed, *change, *rows)
    except ConditionFailed as failure:
        raise Refused("it has changed meanwhile: repeat the command") from failure
    sessions.end_all(runtime, account["applicant"])
    hurry(runtime.queues, letter.message)
    return str(item["lost"])


def _carried_out(runtime: Runtime, account: Item, item: Item) -> tuple[list[Action], Letter]:
    """A lost number leaves the account; a new mailbox is sent the proof that it must answer."""
    applicant = account["applicant"]
    if item["lost"] == "phone":
        number = accounts.opened(runtime, account, "phone") or ""
        claim = {"claim": f"phone#{runtime.vault.mac('phone', number)}"}
        who = {"applicant": applicant}
        return [
            Update(
                "accounts",
                who,
                remove=("phone",),
                add={"revision": 1},
                when=equals("revision", account["revision"]),
            ),
            Update("readiness", who, remove=("phone",), when=exists("applicant")),
            Update("claims", claim, discard={"applicants": {applicant}}),
        ], _letter(runtime, account, "mail", template="phone_removed")
    email = runtime.vault.open("cases", item["case"], "new_email", item["new_email"])
    challenge = challenges.new(
        runtime,
        runtime.random(16).hex(),
        "change_email",
        email,
        applicant=applicant,
        language=account["language"],
    )
    proof = {
        "code": challenges.code(runtime, challenge),
        "token": challenges.link_token(runtime, challenge),
    }
    letter = Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="change_email",
        to=email,
        language=account["language"],
        parameters=proof,
    )
    return [Put("challenges", challenge)], letter


def account_by_email(runtime: Runtime, email: str) -> Item:
    """The account with this confirmed address. Raises Refused."""
    holder = accounts.holder_of_email(runtime, runtime.vault.mac("email", _form(email)))
    account = holder and runtime.tables.get("accounts", {"applicant": holder})
    if not account:
        raise Refused("there is no account with this address")
    return account


def _form(email: str) -> str:
    try:
        return normalised(email)
    except EmailInvalid as error:
        raise Refused("this is not an address") from error


def _letter(
    runtime: Runtime, account: Item, channel: str, *, template: str = "recovery_asked", **more: str
) -> Letter:
    return Letter(
        message=runtime.random(16).hex(),
        channel=channel,
        template=template,
        applicant=account["applicant"],
        language=account["language"],
        parameters=more,
    )
