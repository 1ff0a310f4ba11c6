"""An applicant's objection to their record, while the wave can still be ended."""

from __future__ import annotations

from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Put, missing
from functions.programme.objections import refusal
from functions.programme.times import SECOND, iso
from functions.select.waves import find_pins
from functions.web.errors import Conflict


def object_to(
    runtime: Runtime, wave: Item, entry: Item, *, reason: str, text: str, request_key: str
) -> Item:
    """Put an objection to an entry's record into the officers' queue, once for each entry.

    A repeat with the same key gives the same one. Raises Conflict `objection_not_yet`,
    `objection_over`, `already_objected`.
    """
    applicant, number = entry["applicant"], wave["wave"]
    request = runtime.vault.mac("request", f"{applicant}|{number}|objection|{request_key}")
    earlier = find_objection(runtime, applicant, number)
    if earlier is not None:
        return _same(earlier, request)
    now = runtime.clock()
    code = refusal(wave["phase"], now, objection_until(runtime, wave))
    if code is not None:
        raise Conflict(code)
    item = {
        "applicant": applicant,
        "wave": number,
        "gate": entry["gate"],
        "request": request,
        "reason": reason,
        "text": runtime.vault.seal("objections", place_of(applicant, number), "text", text),
        "state": "waiting",
        "objecting": str(number),
        "objected_at": now,
    }
    try:
        runtime.tables.write(Put("objections", item, when=missing("wave")))
    except ConditionFailed as error:
        return _same(error.failed[0] or item, request)
    return item


def find_objection(runtime: Runtime, applicant: str, wave: int) -> Item | None:
    """The objection of an applicant in a wave, if they made one."""
    return runtime.tables.get("objections", {"applicant": applicant, "wave": wave})


def objection_until(runtime: Runtime, wave: Item) -> int | None:
    """Milliseconds: until when the record can be objected to; None unless a roster is published."""
    if wave["phase"] != "roster_published":
        return None
    return int(wave["draw_at"]) - find_pins(runtime).margin_seconds * SECOND


def place_of(applicant: str, wave: int) -> str:
    """What the objection's fields are sealed for."""
    return f"{applicant}|{wave}"


def objection_answer(runtime: Runtime, item: Item | None) -> dict[str, Any] | None:
    """An objection as its applicant sees it."""
    if item is None:
        return None
    place = place_of(item["applicant"], item["wave"])
    answered = "answered_at" in item
    return {
        "state": item["state"],
        "reason": item["reason"],
        "text": runtime.vault.open("objections", place, "text", item["text"]),
        "objected_at": iso(item["objected_at"]),
        "answered_at": iso(item["answered_at"]) if answered else None,
        "answer": item["answer"] if answered else None,
        "sentence": (
            runtime.vault.open("objections", place, "sentence", item["sentence"])
            if answered
            else None
        ),
    }


def _same(item: Item, request: str) -> Item:
    if item["request"] != request:
        raise Conflict("already_objected")
    return item
