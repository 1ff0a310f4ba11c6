"""Mailbox: an applicant who is logged in moves to another address."""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.programme.limits import MAIL_BY_ADDRESS, MAIL_BY_MAILBOX, resend_at
from functions.programme.times import iso
from functions.programme.tokens import hash_secret
from functions.verify import accounts, challenges, hashing
from functions.verify.counting import spend
from functions.verify.registration import send_first
from functions.web.errors import InvalidFields


def change(
    runtime: Runtime,
    applicant: str,
    typed: str,
    password: str,
    *,
    address: str,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> tuple[dict[str, str], str]:
    """Ask the new mailbox for its answer: ({`next_at`}, registration cookie).

    The account keeps its address until then (confirmation.py). Raises InvalidFields, TooMany.
    """
    account = accounts.load(runtime, applicant)
    accounts.demand_password(runtime, account, password, cost)
    email = accounts.email_or_error(typed)
    challenge, secret = runtime.random(16).hex(), runtime.random(32).hex()
    item = challenges.new(
        runtime,
        challenge,
        "change_email",
        email,
        applicant=applicant,
        language=account["language"],
        cookie_hash=hash_secret(secret),
    )
    if item["subject_mac"] == account["email_mac"]:
        raise InvalidFields({"email": "email_same"})
    spend(runtime, MAIL_BY_ADDRESS, address)
    spend(runtime, MAIL_BY_MAILBOX, item["subject_mac"])
    send_first(runtime, item, email)
    return {"next_at": iso(resend_at(item["sent_at"], 1))}, f"{challenge}.{secret}"
