"""After the draw: taking places back, and letting reserves move up, by signed public notes.

A note is decided once: it is kept in the work folder, and the wave item says it counts. Then it
is published and carried out entry by entry; a command that was cut off is finished by the next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.cloud.files import FileMissing
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Condition,
    ConditionFailed,
    Item,
    Update,
    all_of,
    equals,
    exists,
    missing,
)
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.keys import ED25519, Signer
from functions.programme.draw.notes import sign_note
from functions.programme.draw.promotions import (
    BEGINNING,
    Removal,
    open_promotions,
    open_removals,
    plan,
    promotions_name,
    promotions_text,
    removals_name,
    removals_text,
)
from functions.programme.times import SECOND
from functions.programme.waves import gate_name, wave_shard
from functions.select.beside import find_beside, write_beside
from functions.select.folder import read_internal, write_internal
from functions.select.notes import Changes, read_changes, with_notes
from functions.select.waves import find_pins
from ops import audit
from ops.audit import Act
from ops.changes_applied import promote_entry, remove_entry
from ops.changes_skipped import Places, Skips
from ops.errors import Refused
from ops.ledgers import FIXED
from ops.waves import find

RESERVES = "reserves.json"
UNBOUGHT = "no_training_bought"


@dataclass(frozen=True)
class Warrant:
    """By what right places are taken back, where one operator's word is not enough.

    act      how the audit chain names it, with `details`
    set      what the wave notes of it; `remove`: attributes that are over with it
    when     what must still hold of the wave
    """

    act: str
    details: tuple[str, ...]
    set: Mapping[str, Any]
    remove: Sequence[str]
    when: Condition


def remove(
    runtime: Runtime, operator: str, wave: int, people: Sequence[tuple[str, str]]
) -> Changes:
    """Take places back: `people` are (NIK or applicant id, code of REMOVED_FOR). Raises Refused."""
    if any(reason == UNBOUGHT for _, reason in people):
        raise Refused(f"{UNBOUGHT}: two operators take these back, with `wave revoke`")
    item = settled(runtime, wave)
    found: list[tuple[Item, str]] = []
    for who, reason in people:
        found.append((_entry_of(runtime, item, who), reason))
    return take_back(runtime, operator, item, found)


def take_back(
    runtime: Runtime,
    operator: str,
    item: Item,
    found: Sequence[tuple[Item, str]],
    warrant: Warrant | None = None,
) -> Changes:
    """Take back places of a settled wave: `found` are (entry, code). Raises Refused."""
    wave = item["wave"]
    changes = read(runtime, wave)
    places = {entry["index"]: (entry["gate"], entry["applicant"]) for entry, _ in found}
    removed = [Removal(entry["index"], reason) for entry, reason in found]
    number = len(changes.removals) + 1
    before = changes.removals[-1].digest if changes.removals else BEGINNING
    at = runtime.clock() // SECOND
    in_order = sorted(removed, key=lambda one: one.index)
    text = removals_text(wave, number, before, changes.result_digest, at, in_order)
    note = sign_note(text, _signer(runtime))
    try:
        opened = open_removals(note, find_pins(runtime))
        with_notes(changes, (*changes.removals, opened), changes.promotions)
    except VerificationError as error:
        raise Refused(f"these people cannot be removed: {error}") from error
    name = removals_name(number)
    return _decide(runtime, operator, item, "remove", name, note, places, warrant)


def promote(runtime: Runtime, operator: str, wave: int, until: int | None) -> Changes:
    """Let reserves move up to the open places, by rank. Raises Refused.

    `until`: Unix seconds, the last moment for it; given with the first note, which may promote
    nobody, and the same ever after.
    """
    item = settled(runtime, wave)
    changes = read(runtime, wave)
    ends = changes.standing.until if changes.standing.until is not None else until
    if ends is None:
        raise Refused("the first promotions note publishes a date: give --until")
    if until not in (None, ends):
        raise Refused("the published date does not change")
    places = _reserves(runtime, item)
    steps = plan(changes.standing, Skips(runtime, places))
    if not steps and changes.promotions:
        raise Refused("nobody to promote: no open place, or the reserve is used up")
    number = len(changes.promotions) + 1
    before = changes.promotions[-1].digest if changes.promotions else BEGINNING
    seen = changes.removals[-1].digest if changes.removals else BEGINNING
    at = runtime.clock() // SECOND
    text = promotions_text(wave, number, before, changes.result_digest, seen, ends, at, steps)
    note = sign_note(text, _signer(runtime))
    try:
        opened = open_promotions(note, find_pins(runtime))
        with_notes(changes, changes.removals, (*changes.promotions, opened))
    except VerificationError as error:
        raise Refused(f"nobody can be promoted: {error}") from error
    mine = {step.index: places[step.index] for step in steps}
    return _decide(runtime, operator, item, "promote", promotions_name(number), note, mine)


def settled(runtime: Runtime, wave: int) -> Item:
    """An announced wave; a note that was half carried out is carried out first. Raises Refused."""
    item = find(runtime, wave)
    if item["phase"] != "announced":
        raise Refused(f"wave {wave} is {item['phase']}: only an announced wave can change")
    fixed = [w["wave"] for w in runtime.tables.scan("waves") if w["phase"] in FIXED]
    if fixed:
        raise Refused(f"wave {min(fixed)} is between close and announcement: wait for it")
    if "change" in item:
        _carry_out(runtime, item)
        item = find(runtime, wave)
    return item


def _decide(
    runtime: Runtime,
    operator: str,
    item: Item,
    what: str,
    name: str,
    note: bytes,
    places: Places,
    warrant: Warrant | None = None,
) -> Changes:
    """Let this note be the next one, then publish it and carry it out."""
    wave = item["wave"]
    kept = json.dumps({"note": note.decode(), "places": {str(i): p for i, p in places.items()}})
    write_internal(runtime.files, wave, f"changes/{operator}-{name}", kept.encode())
    under = warrant or Warrant(what, (), {}, (), exists("wave"))
    so_far = equals("changes", item["changes"]) if "changes" in item else missing("changes")
    change = Update(
        "waves",
        {"wave": wave},
        set={"change": {"what": what, "name": name, "by": operator}, **under.set},
        add={"changes": 1},
        remove=under.remove,
        when=all_of(equals("phase", "announced"), missing("change"), so_far, under.when),
    )
    told = (name, f"entries {len(places)}", *under.details)
    act = Act(operator, under.act, f"wave/{wave}", told)
    try:
        audit.write(runtime, act, change)
    except ConditionFailed as failure:
        raise Refused("another operator was quicker: repeat the command") from failure
    return _carry_out(runtime, find(runtime, wave))


def _carry_out(runtime: Runtime, item: Item) -> Changes:
    """Publish the decided note, apply it to every entry, and note the counts."""
    wave, change = item["wave"], item["change"]
    name = f"changes/{change['by']}-{change['name']}"
    kept = json.loads(read_internal(runtime.files, wave, name))
    note: bytes = kept["note"].encode()
    write_beside(runtime.files, wave, change["name"], note)
    places = {int(index): (gate, who) for index, (gate, who) in kept["places"].items()}
    if change["what"] == "remove":
        for removal in open_removals(note, find_pins(runtime)).removed:
            remove_entry(runtime, wave, *places[removal.index], removal.reason)
    else:
        for step in open_promotions(note, find_pins(runtime)).steps:
            if step.removed is not None:
                promote_entry(runtime, wave, *places[step.index])
    changes = read(runtime, wave)
    done = Update(
        "waves",
        {"wave": wave},
        set={"after_draw": summary(changes)},
        remove=("change",),
        when=equals("change.name", change["name"]),
    )
    try:
        runtime.tables.write(done)
    except ConditionFailed as failure:
        raise Refused("another operator has carried it out: look with `wave show`") from failure
    return changes


def summary(changes: Changes) -> dict[str, int | None]:
    """What `wave show` says of the time after the draw; `until` in milliseconds.

    Places that are open when it is past go to the next wave's quota.
    """
    standing = changes.standing
    return {
        "removed": len(standing.removed),
        "promoted": len(standing.promoted),
        "open_places": len(standing.open_places),
        "waiting": len(standing.waiting),
        "until": None if standing.until is None else standing.until * SECOND,
    }


def told(changes: Changes) -> str:
    """Where a wave stands after its notes, in one line."""
    facts = summary(changes)
    return ", ".join(f"{name.replace('_', ' ')} {facts[name]}" for name in list(facts)[:4])


def read(runtime: Runtime, wave: int) -> Changes:
    """The notes of a wave as they are public, checked. Raises Refused."""

    def find_file(name: str) -> bytes | None:
        return find_beside(runtime.files, wave, name)

    try:
        return read_changes(find_file, find_pins(runtime))
    except VerificationError as error:
        raise Refused(f"the notes of wave {wave} do not hold: {error}") from error


def _entry_of(runtime: Runtime, item: Item, who: str) -> Item:
    """An announced entry by its applicant's NIK or id."""
    applicant = who
    if len(who) == 16:
        claim = runtime.tables.get("claims", {"claim": f"nik#{runtime.vault.mac('nik', who)}"})
        applicant = (claim or {}).get("applicant", "")
    key = {"applicant": applicant or "-"}
    readiness = runtime.tables.get("readiness", key, only=("entries",)) or {}
    shard = readiness.get("entries", {}).get(str(item["wave"]))
    if shard is None:
        raise Refused("one of these people has no entry in this wave")
    gate = gate_name(item["wave"], wave_shard(shard, item["shards"]))
    entry = runtime.tables.get("entries", {"gate": gate, "applicant": applicant})
    if entry is None or "index" not in entry:
        raise Refused("one of these people has no entry in this wave")
    return entry


def _reserves(runtime: Runtime, item: Item) -> Places:
    """Where the entries on reserve are; found once by going through all gates."""
    wave = item["wave"]
    try:
        kept = json.loads(read_internal(runtime.files, wave, RESERVES))
    except FileMissing:
        kept = {
            str(entry["index"]): [gate, entry["applicant"]]
            for gate in (gate_name(wave, shard) for shard in range(item["shards"]))
            for entry in runtime.tables.query("entries", gate)
            if entry.get("outcome") == 2 or "promoted_at" in entry
        }
        write_internal(runtime.files, wave, RESERVES, json.dumps(kept).encode())
    return {int(index): (gate, applicant) for index, (gate, applicant) in kept.items()}


def _signer(runtime: Runtime) -> Signer:
    seed = runtime.vault.seed("operator")
    return Signer(find_pins(runtime).operator.name, ED25519, seed)
