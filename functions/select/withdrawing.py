"""Withdrawing from an open wave: the join undone in one transaction, and told by mail.

The entry goes, the gate counts one less. What stays is a note beside the applicant's readiness,
which entry and when, by which the receipt that they may still hold can be answered.
"""

from __future__ import annotations

from typing import Any

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    ConditionFailed,
    Delete,
    Item,
    Update,
    all_of,
    at_most,
    contains,
    equals,
    greater,
    missing,
)
from functions.programme.tally import weight
from functions.programme.times import iso
from functions.select.joining import letter_id
from functions.select.waves import find_opened, find_wave
from functions.web.errors import Conflict, NotFound, Unavailable

GATE, READY, ENTRY = 0, 1, 2
READS = 2


def withdraw(runtime: Runtime, applicant: str, wave: int) -> dict[str, Any]:
    """Take an applicant out of an open wave: {`wave`, `withdrawn_at`}; again, the same.

    Raises NotFound `wave_unknown`, `entry_unknown`; Conflict `wave_closed`; Unavailable.
    """
    opened = find_opened(runtime, wave)
    if opened is None:
        find_wave(runtime, wave)
        raise NotFound("entry_unknown")
    for _ in range(READS):
        readiness = runtime.tables.get("readiness", {"applicant": applicant}) or {}
        shard = readiness.get("entries", {}).get(str(wave))
        noted = readiness.get("withdrawn", {}).get(str(wave))
        if shard is None and noted is None:
            raise NotFound("entry_unknown")
        if shard is None:
            return {"wave": wave, "withdrawn_at": iso(noted["at"])}
        place = {"gate": opened.gate(shard), "applicant": applicant}
        entry = runtime.tables.get("entries", place)
        if entry is not None:
            _try(runtime, readiness, entry, wave)
    raise Unavailable()


def _try(runtime: Runtime, readiness: Item, entry: Item, wave: int) -> None:
    """One transaction; a fresh look tells what became of it. Raises Conflict `wave_closed`."""
    now, applicant = runtime.clock(), entry["applicant"]
    before = readiness.get("withdrawn")
    note = {"entry": entry["entry"], "request": entry["request"], "at": now}
    letter = Letter(
        message=letter_id(f"withdrawn-{entry['entry']}", wave, applicant),
        channel="mail",
        template="withdrawn",
        applicant=applicant,
        parameters={"wave": wave},
    )
    gate = Update(
        "gates",
        {"gate": entry["gate"]},
        add={"entries": -1, "weights": -weight(entry["commitment"])},
        when=all_of(equals("open", True), at_most("opens_at", now), greater("closes_at", now)),
    )
    ready = Update(
        "readiness",
        {"applicant": applicant},
        set={"withdrawn": {**(before or {}), str(wave): note}},
        remove=(f"entries.{wave}",),
        discard={"open_waves": {wave}},
        when=all_of(
            contains("open_waves", wave),
            missing("withdrawn") if before is None else equals("withdrawn", before),
        ),
    )
    gone = Delete(
        "entries",
        {"gate": entry["gate"], "applicant": applicant},
        when=equals("entry", entry["entry"]),
    )
    try:
        runtime.tables.write(gate, ready, gone, row(runtime.vault, letter, now))
    except ConditionFailed as error:
        if GATE in error.failed and ENTRY not in error.failed:
            raise Conflict("wave_closed") from error
        return
    hurry(runtime.queues, letter.message)
