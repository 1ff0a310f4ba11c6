"""Confirmation: a mailbox has answered, by its link or by its code."""

from __future__ import annotations

from functions.cloud.meter import count
from functions.cloud.outbox import Letter
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Delete, Item, Put, equals, missing
from functions.programme.emails import EmailInvalid, normalised
from functions.programme.limits import LINK_CHECKS_BY_ADDRESS
from functions.verify import accounts, challenges, sessions
from functions.verify.posting import post
from functions.web.counting import failures
from functions.web.errors import Forbidden, Unprocessable


def by_link(runtime: Runtime, token: str, *, address: str) -> None:
    """Confirm with the token of the mailed link, in any browser. Raises `link_invalid`."""
    with failures(runtime, LINK_CHECKS_BY_ADDRESS, address):
        item = challenges.by_link(runtime, token, "register", "change_email")
        if not _complete(runtime, item):
            raise Unprocessable("link_invalid")


def by_code(runtime: Runtime, cookie: str | None, email: str, code: str, *, address: str) -> None:
    """Confirm with the mailed code, in the browser that began it.

    Raises Forbidden `no_registration`, `code_wrong` with `tries_left`, `code_expired`.
    """
    with failures(runtime, LINK_CHECKS_BY_ADDRESS, address):
        if cookie is None:
            raise Forbidden("no_registration")
        waiting = challenges.by_cookie(runtime, cookie)
        if waiting is None:
            raise Unprocessable("code_expired")
        try:
            email_mac = runtime.vault.mac("email", normalised(email))
        except EmailInvalid:
            email_mac = ""
        item = challenges.try_code(runtime, waiting["challenge"], code, email_mac)
        if not _complete(runtime, item):
            raise Unprocessable("code_expired")


def _complete(runtime: Runtime, item: Item) -> bool:
    if item["purpose"] == "register":
        return _create_account(runtime, item)
    return _move_account(runtime, item)


def _create_account(runtime: Runtime, item: Item) -> bool:
    """Account, its claim on the address and its readiness item, or nothing of them.

    The claim is what makes it happen once; the challenge is marked as used when it stands. A call
    that died between has not acknowledged it, and who comes again finds an account to log in to.
    """
    applicant = runtime.random(16).hex()
    now = runtime.clock()
    name = runtime.vault.open("challenges", item["challenge"], "name", item["name"])
    email = challenges.subject(runtime, item)
    account: Item = {
        "applicant": applicant,
        "name": accounts.seal(runtime, applicant, "name", name),
        "email": accounts.seal(runtime, applicant, "email", email),
        "email_mac": item["subject_mac"],
        "password_hash": item["password_hash"],
        "password_at": now,
        "language": item["language"],
        "created_at": now,
        "revision": 1,
        "delivery": {},
    }
    claim = {"claim": f"email#{item['subject_mac']}", "applicant": applicant}
    try:
        runtime.tables.write(
            Put("claims", claim, when=missing("claim")),
            Put("accounts", account, when=missing("applicant")),
            Put("readiness", {"applicant": applicant, "email": now}, when=missing("applicant")),
        )
    except ConditionFailed as error:
        if (error.failed.get(0) or {}).get("applicant") != applicant:
            return False  # not our own write, whose answer was lost
    challenges.end(runtime, item, now, applicant)
    count(runtime.tables, now, applicant, "registered")
    return True


def _move_account(runtime: Runtime, item: Item) -> bool:
    """The account changes its address; the old one is told, and all sessions end."""
    now = runtime.clock()
    account = runtime.tables.get("accounts", {"applicant": item["applicant"]})
    if account is None:
        return False
    applicant, old_mac = account["applicant"], account["email_mac"]
    if item["subject_mac"] == old_mac:
        return _prove_again(runtime, account, item, now)
    old_email = accounts.opened(runtime, account, "email") or ""
    email = challenges.subject(runtime, item)
    letter = Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="email_changed",
        to=old_email,
        language=account["language"],
    )
    claim = {"claim": f"email#{item['subject_mac']}", "applicant": applicant}
    try:
        post(
            runtime,
            letter,
            challenges.use(item, now, letter.message),
            Put("claims", claim, when=missing("claim")),
            Delete("claims", {"claim": f"email#{old_mac}"}, when=equals("applicant", applicant)),
            accounts.answered(
                account,
                now,
                email=accounts.seal(runtime, applicant, "email", email),
                email_mac=item["subject_mac"],
            ),
        )
    except ConditionFailed:
        return False
    sessions.end_all(runtime, applicant)
    return True


def _prove_again(runtime: Runtime, account: Item, item: Item, now: int) -> bool:
    """The mailbox that could not be reached has answered: mail goes there again."""
    mark = runtime.random(16).hex()
    try:
        runtime.tables.write(challenges.use(item, now, mark), accounts.answered(account, now))
    except ConditionFailed as error:
        return challenges.used_by_us(error, 0, mark)
    return True
