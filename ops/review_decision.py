"""Deciding on a photo in review: photo, readiness, letter and record in one transaction.

No NIK is shown to an operator: they type the one that they read on the card, and it is compared
with the form's by mac.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Condition,
    ConditionFailed,
    Item,
    Update,
    all_of,
    any_of,
    at_most,
    equals,
    exists,
    missing,
)
from functions.programme.identity import SIXTEEN_DIGITS
from functions.programme.photos import REASONS_OF_A_PERSON
from ops import audit
from ops.audit import Act
from ops.errors import Refused
from ops.review_queue import CLAIMS, held, key_of, mark, name_of


def accept(runtime: Runtime, operator: str, photo: str, nik: str | None = None) -> str:
    """Accept the photo that this operator holds; `nik`: the 16 digits on the card.

    Gives `accepted`, or `already` when this operator has accepted it before. Raises Refused.
    """
    item = held(runtime, operator, photo, "accepted")
    if item["state"] == "accepted":
        return _again(runtime, item)
    made = {item["kind"]: item["photo"]}
    if nik is not None and item["kind"] == "ktp":
        # As the photo worker leaves it: a NIK typed later must be the one of this card.
        made["ktp_nik_mac"] = runtime.vault.mac("photo", nik)
    ready = Update(
        "readiness",
        {"applicant": item["applicant"]},
        set=made,
        when=_is_their_card(runtime, operator, item, nik),
    )
    now = runtime.clock()
    changes = {**_decided(item, operator, now), "state": "accepted", "reasons": []}
    _settle(runtime, Act(operator, "accept", photo), item, changes, ready)
    return "accepted"


def refuse(runtime: Runtime, operator: str, photo: str, reasons: Sequence[str]) -> str:
    """Refuse the photo that this operator holds, with reasons that the applicant is told.

    Gives `refused`, or `already` when this operator has refused it before. Raises Refused.
    """
    item = held(runtime, operator, photo, "refused")
    if item["state"] == "refused":
        return _again(runtime, item)
    allowed = REASONS_OF_A_PERSON[item["kind"]]
    if not reasons or not set(reasons) <= set(allowed):
        raise Refused(f"a {item['kind']} is refused for one or more of: {', '.join(allowed)}")
    told = sorted(set(reasons), key=allowed.index)
    now = runtime.clock()
    changes = {**_decided(item, operator, now), "state": "refused", "reasons": told}
    _settle(runtime, Act(operator, "refuse", photo, tuple(told)), item, changes)
    return "refused"


def _is_their_card(runtime: Runtime, operator: str, item: Item, nik: str | None) -> Condition:
    """What must hold of the applicant's readiness for this card to be theirs. Raises Refused.

    A KTP's NIK is typed by whoever reads it. In a selfie it can seldom be read; then the identity
    must be the one of the time when the photo was sent.
    """
    if nik is None and item["kind"] == "ktp":
        raise Refused("give the NIK that you read on the card: --nik 3171…")
    if nik is None:
        unchanged = any_of(missing("identity"), at_most("identity", item["created_at"]))
        return all_of(exists("applicant"), unchanged)
    if not SIXTEEN_DIGITS.fullmatch(nik):
        raise Refused("a NIK has 16 digits")
    names = ("nik_photo_mac",)
    ready = runtime.tables.get("readiness", {"applicant": item["applicant"]}, only=names) or {}
    mac = runtime.vault.mac("photo", nik)
    if ready.get("nik_photo_mac") != mac:
        audit.write(runtime, Act(operator, "nik_differs", name_of(item)))
        raise Refused(
            "nik_mismatch: this is not the NIK of the form; look again, or refuse with it"
        )
    return equals("nik_photo_mac", mac)


def _decided(item: Item, operator: str, now: int) -> Item:
    """What any decision writes; the checks' own words are kept, to learn from them."""
    return {
        "details": "{}",
        "judged_reasons": item["reasons"],
        "decided_at": now,
        "reviewed_at": now,
        "reviewed_by": operator,
    }


def _settle(runtime: Runtime, act: Act, item: Item, changes: Item, *more: Update) -> None:
    """The decision, its record and the letter in one transaction. Raises Refused."""
    now = changes["decided_at"]
    remove = ("in_review", *CLAIMS.fields)
    when = CLAIMS.mine(act.who, now)
    decision = Update("photos", key_of(item), set=changes, remove=remove, when=when)
    letter = _letter(item, changes)
    try:
        audit.write(runtime, act, decision, *more, row(runtime.vault, letter, now))
    except ConditionFailed as failure:
        raise Refused(_why(failure)) from failure
    mark(runtime, item, changes["state"])
    hurry(runtime.queues, letter.message)


def _why(failure: ConditionFailed) -> str:
    if 0 in failure.failed:
        return "the claim is over: claim a photo with `review next`"
    return (
        "the applicant's identity was changed after this photo was sent: "
        "give --nik if it can be read, or refuse the photo with nik_mismatch"
    )


def _letter(item: Item, changes: dict[str, Any]) -> Letter:
    """Its id is made from the photo, which a person decides on once."""
    return Letter(
        message=hashlib.sha256(f"review|{name_of(item)}".encode()).hexdigest()[:32],
        channel="mail",
        template=f"photo_{changes['state']}",
        applicant=item["applicant"],
        parameters={"kind": item["kind"], "reasons": ",".join(changes["reasons"])},
    )


def _again(runtime: Runtime, item: Item) -> str:
    """A repeated decision changes nothing, but finishes what the first may have left."""
    mark(runtime, item, item["state"])
    return "already"
