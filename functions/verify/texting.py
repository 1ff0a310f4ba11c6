"""Texting: a code by SMS. One challenge for each account and purpose, sent again while it lives."""

from __future__ import annotations

from typing import Any

from functions.cloud.outbox import Letter, hurry, queue_of, row
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


def ask(
    runtime: Runtime,
    purpose: str,
    account: Item,
    number: str,
    address: str,
    *used: Action,
    **more: Any,
) -> dict[str, Any]:
    """Send a code to a number, as `send_code`. A sending whose call died before it wrote the SMS
    is made good without a pause."""
    applicant, language = account["applicant"], account["language"]
    try:
        item, before = challenge(runtime, purpose, applicant, number, **more)
    except TooMany as error:
        item = waiting(runtime, purpose, applicant) or {}
        if not item or not _make_good(runtime, _letter(runtime, item, number, language)):
            raise error
        return _told(runtime, item, number)
    return send_code(runtime, item, before, number, language, address, *used)


def send_code(
    runtime: Runtime,
    item: Item,
    before: Item | None,
    number: str,
    language: str,
    address: str,
    *used: Action,
) -> dict[str, Any]:
    """Write the challenge and then its SMS, whose id is made from it; with the actions that allow
    it, if there are any, in one transaction.

    Gives {`phone` masked, `next_at`, `tries_left`, `server_time`}. Raises TooMany, `code_expired`.
    """
    spend(runtime, SMS_BY_ADDRESS, address)
    # An account's first challenge of a purpose is not counted: it can be written only once.
    if before is not None:
        spend(runtime, SMS_BY_ACCOUNT, item["applicant"])
    spend(runtime, SMS_BY_NUMBER, number)
    spend(runtime, SMS_BY_PREFIX, prefix(number))
    spend_breaker(runtime, SMS_IN_ALL, number)
    letter = _letter(runtime, item, number, language)
    _send(runtime, letter, Put("challenges", item, when=_unchanged(before)), used)
    return _told(runtime, item, number)


def _letter(runtime: Runtime, item: Item, number: str, language: str) -> Letter:
    return Letter(
        message=challenges.letter(runtime, item),
        channel="sms",
        template=f"{item['purpose']}_code",
        applicant=item["applicant"],
        to=number,
        language=language,
        parameters={"code": challenges.code(runtime, item)},
    )


def _told(runtime: Runtime, item: Item, number: str) -> dict[str, Any]:
    return {
        "phone": mask_digits(number),
        "next_at": iso(resend_at(item["sent_at"], item["sends"])),
        "tries_left": CODE_TRIES - item["tries"],
        "server_time": iso(runtime.clock()),
    }


def _send(runtime: Runtime, letter: Letter, sent: Put, used: tuple[Action, ...]) -> None:
    try:
        if used:
            post(runtime, letter, sent, *used)
        else:
            runtime.tables.write(sent)
    except ConditionFailed as error:
        if 0 not in error.failed:
            raise Unprocessable("code_expired") from error
        if used or not _is_ours(error.failed[0], sent.item):
            raise TooMany("too_soon", 1) from error
    if not used:
        post(runtime, letter)


def _make_good(runtime: Runtime, letter: Letter) -> bool:
    """Write the SMS of a sending, unless it is there; whether it was missing."""
    try:
        runtime.tables.write(row(runtime.vault, letter, runtime.clock()))
    except ConditionFailed:
        return False
    hurry(runtime.queues, letter.message, queue=queue_of(letter.template))
    return True


def _is_ours(found: Item | None, item: Item) -> bool:
    """Whether the challenge stands as this call wrote it, before the answer was lost."""
    names = ("nonce", "sends", "sent_at")
    return found is not None and all(found.get(name) == item[name] for name in names)


def _unchanged(before: Item | None) -> Condition:
    """Neither another sending nor a try came between, so that no spent try is given back."""
    if before is None:
        return missing("challenge")
    return all_of(*(equals(name, before[name]) for name in ("nonce", "tries", "sends")))
