"""Texting: a code by SMS. One challenge for each account and purpose, sent again while it lives."""

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
    all_of,
    equals,
    missing,
)
from functions.programme.limits import (
    CODE_TRIES,
    SMS_BY_ACCOUNT,
    SMS_BY_ADDRESS,
    SMS_BY_NUMBER,
    SMS_BY_PREFIX,
    SMS_IN_ALL,
    resend_at,
)
from functions.programme.phones import prefix
from functions.programme.times import SECOND, iso
from functions.programme.tokens import mask_digits
from functions.verify import challenges
from functions.verify.posting import post
from functions.web.counting import spend, spend_breaker
from functions.web.errors import TooMany, Unprocessable


def waiting(runtime: Runtime, purpose: str, applicant: str) -> Item | None:
    """The live challenge of this account for this purpose."""
    item = runtime.tables.get("challenges", {"challenge": f"{purpose}#{applicant}"})
    return item if item is not None and challenges.is_live(item, runtime.clock()) else None


def challenge(
    runtime: Runtime, purpose: str, applicant: str, number: str, **more: Any
) -> tuple[Item, Item | None]:
    """The challenge to be written, and the one that stands there now. Raises `too_soon`.

    The same number again gets the same code while it lives; a new number replaces the old one.
    """
    name, now = f"{purpose}#{applicant}", runtime.clock()
    fresh = challenges.new(runtime, name, purpose, number, applicant=applicant, **more)
    before = runtime.tables.get("challenges", {"challenge": name})
    if before is None or not challenges.is_live(before, now):
        return fresh, before
    if before["subject_mac"] != fresh["subject_mac"]:
        return fresh, before
    free_at = resend_at(before["sent_at"], before["sends"])
    if now < free_at:
        raise TooMany("too_soon", -(-(free_at - now) // SECOND), next_at=iso(free_at))
    if before["tries"] >= CODE_TRIES:
        return {**fresh, "sends": before["sends"] + 1}, before
    return {**before, "sends": before["sends"] + 1, "sent_at": now}, before


def send_code(
    runtime: Runtime,
    item: Item,
    before: Item | None,
    number: str,
    language: str,
    address: str,
    *used: Action,
) -> dict[str, Any]:
    """Write the challenge together with its SMS, and with the actions that allow it.

    Gives {`phone` masked, `next_at`, `tries_left`}. Raises TooMany, `code_expired`.
    """
    _spend(runtime, item["applicant"], number, address)
    letter = Letter(
        message=runtime.random(16).hex(),
        channel="sms",
        template=f"{item['purpose']}_code",
        applicant=item["applicant"],
        to=number,
        language=language,
        parameters={"code": challenges.code(runtime, item)},
    )
    try:
        post(runtime, letter, Put("challenges", item, when=_unchanged(before)), *used)
    except ConditionFailed as error:
        if 0 in error.failed:
            raise TooMany("too_soon", 1) from error
        raise Unprocessable("code_expired") from error
    return {
        "phone": mask_digits(number),
        "next_at": iso(resend_at(item["sent_at"], item["sends"])),
        "tries_left": CODE_TRIES - item["tries"],
    }


def _unchanged(before: Item | None) -> Condition:
    """Neither another sending nor a try came between, so that no spent try is given back."""
    if before is None:
        return missing("challenge")
    return all_of(*(equals(name, before[name]) for name in ("nonce", "tries", "sends")))


def _spend(runtime: Runtime, applicant: str, number: str, address: str) -> None:
    spend(runtime, SMS_BY_ADDRESS, address)
    spend(runtime, SMS_BY_ACCOUNT, applicant)
    spend(runtime, SMS_BY_NUMBER, number)
    spend(runtime, SMS_BY_PREFIX, prefix(number))
    spend_breaker(runtime, SMS_IN_ALL, number)
