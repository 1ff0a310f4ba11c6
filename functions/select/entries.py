"""Joining a wave, and an applicant's own entries."""

from __future__ import annotations

from typing import Any

from functions.cloud.outbox import hurry
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item
from functions.programme import holds
from functions.programme.draw.params import parse_params
from functions.programme.readiness import missing as missing_steps
from functions.programme.times import iso
from functions.programme.waves import gate_name, wave_shard
from functions.select.joining import (
    ENTRY,
    GATE,
    new_entry,
    open_person,
    receipt_answer,
    transaction,
)
from functions.select.objections import find_objection, objection_answer, objection_until
from functions.select.waves import OpenedWave, find_opened, find_wave, phase_of
from functions.web.errors import Conflict, NotFound, Unavailable

# An applicant who changes their own data in the middle of a join is read a second time.
READS = 2

OUTCOMES = {0: "excluded", 1: "selected", 2: "reserve", 3: "not_selected", 4: "family_limit"}


def join(runtime: Runtime, applicant: str, wave: int, request_key: str) -> dict[str, Any]:
    """Enter an applicant into a wave: {`receipt`, `exclusions`}.

    A repeat with the same `request_key` gets the same answer, even after the close. Raises
    NotFound `wave_unknown`; Conflict `wave_not_open`, `wave_closed`, `not_ready` {missing},
    `held_contested`, `held_disputed`, `held_leaving`, `withdrawn`, `already_joined`,
    `already_recipient`; Unavailable or Busy when too many write at once.
    """
    opened = find_opened(runtime, wave)
    if opened is None:
        find_wave(runtime, wave)
        raise Conflict("wave_not_open")
    request = runtime.vault.mac("request", f"{applicant}|{wave}|{request_key}")
    for _ in range(READS):
        entry = _try(runtime, applicant, opened, request)
        if entry is not None:
            return {
                "receipt": receipt_answer(runtime, wave, entry),
                "exclusions": entry["exclusions"],
            }
    raise Unavailable()


def _try(runtime: Runtime, applicant: str, wave: OpenedWave, request: str) -> Item | None:
    """The applicant's entry: the one that this request made, or None to look again."""
    readiness = runtime.tables.get("readiness", {"applicant": applicant}) or {}
    earlier = _earlier_entry(runtime, applicant, wave, readiness)
    if earlier is not None:
        return _same_request(earlier, request)
    if readiness.get("withdrawn", {}).get(str(wave.wave), {}).get("request") == request:
        raise Conflict("withdrawn")  # a late repeat of a join that was taken back since
    _check_ready(wave, readiness, runtime.clock())
    person = open_person(runtime, readiness)
    gate = wave.gate(readiness["shard"])
    entry = new_entry(runtime, applicant, person, wave, gate, request)
    actions, letter = transaction(runtime, wave, readiness, entry, person.language)
    try:
        runtime.tables.write(*actions)
    except ConditionFailed as error:
        _refused(error.failed, entry["joined_at"])
        return None
    hurry(runtime.queues, letter)
    return entry


def _refused(failed: dict[int, Item | None], now: int) -> None:
    """Say why a transaction was refused; silent when only a fresh look can tell.

    If the own entry is there, from a try whose answer was lost, the join is acknowledged
    whatever became of the gate since: so that is looked at first.
    """
    if GATE in failed and ENTRY not in failed:
        raise _shut(failed[GATE], now)


def _shut(gate: Item | None, now: int) -> Conflict:
    """The refusal of a gate that is not open (any more)."""
    if gate is None or now < gate["opens_at"]:
        return Conflict("wave_not_open")
    return Conflict("wave_closed")


def _same_request(entry: Item, request: str) -> Item:
    if entry["request"] != request:
        raise Conflict("already_joined")
    return entry


def _earlier_entry(
    runtime: Runtime, applicant: str, wave: OpenedWave, readiness: Item
) -> Item | None:
    if str(wave.wave) not in readiness.get("entries", {}):
        return None
    gate = wave.gate(readiness["entries"][str(wave.wave)])
    return runtime.tables.get("entries", {"gate": gate, "applicant": applicant})


def _check_ready(wave: OpenedWave, readiness: Item, now: int) -> None:
    """The refusals that need no transaction. The gate has the last word on time."""
    if now < wave.opens_at:
        raise Conflict("wave_not_open")
    if now >= wave.closes_at:
        raise Conflict("wave_closed")
    if "recipient_of" in readiness:
        raise Conflict("already_recipient")
    lacking = missing_steps(readiness)
    if lacking:
        raise Conflict("not_ready", missing=lacking)
    if "held" in readiness:
        raise _held(readiness)


