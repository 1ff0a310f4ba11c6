"""Ending a wave before its round: one operator asks, another confirms, witnesses say when.

The note is public and signed, with its reason. Its text is fixed with the confirmation, so that the
witnesses, who sign one void note for a wave, can be asked again until enough have answered.
"""

from __future__ import annotations

import hashlib

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, all_of, equals, missing
from functions.cloud.witnesses import Witnesses
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.keys import ED25519, Signer
from functions.programme.draw.notes import add_signatures, sign_note
from functions.programme.draw.params import parse_params
from functions.programme.draw.pins import Pins
from functions.programme.draw.void import (
    NO_HEAD,
    VOID_NOTE,
    Void,
    check_reason,
    latest,
    open_void,
    seen_at,
    void_text,
)
from functions.programme.times import DAY, MINUTE, SECOND, iso
from functions.select.beside import write_beside
from functions.select.waves import find_pins
from ops import audit
from ops.audit import Act
from ops.errors import Refused
from ops.waves import find

# Before its round: from `open`, since before that nobody has joined.
VOIDABLE = ("open", "closed", "frozen", "roster_published")
# A request that nobody confirmed by then has to be made anew.
ASKED_FOR = DAY
# A witness whose clock is further ahead than this is not believed.
FUTURE_ALLOWED = 15 * MINUTE


def ask(runtime: Runtime, operator: str, wave: int, reason: str, sentence: str) -> None:
    """Ask for a wave to be ended; another operator must confirm. Raises Refused."""
    try:
        check_reason(reason, sentence)
    except VerificationError as error:
        raise Refused("a sentence has 1 to 300 plain letters, without accents") from error
    item = _voidable(runtime, wave)
    asked = {"by": operator, "reason": reason, "sentence": sentence, "at": runtime.clock()}
    when = all_of(equals("phase", item["phase"]), missing("void_text"))
    change = Update("waves", {"wave": wave}, set={"void_asked": asked}, when=when)
    act = Act(operator, "void_ask", f"wave/{wave}", (reason,))
    try:
        audit.write(runtime, act, change)
    except ConditionFailed as failure:
        raise Refused(f"wave {wave} has changed, or its void is confirmed already") from failure


def confirm(runtime: Runtime, witnesses: Witnesses, operator: str, wave: int) -> Void:
    """End a wave that another operator asked to end; repeat it while witnesses are missing.

    Raises Refused, and the wave goes on, unless a quorum of witnesses sees the note in time.
    """
    item = find(runtime, wave)
    if item["phase"] == "void":
        return _published(runtime, item)
    item = _with_text(runtime, operator, _voidable(runtime, wave))
    pins = find_pins(runtime)
    void, note = _witnessed(runtime, witnesses, pins, item)
    _check_time(pins, item, void)
    change = Update(
        "waves",
        {"wave": wave},
        set={"phase": "void", "void_note": note, "voided_at": runtime.clock()},
        add={"fence": 1},
        when=equals("phase", item["phase"]),
    )
    try:
        audit.write(runtime, Act(operator, "void", f"wave/{wave}", (void.reason,)), change)
    except ConditionFailed as failure:
        raise Refused(f"wave {wave} has moved on; repeat the command") from failure
    return _published(runtime, find(runtime, wave))


def _voidable(runtime: Runtime, wave: int) -> Item:
    item = find(runtime, wave)
    if item["phase"] not in VOIDABLE:
        raise Refused(f"wave {wave} is {item['phase']}: only a wave before its round can be ended")
    if item["phase"] == "roster_published":
        until = latest(find_pins(runtime), item["round"]) * SECOND
        if runtime.clock() >= until:
            raise Refused(f"too late: wave {wave} could be ended until {iso(until)}")
    return item


def _with_text(runtime: Runtime, operator: str, item: Item) -> Item:
    """The wave with its note's text fixed, by a second operator."""
    if "void_text" in item:
        return item
    wave, asked, now = item["wave"], item.get("void_asked"), runtime.clock()
    if asked is None or now >= asked["at"] + ASKED_FOR:
        raise Refused(f"nobody has asked to end wave {wave} in the last day")
    if asked["by"].casefold() == operator.casefold():
        raise Refused(f"{operator} has asked for it: another operator must confirm")
    head = item.get("roster_text")
    digest = hashlib.sha256(head).digest() if head is not None else NO_HEAD
    params = parse_params(item["params"]).digest
    text = void_text(wave, params, digest, now // SECOND, asked["reason"], asked["sentence"])
    change = Update(
        "waves",
        {"wave": wave},
        set={"void_text": text, "void_confirmed_by": operator},
        when=all_of(
            equals("phase", item["phase"]),
            equals("void_asked.at", asked["at"]),
            equals("void_asked.by", asked["by"]),
            missing("void_text"),
        ),
    )
    act = Act(operator, "void_confirm", f"wave/{wave}", (asked["by"], asked["reason"]))
    try:
        audit.write(runtime, act, change)
    except ConditionFailed as failure:
        raise Refused(f"wave {wave} has changed; repeat the command") from failure
    return find(runtime, wave)


def _witnessed(
    runtime: Runtime, witnesses: Witnesses, pins: Pins, item: Item
) -> tuple[Void, bytes]:
    signer = Signer(pins.operator.name, ED25519, runtime.vault.seed("operator"))
    note = sign_note(bytes(item["void_text"]), signer)
    void = open_void(note, pins)
    for line in witnesses.cosign(note) if pins.quorum else ():
        try:
            longer = add_signatures(note, [line])
            seen = open_void(longer, pins)
        except VerificationError:
            continue  # not this witness's own line, or not over this note
        ahead = (runtime.clock() + FUTURE_ALLOWED) // SECOND
        if (
            len(seen.witness_times) > len(void.witness_times)
            and max(at for _, at in seen.witness_times) <= ahead
        ):
            note, void = longer, seen
    return void, note


def _check_time(pins: Pins, item: Item, void: Void) -> None:
    seen = seen_at(pins, void)
    if seen is None:
        count = len(void.witness_times)
        raise Refused(f"{count} of {pins.quorum} witnesses have signed: repeat the command")
    if item["phase"] == "roster_published" and seen >= latest(pins, item["round"]):
        raise Refused("too late by the witnesses' clocks: the draw stands")


def _published(runtime: Runtime, item: Item) -> Void:
    """The note in the wave's folder; the worker tells the applicants."""
    write_beside(runtime.files, item["wave"], VOID_NOTE, bytes(item["void_note"]))
    return open_void(bytes(item["void_note"]), find_pins(runtime))
