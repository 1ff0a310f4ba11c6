"""Sessions: logging in and out. functions/web/sessions.py checks them."""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Delete, Put, missing
from functions.programme.emails import EmailInvalid, normalised
from functions.programme.limits import (
    LOGIN_BY_ACCOUNT,
    LOGIN_BY_ADDRESS,
    LOGIN_BY_DEVICE,
    LOGIN_BY_PAIR,
    LOGIN_WHEN_ATTACKED,
    Backoff,
)
from functions.programme.times import SECOND
from functions.programme.tokens import hash_secret
from functions.verify import accounts, devices, hashing
from functions.web import counting
from functions.web.errors import Unauthorized
from functions.web.sessions import LIFE


def login(
    runtime: Runtime,
    typed: str,
    password: str,
    *,
    address: str,
    device: str | None = None,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> tuple[str, str, str]:
    """(applicant, session token, device cookie) for the right password.

    `device` is the cookie of an earlier login in this browser. Where there is no account, a hash
    of nobody's is compared, so that time tells nothing. Raises `login_failed`, TooMany.
    """
    with counting.failures(runtime, LOGIN_BY_ADDRESS, address):
        return _login(runtime, typed, password, address, device, cost)


def _login(
    runtime: Runtime,
    typed: str,
    password: str,
    address: str,
    device: str | None,
    cost: hashing.Cost,
) -> tuple[str, str, str]:
    email_mac = runtime.vault.mac("email", _as_stored(typed))
    backoff, subject = _tries_of(runtime, email_mac, address, device)
    tries = counting.take_try(runtime, backoff, subject)
    holder = accounts.holder_of_email(runtime, email_mac)
    key = {"applicant": holder or runtime.random(16).hex()}
    account = runtime.tables.get("accounts", key)
    stored = account["password_hash"] if account else hashing.nobodys_hash(cost)
    if not hashing.matches(password, stored, cost) or account is None:
        if backoff is not LOGIN_BY_DEVICE:
            counting.count(runtime, LOGIN_BY_ACCOUNT, email_mac)
        raise Unauthorized("login_failed")
    token = open_session(runtime, key["applicant"], stored)
    counting.forgive(runtime, backoff, subject, tries)
    return key["applicant"], token, devices.new(runtime, email_mac)


def _tries_of(
    runtime: Runtime, email_mac: str, address: str, cookie: str | None
) -> tuple[Backoff, str]:
    """Whose tries are counted: this browser's, if the owner knows it, else this address's."""
    device = devices.known(runtime, email_mac, cookie)
    if device is not None:
        return LOGIN_BY_DEVICE, f"{email_mac}|{device}"
    attacked = counting.reached(runtime, LOGIN_BY_ACCOUNT, email_mac)
    return LOGIN_WHEN_ATTACKED if attacked else LOGIN_BY_PAIR, f"{email_mac}|{address}"


def _as_stored(typed: str) -> str:
    try:
        return normalised(typed)
    except EmailInvalid:
        return typed


def open_session(runtime: Runtime, applicant: str, password_hash: str) -> str:
    """A new session; returns its token.

    Opened only while the account still has the password that was proved: otherwise a login that
    began before a change of password would outlive it. The account is looked at after the session
    stands: who changes the password later ends all sessions after that, this one too. So the two
    need no transaction, at four times the price. Raises `login_failed`.
    """
    now = runtime.clock()
    session, secret = runtime.random(16).hex(), runtime.random(32).hex()
    item = {
        "applicant": applicant,
        "session": session,
        "secret_hash": hash_secret(secret),
        "created_at": now,
        "seen_at": now,
        "expires": (now + LIFE) // SECOND,
    }
    try:
        runtime.tables.write(Put("sessions", item, when=missing("session")))
    except ConditionFailed as error:
        found = error.failed[0]
        if not found or found["secret_hash"] != item["secret_hash"]:
            raise Unauthorized("login_failed") from error
    account = runtime.tables.get("accounts", {"applicant": applicant})
    if account is None or account["password_hash"] != password_hash:
        logout(runtime, applicant, session)
        raise Unauthorized("login_failed")
    return f"{applicant}.{session}.{secret}"


def logout(runtime: Runtime, applicant: str, session: str) -> None:
    """End one session."""
    runtime.tables.write(Delete("sessions", {"applicant": applicant, "session": session}))


def end_all(runtime: Runtime, applicant: str, *, but: str | None = None) -> None:
    """End every session of an applicant, except one."""
    for item in runtime.tables.query("sessions", applicant):
        if item["session"] != but:
            logout(runtime, applicant, item["session"])
