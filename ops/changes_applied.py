"""What a removal or a promotion changes of one entry: once, in one transaction, and told."""

from __future__ import annotations

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Item,
    Put,
    Update,
    all_of,
    any_of,
    equals,
    exists,
    missing,
)
from functions.programme.draw.allocation import Outcome
from functions.programme.ledgers import BLACKLISTED_FOR
from functions.select.joining import letter_id
from ops.errors import Refused

ENTRY, READINESS = 0, 1


def remove_entry(runtime: Runtime, wave: int, gate: str, applicant: str, reason: str) -> None:
    """Take back a place, or take someone off the reserve. The second time it does nothing.

    Who held a place is a recipient no more, and the family has its room again.
    """
    entry = _entry(runtime, gate, applicant)
    if "removed_at" in entry:
        return
    now = runtime.clock()
    mine = Update(
        "entries",
        {"gate": gate, "applicant": applicant},
        set={"removed_at": now, "removed_for": reason},
        when=all_of(exists("outcome"), missing("removed_at")),
    )
    held = entry["outcome"] == Outcome.SELECTED
    who, there = {"applicant": applicant}, exists("entries")
    person: Action = Check("readiness", who, when=there)
    if held:
        person = Update("readiness", who, remove=("recipient_of",), when=there)
    letter = Letter(
        message=letter_id("removed", wave, applicant),
        channel="mail",
        template="removed",
        applicant=applicant,
        parameters={"wave": wave, "removed_for": reason},
    )
    ledgers: list[Action] = []
    if held:
        ledgers += [
            Delete("ledgers", {"subject": subject, "member": member}, when=_of_wave(wave))
            for subject, member in _ledger_keys(entry)
        ]
    if reason in BLACKLISTED_FOR:
        subject = f"blacklisted#{entry['nik_mac']}"
        ledgers.append(Put("ledgers", {"subject": subject, "member": "-", "reason": reason}))
    _write(runtime, mine, [person, row(runtime.vault, letter, now)], ledgers)
    hurry(runtime.queues, letter.message)


def promote_entry(runtime: Runtime, wave: int, gate: str, applicant: str) -> None:
    """Give a reserve a place: selected in entry, readiness and ledgers, told by mail and SMS."""
    entry = _entry(runtime, gate, applicant)
    if "promoted_at" in entry:
        return
    now = runtime.clock()
    mine = Update(
        "entries",
        {"gate": gate, "applicant": applicant},
        set={"promoted_at": now, "outcome": int(Outcome.SELECTED)},
        when=all_of(equals("outcome", int(Outcome.RESERVE)), missing("promoted_at")),
    )
    person = Update(
        "readiness",
        {"applicant": applicant},
        set={"recipient_of": wave},
        when=all_of(
            exists("entries"), any_of(missing("recipient_of"), equals("recipient_of", wave))
        ),
    )
    letters = [
        Letter(
            message=letter_id(f"promoted-{channel}", wave, applicant),
            channel=channel,
            template="outcome_promoted",
            applicant=applicant,
            parameters={"wave": wave},
        )
        for channel in ("mail", "sms")
    ]
    ledgers: list[Action] = [
        Put(
            "ledgers",
            {"subject": subject, "member": member, "wave": wave},
            when=_of_wave(wave),
        )
        for subject, member in _ledger_keys(entry)
    ]
    rows: list[Action] = [row(runtime.vault, letter, now) for letter in letters]
    _write(runtime, mine, [person, *rows], ledgers)
    hurry(runtime.queues, *(letter.message for letter in letters))


def _write(runtime: Runtime, mine: Update, told: list[Action], ledgers: list[Action]) -> None:
    """All in one transaction; of an account that is gone only what concerns the ledgers."""
    try:
        runtime.tables.write(mine, *told, *ledgers)
    except ConditionFailed as error:
        if error.failed == {READINESS: None}:
            runtime.tables.write(mine, *ledgers)
        elif set(error.failed) != {ENTRY}:
            positions = sorted(error.failed)
            raise Refused(f"an entry cannot be changed ({positions}): look at it") from error


def _ledger_keys(entry: Item) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f"recipient#{entry['nik_mac']}", "-"), (f"family#{entry['kk_mac']}", entry["nik_mac"])


def _of_wave(wave: int) -> Condition:
    return any_of(missing("wave"), equals("wave", wave))


def _entry(runtime: Runtime, gate: str, applicant: str) -> Item:
    entry = runtime.tables.get("entries", {"gate": gate, "applicant": applicant})
    if entry is None:
        raise Refused(f"an entry of gate {gate} is gone")
    return entry
