"""Phone: a number is proved by a code sent to it."""

from __future__ import annotations

from typing import Any

from functions.cloud.outbox import Letter
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    Condition,
    ConditionFailed,
    Item,
    Put,
    Update,
    all_of,
    any_of,
    contains,
    equals,
    exists,
    missing,
    size_less,
)
from functions.programme.limits import (
    ACCOUNTS_PER_PHONE,
    CODE_CHECKS,
    CODE_TRIES,
    SMS_BY_ACCOUNT,
    SMS_BY_ADDRESS,
    SMS_BY_NUMBER,
    SMS_BY_PREFIX,
    SMS_IN_ALL,
    resend_at,
)
from functions.programme.phones import PhoneInvalid, normalised, prefix
from functions.programme.times import SECOND, iso
from functions.programme.tokens import mask_digits
from functions.verify import accounts, challenges, hashing
from functions.verify.counting import spend
from functions.verify.posting import post
from functions.web.errors import Conflict, InvalidFields, TooMany, Unprocessable


def start(
    runtime: Runtime,
    applicant: str,
    typed: str,
    *,
    address: str,
    password: str | None = None,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> dict[str, Any]:
    """Send a code to a number: {`phone` masked, `next_at`, `tries_left`}.

    The same number again gets the same code while it lives. Who has proved a number
    before must give the password to replace it. Raises InvalidFields, Conflict
    `phone_full`, TooMany.
    """
    try:
        number = normalised(typed)
    except PhoneInvalid as error:
        raise InvalidFields({"phone": "phone_invalid"}) from error
    account = accounts.load(runtime, applicant)
    if "phone" in account:
        if password is None:
            raise InvalidFields({"password": "missing"})
        accounts.demand_password(runtime, account, password, cost)
    number_mac = runtime.vault.mac("phone", number)
    _check_room(runtime, applicant, number_mac)
    item, before = _challenge(runtime, applicant, number, number_mac)
    _spend_sms(runtime, applicant, number, address)
    letter = Letter(
        message=runtime.random(16).hex(),
        channel="sms",
        template="phone_code",
        applicant=applicant,
        to=number,
        language=account["language"],
        parameters={"code": challenges.code(runtime, item)},
    )
    try:
        post(runtime, letter, Put("challenges", item, when=_unchanged(before)))
    except ConditionFailed as error:
        raise TooMany("too_soon", 1) from error
    return {
        "phone": mask_digits(number),
        "next_at": iso(resend_at(item["sent_at"], item["sends"])),
        "tries_left": CODE_TRIES - item["tries"],
    }


def _challenge(
    runtime: Runtime, applicant: str, number: str, number_mac: str
) -> tuple[Item, Item | None]:
    """The challenge to be written, and the one that stands there now."""
    now = runtime.clock()
    fresh = challenges.new(runtime, f"phone#{applicant}", "phone", number, applicant=applicant)
    before = runtime.tables.get("challenges", {"challenge": f"phone#{applicant}"})
    if before is None or not challenges.is_live(before, now):
        return fresh, before
    if before["subject_mac"] != number_mac:
        return fresh, before
    free_at = resend_at(before["sent_at"], before["sends"])
    if now < free_at:
        raise TooMany("too_soon", -(-(free_at - now) // SECOND), next_at=iso(free_at))
    if before["tries"] >= CODE_TRIES:
        return {**fresh, "sends": before["sends"] + 1}, before
    return {**before, "sends": before["sends"] + 1, "sent_at": now}, before


def _unchanged(before: Item | None) -> Condition:
    """Neither another sending nor a try came between, so that no spent try is given back."""
    if before is None:
        return missing("challenge")
    return all_of(*(equals(name, before[name]) for name in ("nonce", "tries", "sends")))


def _spend_sms(runtime: Runtime, applicant: str, number: str, address: str) -> None:
    spend(runtime, SMS_BY_ADDRESS, address)
    spend(runtime, SMS_BY_ACCOUNT, applicant)
    spend(runtime, SMS_BY_NUMBER, number)
    spend(runtime, SMS_BY_PREFIX, prefix(number))
    spend(runtime, SMS_IN_ALL, "all")


def _check_room(runtime: Runtime, applicant: str, number_mac: str) -> None:
    claim = runtime.tables.get("claims", {"claim": f"phone#{number_mac}"}) or {}
    holders = claim.get("applicants", set())
    if applicant not in holders and len(holders) >= ACCOUNTS_PER_PHONE:
        raise Conflict("phone_full")


def confirm(runtime: Runtime, applicant: str, code: str) -> None:
    """Prove the number with its code. Raises `code_wrong`, `code_expired`, `phone_full`."""
    spend(runtime, CODE_CHECKS, applicant)
    item = challenges.try_code(runtime, f"phone#{applicant}", code)
    account = accounts.load(runtime, applicant)
    number = challenges.subject(runtime, item)
    now = runtime.clock()
    request = runtime.random(16).hex()
    actions: list[Action] = [
        challenges.use(item, now, request),
        _join_claim(applicant, item["subject_mac"]),
        accounts.changed(account, phone=accounts.seal(runtime, applicant, "phone", number)),
        Update("readiness", {"applicant": applicant}, set={"phone": now}, when=exists("applicant")),
        *_leave_old_claim(runtime, account, item["subject_mac"]),
    ]
    try:
        runtime.tables.write(*actions)
    except ConditionFailed as error:
        if challenges.used_by_us(error, 0, request):
            return
        if 0 not in error.failed and 1 in error.failed:
            raise Conflict("phone_full") from error
        raise Unprocessable("code_expired") from error


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
