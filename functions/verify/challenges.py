"""Challenges: a proof that is being awaited, by code or by link.

Neither the code nor the link is stored: both are derived from the challenge under the
vault's `code` key, so that a resend carries the same ones. The nonce makes them differ
where an id is used again (`phone#<applicant>`).
"""

from __future__ import annotations

import hmac
import logging
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Busy,
    ConditionFailed,
    Item,
    Update,
    all_of,
    exists,
    greater,
    less,
    missing,
)
from functions.programme.limits import CODE_TRIES
from functions.programme.times import DAY, HOUR, MINUTE, SECOND
from functions.programme.tokens import hash_secret, one_time_code, secret_matches
from functions.web.errors import Unprocessable
from functions.web.sessions import LONGEST_TOKEN

LIFE = {
    "register": DAY,
    "change_email": DAY,
    "reset_password": HOUR,
    "phone": 10 * MINUTE,
    "change": 10 * MINUTE,
}
TO_PHONES = ("phone", "change")
PERSONAL = ("subject", "name", "password_hash")

log = logging.getLogger("gelombang.verify")


def new(runtime: Runtime, challenge: str, purpose: str, subject: str, **more: Any) -> Item:
    """A challenge item for an address or number, sent now for the first time. Not written yet."""
    now = runtime.clock()
    mac_purpose = "phone" if purpose in TO_PHONES else "email"
    item: Item = {
        "challenge": challenge,
        "purpose": purpose,
        "nonce": runtime.random(16).hex(),
        "subject": runtime.vault.seal("challenges", challenge, "subject", subject),
        "subject_mac": runtime.vault.mac(mac_purpose, subject),
        "tries": 0,
        "sends": 1,
        "sent_at": now,
        "expires_at": now + LIFE[purpose],
        "expires": (now + LIFE[purpose] + DAY) // SECOND,
        **more,
    }
    return {**item, "link_hash": hash_secret(_link_secret(runtime, item))}


def code(runtime: Runtime, item: Item) -> str:
    """The six digits of a challenge."""
    return one_time_code(
        runtime.vault.key("code"),
        f"{item['challenge']}|{item['nonce']}",
        item["purpose"],
        item["subject_mac"],
    )


def link_token(runtime: Runtime, item: Item) -> str:
    """The token of a challenge's link, `<challenge>.<secret>`."""
    return f"{item['challenge']}.{_link_secret(runtime, item)}"


def letter(runtime: Runtime, item: Item) -> str:
    """The id of the message that this sending of a challenge is, the same each time."""
    place = f"{item['challenge']}|{item['nonce']}|{item['sends']}"
    return runtime.vault.mac("code", f"letter|{place}")[:32]


def _link_secret(runtime: Runtime, item: Item) -> str:
    return runtime.vault.mac(
        "code", f"link|{item['challenge']}|{item['nonce']}|{item['subject_mac']}"
    )


def subject(runtime: Runtime, item: Item) -> str:
    """The address or number that must answer."""
    return runtime.vault.open("challenges", item["challenge"], "subject", item["subject"])


def is_live(item: Item, now: int) -> bool:
    """Whether a challenge still waits for its proof."""
    return "used_at" not in item and now < item["expires_at"]


def by_cookie(runtime: Runtime, cookie: str) -> Item | None:
    """The live challenge of a registration cookie, if there is one."""
    return _by_secret(runtime, cookie, "cookie_hash")


def by_link(runtime: Runtime, token: str, *purposes: str) -> Item:
    """The live challenge of a mailed token. Raises `link_invalid`."""
    item = _by_secret(runtime, token, "link_hash")
    if item is None or item["purpose"] not in purposes:
        raise Unprocessable("link_invalid")
    return item


def _by_secret(runtime: Runtime, token: str, attribute: str) -> Item | None:
    challenge, _, secret = token.partition(".")
    if not challenge or not secret or len(token) > LONGEST_TOKEN:
        return None
    item = runtime.tables.get("challenges", {"challenge": challenge})
    if item is None or not is_live(item, runtime.clock()):
        return None
    return item if secret_matches(secret, item.get(attribute, "")) else None


def try_code(runtime: Runtime, challenge: str, typed: str, subject_mac: str | None = None) -> Item:
    """The challenge, if `typed` is its code (and `subject_mac`, where given, its subject).

    The try is counted before anything is compared, so that parallel guesses cannot
    outrun the count. Raises `code_expired`, or `code_wrong` with `tries_left`.
    """
    counted = Update(
        "challenges",
        {"challenge": challenge},
        add={"tries": 1},
        when=all_of(
            exists("challenge"),
            missing("used_at"),
            less("tries", CODE_TRIES),
            greater("expires_at", runtime.clock()),
        ),
    )
    try:
        item = runtime.tables.update(counted)
    except ConditionFailed as error:
        raise Unprocessable("code_expired") from error
    right = hmac.compare_digest(typed.encode(), code(runtime, item).encode())
    if right and subject_mac in (None, item["subject_mac"]):
        return item
    raise Unprocessable("code_wrong", tries_left=CODE_TRIES - item["tries"])


def use(item: Item, now: int, request: str) -> Update:
    """The action that consumes a challenge, once; `request` is a mark of this attempt.

    What it held of the person goes with it.
    """
    return Update(
        "challenges",
        {"challenge": item["challenge"]},
        set={"used_at": now, "used_by": request},
        remove=[name for name in PERSONAL if name in item],
        when=all_of(exists("challenge"), missing("used_at"), greater("expires_at", now)),
    )


def end(runtime: Runtime, item: Item, now: int, request: str) -> None:
    """Consume a challenge after what it was for, where something else lets that happen once.

    What stands is acknowledged even when this fails: the challenge then ends by its time.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        runtime.tables.write(use(item, now, request))
    except ConditionFailed:
        return  # it is used, or over
    except (Busy, BotoCoreError, ClientError) as error:
        log.warning("a challenge is not marked as used: %s", type(error).__name__)


def used_by_us(error: ConditionFailed, position: int, request: str) -> bool:
    """Whether a transaction failed only because it had gone through before (a lost answer)."""
    found = error.failed.get(position)
    return found is not None and found.get("used_by") == request