def _held(readiness: Item) -> Conflict:
    """The refusal of someone who is ready but held back. A contested NIK is told to its card."""
    known = holds.shown(readiness)
    return Conflict(f"held_{known[0]}") if known else Conflict("not_ready", missing=["ktp"])


def list_entries(runtime: Runtime, applicant: str) -> list[dict[str, Any]]:
    """An applicant's entries, newest wave first."""
    return [
        {
            "wave": wave["wave"],
            "phase": phase_of(wave, runtime.clock()),
            "joined_at": iso(entry["joined_at"]),
            "outcome": outcome_answer(wave, entry),
        }
        for wave, entry in _own(runtime, applicant)
    ]


def entry_of(runtime: Runtime, applicant: str, wave: int) -> tuple[Item, Item]:
    """The wave and the applicant's entry in it. Raises NotFound `entry_unknown`."""
    for found, entry in _own(runtime, applicant, wave):
        return found, entry
    raise NotFound("entry_unknown")


def find_entry(runtime: Runtime, applicant: str, wave: int) -> dict[str, Any]:
    """One entry with all that its applicant may know. Raises NotFound `entry_unknown`."""
    item, entry = entry_of(runtime, applicant, wave)
    until = objection_until(runtime, item)
    return {
        "wave": wave,
        "phase": phase_of(item, runtime.clock()),
        "joined_at": iso(entry["joined_at"]),
        "draw_at": iso(item["draw_at"]),
        "receipt": receipt_answer(runtime, wave, entry),
        "exclusions": entry["exclusions"],
        "record": record_answer(item, entry),
        "outcome": outcome_answer(item, entry),
        "objection": objection_answer(runtime, find_objection(runtime, applicant, wave)),
        "objection_until": None if until is None else iso(until),
    }


def record_answer(wave: Item, entry: Item) -> dict[str, Any] | None:
    """The entry's record on the frozen roster, once there is one.

    `shared_by`: how many entries of the family card share its `room`, 0 when nothing is shared.
    """
    if "record" not in entry:
        return None
    record = entry["record"]
    pools = [pool.name for pool in parse_params(wave["params"]).pools]
    return {
        **{name: record[name] for name in ("status", "group", "room", "pool", "reasons")},
        "shared_by": record.get("shared_by", 0),
        "pool_name": pools[record["pool"] - 1] if record["pool"] else None,
    }


def outcome_answer(wave: Item, entry: Item) -> dict[str, Any] | None:
    """What became of an entry and why, once it is announced.

    `pool` is the name of the pool that selected it; `last_rank_pool` belongs to the pool in
    which the entry competed. An entry that was not selected has a higher rank than the last
    ones selected where it competed, unless its family was full.
    """
    if "outcome" not in entry:
        return None
    params = parse_params(wave["params"])
    names = [pool.name for pool in params.pools]
    own_pool, last = entry["record"]["pool"], wave["last_ranks"]
    return {
        "outcome": OUTCOMES[entry["outcome"]],
        "reasons": entry["record"]["reasons"],
        "rank": entry["rank"] or None,
        "pool": names[entry["outcome_pool"] - 1] if entry["outcome_pool"] else None,
        "last_rank_open": last["open"],
        "last_rank_pool": last["pools"][names[own_pool - 1]] if own_pool else None,
        "quota": params.quota,
        "entries": wave["entries"],
        "promoted_at": iso(entry["promoted_at"]) if "promoted_at" in entry else None,
        "removed_for": entry.get("removed_for"),
    }


def _own(runtime: Runtime, applicant: str, only: int | None = None) -> list[tuple[Item, Item]]:
    """(wave, entry) of an applicant, newest wave first; of one wave if `only` names it."""
    readiness = runtime.tables.get("readiness", {"applicant": applicant}) or {}
    joined = {int(wave): shard for wave, shard in readiness.get("entries", {}).items()}
    found = []
    for wave in sorted(joined, reverse=True):
        if only in (None, wave):
            item = find_wave(runtime, wave)
            gate = gate_name(wave, wave_shard(joined[wave], item["shards"]))
            entry = runtime.tables.get("entries", {"gate": gate, "applicant": applicant})
            if entry is not None:
                found.append((item, entry))
    return found
