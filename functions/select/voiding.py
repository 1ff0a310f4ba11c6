"""A void wave: its note is public, nobody joins any more, everyone who had joined is told once."""

from __future__ import annotations

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, all_of, equals, exists, missing
from functions.programme.draw.void import VOID_NOTE
from functions.programme.waves import gate_name
from functions.select.beside import write_beside
from functions.select.joining import letter_id
from functions.select.lease import Lease
from functions.select.turn import StepBlocked

# Positions in the transaction, by which a refusal is told.
ENTRY, READINESS = 0, 1


def tell(lease: Lease, ends_at: int) -> bool:
    """Publish the note, shut the gates, tell the applicants; False when time ran out."""
    runtime, wave = lease.runtime, lease.wave
    write_beside(runtime.files, wave, VOID_NOTE, lease.item["void_note"])
    gates = [gate_name(wave, shard) for shard in range(lease.item["shards"])]
    for gate in gates:
        _once(runtime, Update("gates", {"gate": gate}, {"open": False}, when=equals("open", True)))
    for gate in gates:
        if runtime.clock() >= ends_at:
            return False
        lease.renew()
        _tell_gate(runtime, wave, gate)
    return True


def _tell_gate(runtime: Runtime, wave: int, name: str) -> None:
    gate = runtime.tables.get("gates", {"gate": name}) or {}
    if "void_told_at" in gate:
        return
    entries = list(runtime.tables.query("entries", name))
    if len(entries) != gate.get("entries", 0):
        raise StepBlocked(f"gate {name} counts {gate.get('entries', 0)}, found {len(entries)}")
    for entry in entries:
        if "void_told_at" not in entry:
            _tell_entry(runtime, wave, entry)
    told = {"void_told_at": runtime.clock()}
    _once(runtime, Update("gates", {"gate": name}, set=told, when=missing("void_told_at")))


def _tell_entry(runtime: Runtime, wave: int, entry: Item) -> None:
    """One transaction: the entry, the readiness that is free again, the letter."""
    now = runtime.clock()
    letter = Letter(
        message=letter_id("void", wave, entry["applicant"]),
        channel="mail",
        template="wave_void",
        applicant=entry["applicant"],
        parameters={"wave": wave},
    )
    mine = Update(
        "entries",
        {"gate": entry["gate"], "applicant": entry["applicant"]},
        set={"void_told_at": now},
        when=all_of(exists("entry"), missing("void_told_at")),
    )
    free = Update(
        "readiness",
        {"applicant": entry["applicant"]},
        discard={"open_waves": {wave}},
        when=exists("entries"),
    )
    try:
        runtime.tables.write(mine, free, row(runtime.vault, letter, now))
    except ConditionFailed as error:
        if error.failed == {READINESS: None}:
            _once(runtime, mine)  # the account is gone: nobody to tell
        elif ENTRY not in error.failed:
            raise
        return
    hurry(runtime.queues, letter.message)


def _once(runtime: Runtime, change: Update) -> None:
    try:
        runtime.tables.write(change)
    except ConditionFailed:
        return
