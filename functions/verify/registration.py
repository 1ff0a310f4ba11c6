"""Registration: until the mailbox has answered there is a challenge, and no account.

A known address takes the same steps as a new one: the same hash, the same writes, the
same answer. Only the mail differs, and that reaches nobody but the holder.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from functions.cloud.outbox import Letter
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Action, ConditionFailed, Item, Put, Update, equals, missing
from functions.programme.limits import (
    MAIL_BY_ADDRESS,
    REGISTER_BY_ADDRESS,
    resend_at,
)
from functions.programme.times import SECOND, iso
from functions.programme.tokens import hash_secret
from functions.verify import accounts, challenges, hashing
from functions.verify.blocklist import check_password
from functions.verify.posting import post
from functions.web.counting import spend, spend_mail
from functions.web.errors import Conflict, Forbidden, InvalidFields, TooMany


@dataclass(frozen=True)
class Form:
    """What a registration asks for."""

    name: str
    email: str
    password: str
    language: str


def register(
    runtime: Runtime, form: Form, *, key: str, address: str, cost: hashing.Cost = hashing.PRODUCTION
) -> str:
    """Await the answer of a mailbox; returns the registration cookie.

    `key` is the client's idempotency key: the same key and form give the same cookie and
    no second mail. Raises InvalidFields, TooMany, Conflict `idempotency_key_reused`.

    The challenge stands first, then its mail, whose id is made from it: a registration that died
    between them was not acknowledged, and its repeat writes the mail.
    """
    spend(runtime, REGISTER_BY_ADDRESS, address)
    email = accounts.email_or_error(form.email)
    check_password(form.password, email=email, name=form.name)
    vault = runtime.vault
    challenge = vault.mac("request", f"register|{key}")[:32]
    secret = vault.mac("request", f"cookie|{key}")
    item = challenges.new(
        runtime,
        challenge,
        "register",
        email,
        name=vault.seal("challenges", challenge, "name", form.name),
        password_hash=hashing.hashed(form.password, cost),
        language=form.language,
        request_mac=vault.mac("request", json.dumps([form.name, email, form.language])),
        cookie_hash=hash_secret(secret),
    )
    spend_mail(runtime, item["subject_mac"])
    try:
        runtime.tables.write(Put("challenges", item, when=missing("challenge")))
    except ConditionFailed as error:
        item = _same_request(error.failed[0], item, form.password, cost)
    # Of a challenge that was sent again, to whatever address, the first mail is not made good.
    if "used_at" not in item and item["sends"] == 1:
        letter = _letter(runtime, item, email)
        post(runtime, replace(letter, message=challenges.letter(runtime, item)))
    return f"{challenge}.{secret}"


def _same_request(found: Item | None, item: Item, password: str, cost: hashing.Cost) -> Item:
    """What a key that comes twice found: it may, but for one request. The password is compared as
    a password."""
    if (
        found is None
        or found["request_mac"] != item["request_mac"]
        or not ("used_at" in found or hashing.matches(password, found["password_hash"], cost))
    ):
        raise Conflict("idempotency_key_reused")
    return found


def standing(runtime: Runtime, cookie: str) -> dict[str, str]:
    """{`state`: `waiting`, or `unreachable` when the mail came back; `next_at`: when it may be
    sent again}, of the address that this browser gave. Raises Forbidden."""
    item = _waiting(runtime, cookie)
    state = "unreachable" if "unreachable" in item else "waiting"
    return {"state": state, "next_at": iso(resend_at(item["sent_at"], item["sends"]))}


def resend(runtime: Runtime, cookie: str, *, address: str) -> dict[str, str]:
    """Send the mail of a waiting challenge again. Raises Forbidden, `too_soon`, TooMany, Conflict
    `email_unreachable`."""
    item = _waiting(runtime, cookie)
    if "unreachable" in item:
        raise Conflict("email_unreachable")
    now = runtime.clock()
    free_at = resend_at(item["sent_at"], item["sends"])
    if now < free_at:
        raise TooMany("too_soon", -(-(free_at - now) // SECOND), next_at=iso(free_at))
    return _send_again(runtime, item, challenges.subject(runtime, item), {}, address)


def change_address(runtime: Runtime, cookie: str, typed: str, *, address: str) -> dict[str, str]:
    """Correct the address of a registration that was not confirmed, and send to it.

    Code and link of the old address end with it; the tries already spent remain spent. Raises
    Forbidden, InvalidFields, TooMany.
    """
    item = _waiting(runtime, cookie)
    if item["purpose"] != "register":
        raise Forbidden("no_registration")
    email = accounts.email_or_error(typed)
    fresh = challenges.new(runtime, item["challenge"], "register", email)
    if "unreachable" in item and fresh["subject_mac"] == item["subject_mac"]:
        raise InvalidFields({"email": "email_unreachable"})
    moved = {name: fresh[name] for name in ("subject", "subject_mac", "nonce", "link_hash")}
    return _send_again(runtime, item, email, moved, address)


def _waiting(runtime: Runtime, cookie: str) -> Item:
    item = challenges.by_cookie(runtime, cookie)
    if item is None:
        raise Forbidden("no_registration")
    return item


def _send_again(
    runtime: Runtime, item: Item, email: str, moved: dict[str, object], address: str
) -> dict[str, str]:
    now = runtime.clock()
    item = {**item, **moved}
    spend(runtime, MAIL_BY_ADDRESS, address)
    spend_mail(runtime, item["subject_mac"])
    letter = _letter(runtime, item, email)
    sent = Update(
        "challenges",
        {"challenge": item["challenge"]},
        set={**moved, "sent_at": now},
        add={"sends": 1},
        remove=["unreachable"] if moved else [],
        when=equals("sends", item["sends"]),
    )
    try:
        post(runtime, letter, sent)
    except ConditionFailed as error:
        raise TooMany("too_soon", 1, next_at=iso(now + SECOND)) from error
    return {"next_at": iso(resend_at(now, item["sends"] + 1))}


def _letter(runtime: Runtime, item: Item, email: str) -> Letter:
    """The mail for an address: how to confirm it, or, to one that has an account, that it has.
    An account may confirm its own anew, once mail to it came back."""
    holder = accounts.holder_of_email(runtime, item["subject_mac"])
    known = holder is not None and holder != item.get("applicant")
    template = "confirm_email" if item["purpose"] == "register" else "change_email"
    proof = {
        "code": challenges.code(runtime, item),
        "token": challenges.link_token(runtime, item),
    }
    return Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="already_registered" if known else template,
        to=email,
        language=item["language"],
        challenge=item["challenge"],
        to_mac=item["subject_mac"],
        parameters={} if known else proof,
    )


def send_first(runtime: Runtime, item: Item, email: str, *used: Action) -> None:
    """Write a challenge for a mailbox together with its mail, and with what allows it."""
    post(runtime, _letter(runtime, item, email), Put("challenges", item), *used)
