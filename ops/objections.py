"""The officers' queue of objections: one at a time, each view and answer recorded.

An officer sees the record, what the ledgers say of it, and the applicant's words; not who they are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update
from functions.programme.objections import ANSWERS, CLAIM_LIFE, MOST_ANSWER, readable
from functions.select.objections import objection_until, place_of
from ops import audit
from ops.audit import Act
from ops.claims import Claims
from ops.errors import Refused

FRONT = 200
WHY_SEEN = "objection_made"


@dataclass(frozen=True)
class Case:
    """An objection with its words and what the tables say of the record.

    `ledgers`: {recipient_of: wave or None, blacklisted: reason or None, family_recipients: int}.
    `until`: until when the wave can still be ended, milliseconds; None when it cannot.
    """

    item: Item
    text: str
    record: Item
    exclusions: list[str]
    ledgers: dict[str, Any]
    until: int | None

    @property
    def name(self) -> str:
        """`<applicant>/<wave>`: how commands and audit chain name it."""
        return name_of(self.item)


def name_of(item: Item) -> str:
    """`<applicant>/<wave>`."""
    return f"{item['applicant']}/{item['wave']}"


def key_of(item: Item) -> dict[str, Any]:
    """The key of an objection's item."""
    return {"applicant": item["applicant"], "wave": item["wave"]}


CLAIMS = Claims("objections", key_of, state="waiting", holder="officer", life=CLAIM_LIFE)


def waiting(runtime: Runtime, limit: int = FRONT) -> Iterator[Item]:
    """Objections that wait for an answer: by wave, the longest waiting first."""
    now = runtime.clock()
    for wave in sorted(item["wave"] for item in runtime.tables.scan("waves")):
        yield from runtime.tables.query_index(
            "objections", "objecting", str(wave), up_to=now, limit=limit
        )


def take_next(runtime: Runtime, operator: str) -> Case | None:
    """Claim an objection for a quarter of an hour; None when none is free.

    Whoever holds one gets the same again, else the longest waiting. The view is recorded before
    anything is opened.
    """
    for item in CLAIMS.in_turn(list(waiting(runtime)), operator, runtime.clock()):
        act = Act(operator, "view_objection", name_of(item), (WHY_SEEN,))
        if claimed := CLAIMS.claim(runtime, act, item):
            return _case(runtime, claimed)
    return None


def answer(
    runtime: Runtime, operator: str, name: str, verdict: str, code: str, sentence: str
) -> str:
    """Answer the objection that this officer holds; the applicant is told by mail, once.

    `verdict` is `upheld` or `dismissed`, `code` one of ANSWERS[verdict]. Gives the verdict, or
    `already` when this officer has answered so before. Raises Refused.
    """
    if code not in ANSWERS[verdict]:
        raise Refused(f"{verdict} for one of: {', '.join(ANSWERS[verdict])}")
    if not readable(sentence, MOST_ANSWER):
        raise Refused(f"the sentence has 1 to {MOST_ANSWER} signs")
    item = _find(runtime, name)
    if (item["state"], item.get("answered_by")) == (verdict, operator):
        return "already"
    if item["state"] != "waiting":
        raise Refused(f"objection {name} is answered: it is {item['state']}")
    now = runtime.clock()
    if not CLAIMS.holds(item, operator, now):
        raise Refused(f"{operator} does not hold {name}: claim one with `objections next`")
    place = place_of(item["applicant"], item["wave"])
    change = Update(
        "objections",
        key_of(item),
        set={
            "state": verdict,
            "answer": code,
            "sentence": runtime.vault.seal("objections", place, "sentence", sentence),
            "answered_at": now,
            "answered_by": operator,
        },
        remove=("objecting", *CLAIMS.fields),
        when=CLAIMS.mine(operator, now),
    )
    letter = _letter(item, verdict, code, sentence)
    act = Act(operator, f"objection_{verdict}", name, (code,))
    try:
        audit.write(runtime, act, change, row(runtime.vault, letter, now))
    except ConditionFailed as failure:
        raise Refused("the claim is over: claim one with `objections next`") from failure
    hurry(runtime.queues, letter.message)
    return verdict


def void_until(runtime: Runtime, wave: int) -> int | None:
    """Milliseconds: until when a wave with a published roster can be ended; None if it cannot."""
    found = [item for item in runtime.tables.scan("waves") if item["wave"] == wave]
    until = objection_until(runtime, found[0]) if found else None
    return until if until is not None and runtime.clock() < until else None


def _case(runtime: Runtime, item: Item) -> Case:
    key = {"gate": item["gate"], "applicant": item["applicant"]}
    entry = runtime.tables.get("entries", key)
    if entry is None:
        raise Refused(f"the entry of {name_of(item)} is gone")
    place = place_of(item["applicant"], item["wave"])
    return Case(
        item=item,
        text=runtime.vault.open("objections", place, "text", item["text"]),
        record=entry.get("record", {}),
        exclusions=list(entry["exclusions"]),
        ledgers=_ledgers(runtime, entry),
        until=void_until(runtime, item["wave"]),
    )


def _ledgers(runtime: Runtime, entry: Item) -> dict[str, Any]:
    def noted(kind: str) -> Item:
        key = {"subject": f"{kind}#{entry['nik_mac']}", "member": "-"}
        return runtime.tables.get("ledgers", key) or {}

    family = runtime.tables.query("ledgers", f"family#{entry['kk_mac']}")
    return {
        "recipient_of": noted("recipient").get("wave"),
        "blacklisted": noted("blacklisted").get("reason"),
        "family_recipients": sum(1 for _ in family),
    }


def _find(runtime: Runtime, name: str) -> Item:
    applicant, _, wave = name.partition("/")
    key = {"applicant": applicant, "wave": int(wave) if wave.isdecimal() else 0}
    item = runtime.tables.get("objections", key)
    if item is None:
        raise Refused(f"there is no objection {name}")
    return item


def _letter(item: Item, verdict: str, code: str, sentence: str) -> Letter:
    """Its id is made from the objection, which is answered once."""
    return Letter(
        message=hashlib.sha256(f"objection|{name_of(item)}".encode()).hexdigest()[:32],
        channel="mail",
        template=f"objection_{verdict}",
        applicant=item["applicant"],
        parameters={"wave": item["wave"], "answer": code, "sentence": sentence},
    )
