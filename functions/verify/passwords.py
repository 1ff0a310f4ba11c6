"""Passwords: forgotten, reset by mail, changed with the old one."""

from __future__ import annotations

from functions.cloud.outbox import Letter
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Put, Update, all_of, at_most, equals
from functions.programme.limits import LINK_CHECKS_BY_ADDRESS, MAIL_BY_ADDRESS
from functions.verify import accounts, challenges, devices, hashing, second_proof, sessions
from functions.verify.blocklist import check_password
from functions.verify.posting import post
from functions.web import counting
from functions.web.errors import Conflict, Unprocessable

DEFAULT_LANGUAGE = "id"


def forgot(runtime: Runtime, typed: str, *, address: str) -> None:
    """Mail a link to set a new password; to an unknown address, that it is unknown.

    Both cases read and write the same. Raises InvalidFields, TooMany.
    """
    email = accounts.email_or_error(typed)
    counting.spend(runtime, MAIL_BY_ADDRESS, address)
    item = challenges.new(runtime, runtime.random(16).hex(), "reset_password", email)
    counting.spend_mail(runtime, item["subject_mac"])
    holder = accounts.holder_of_email(runtime, item["subject_mac"])
    account = runtime.tables.get("accounts", {"applicant": holder or runtime.random(16).hex()})
    token = challenges.link_token(runtime, item)
    letter = Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="reset_password" if account else "reset_unknown",
        to=email,
        language=account["language"] if account else DEFAULT_LANGUAGE,
        parameters={"token": token} if account else {},
    )
    if account:
        item["applicant"] = account["applicant"]
    post(runtime, letter, Put("challenges", item))


def reset(
    runtime: Runtime,
    token: str,
    password: str,
    *,
    address: str,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> str:
    """Set a new password with a mailed token; ends all sessions. Gives a device cookie, so that
    the owner gets in whoever else is guessing. Raises `link_invalid`.

    A link dies with the address it was mailed to, and with the password it was to replace.
    """
    with counting.failures(runtime, LINK_CHECKS_BY_ADDRESS, address):
        return _reset(runtime, token, password, cost)


def _reset(runtime: Runtime, token: str, password: str, cost: hashing.Cost) -> str:
    item = challenges.by_link(runtime, token, "reset_password")
    account = runtime.tables.get("accounts", {"applicant": item.get("applicant", "nobody")})
    if account is None:
        raise Unprocessable("link_invalid")
    _check_new(runtime, account, password)
    now = runtime.clock()
    letter = _changed_letter(runtime, account)
    replaced = Update(
        "accounts",
        {"applicant": account["applicant"]},
        set={"password_hash": hashing.hashed(password, cost), "password_at": now},
        add={"revision": 1},
        when=all_of(
            equals("email_mac", item["subject_mac"]), at_most("password_at", item["sent_at"])
        ),
    )
    try:
        post(runtime, letter, challenges.use(item, now, letter.message), replaced)
    except ConditionFailed as error:
        raise Unprocessable("link_invalid") from error
    sessions.end_all(runtime, account["applicant"])
    return devices.new(runtime, account["email_mac"])


def change(
    runtime: Runtime,
    applicant: str,
    current: str,
    password: str,
    *,
    code: str | None = None,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> str:
    """Replace the password with the old one at hand; returns the token of a new session.

    Once a phone is proved it takes a `code` too (second_proof.py). All other sessions end.
    Raises InvalidFields, `code_wrong`, `code_expired`, TooMany, Conflict `changed_meanwhile`.
    """
    account = accounts.load(runtime, applicant)
    accounts.demand_password(runtime, account, current, cost, field="current")
    _check_new(runtime, account, password)
    used = second_proof.demand(runtime, account, code)
    now = runtime.clock()
    password_hash = hashing.hashed(password, cost)
    letter = _changed_letter(runtime, account)
    try:
        post(
            runtime,
            letter,
            accounts.changed(account, password_hash=password_hash, password_at=now),
            *used,
        )
    except ConditionFailed as error:
        raise Conflict("changed_meanwhile") from error
    sessions.end_all(runtime, applicant)
    return sessions.open_session(runtime, applicant, password_hash)


def _check_new(runtime: Runtime, account: Item, password: str) -> None:
    email = accounts.opened(runtime, account, "email") or ""
    name = accounts.opened(runtime, account, "name") or ""
    check_password(password, email=email, name=name)


def _changed_letter(runtime: Runtime, account: Item) -> Letter:
    return Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="password_changed",
        applicant=account["applicant"],
        language=account["language"],
    )
