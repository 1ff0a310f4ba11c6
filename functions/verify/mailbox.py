"""Mailbox: an applicant who is logged in moves to another address."""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed
from functions.programme.limits import MAIL_BY_ADDRESS, resend_at
from functions.programme.times import iso
from functions.programme.tokens import hash_secret
from functions.verify import accounts, challenges, hashing, second_proof
from functions.verify.registration import send_first
from functions.web.counting import spend, spend_mail
from functions.web.errors import InvalidFields, Unprocessable


def change(
    runtime: Runtime,
    applicant: str,
    typed: str,
    password: str,
    *,
    address: str,
    code: str | None = None,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> tuple[dict[str, str], str]:
    """Ask the new mailbox for its answer: ({`next_at`}, registration cookie).

    Once a phone is proved it takes a `code` too (second_proof.py). The account keeps its address
    until the mailbox answers (confirmation.py). The present address may be asked anew when mail to
    it came back. Raises InvalidFields, `code_wrong`, `code_expired`, TooMany.
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
    if item["subject_mac"] == account["email_mac"] and not accounts.unreachable(account):
        raise InvalidFields({"email": "email_same"})
    spend(runtime, MAIL_BY_ADDRESS, address)
    spend_mail(runtime, item["subject_mac"])
    used = second_proof.demand(runtime, account, code)
    try:
        send_first(runtime, item, email, *used)
    except ConditionFailed as error:
        raise Unprocessable("code_expired") from error
    return {"next_at": iso(resend_at(item["sent_at"], 1))}, f"{challenge}.{secret}"
