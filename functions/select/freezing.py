"""closed → frozen: every acknowledged entry gets its record, and the roster its root."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from functions.cloud.tables import (
    ConditionFailed,
    Item,
    Update,
    all_of,
    exists,
    missing,
)
from functions.programme.draw.roster import parse_roster
from functions.programme.freeze import Entrant, Ledgers
from functions.programme.freeze import freeze_shard as decide
from functions.programme.tally import Tally, tally, xor_of
from functions.programme.waves import waits_for
from functions.select import runs
from functions.select.lease import LeaseLost
from functions.select.merging import Share, merge
from functions.select.segments import Segment, read_segment, segment_of, write_segment
from functions.select.turn import StepBlocked, StepUnfinished, Turn

log = logging.getLogger("gelombang.select.freezing")


def freeze(turn: Turn) -> Turn | None:
    """Begin the freeze of a closed wave, unless earlier waves are not over; None either way."""
    others = {
        item["wave"]: (item["phase"], item["closes_at"])
        for item in turn.runtime.tables.scan("waves")
    }
    if not waits_for(turn.wave, turn.item["closes_at"], others):
        runs.begin(turn)
    return None


def freeze_shard(turn: Turn, shard: int) -> None:
    """Freeze one shard, in any order and as often as it takes.

    First a segment is decided and the gate says which; from then on the decisions stand,
    though a ledger may change. Then each entry is told its record; then the gate counts.
    Raises StepBlocked when the entries are not those that the gate has counted.
    """
    name = turn.gates[shard]
    gate = turn.gate(name)
    if "frozen" in gate:
        return
    entries = list(turn.runtime.tables.query("entries", name))
    found = tally(entry["commitment"] for entry in entries)
    _check_gate(turn.wave, gate, found)
    chosen = gate.get("segment") or _decide(turn, shard, name, entries)
    segment = read_segment(turn.runtime.files, turn.wave, chosen)
    if tally(segment.commitments()) != found:
        raise StepBlocked(f"the segment of gate {name} holds other entries")
    if not _tell(turn, name, entries, segment):
        raise StepUnfinished(f"gate {name}: entries are left")
    _mark(turn, name, {"frozen": found.count, "xor": found.xor})


def _check_gate(wave: int, gate: Item, found: Tally) -> None:
    """The gate counted each join in the join's own transaction, and added up the weights."""
    counted = (gate["entries"], gate.get("weights", 0))
    if counted == (found.count, found.weights):
        return
    name = gate["gate"]
    log.error(
        "wave %s: gate %s counts %s entries, found %s; same weights: %s",
        *(wave, name, gate["entries"], found.count, counted[1] == found.weights),
    )
    raise StepBlocked(f"gate {name} counts {gate['entries']}, found {found.count}, or others")


def _decide(turn: Turn, shard: int, gate: str, entries: list[Item]) -> str:
    """The name of the shard's segment: ours, or that of whoever was quicker.

    A segment keeps the roster's rules by itself, groups and all, since a family lies in one shard.
    Raises VerificationError if it does not, and decides nothing.
    """
    vault, limit = turn.runtime.vault, turn.pins.family_limit
    key = vault.open("waves", str(turn.wave), "freeze_key", turn.item["freeze_key"])
    decisions = decide(
        map(entrant_of, entries),
        read_ledgers(turn, entries),
        family_limit=limit,
        shard=shard,
        freeze_key=bytes.fromhex(key),
    )
    segment = segment_of(decisions)
    parse_roster(segment.records, limit, len(turn.params.pools))
    name = write_segment(turn.runtime.files, turn.wave, shard, segment)
    _mark(turn, gate, {"segment": name})
    return str(turn.gate(gate)["segment"])


def _tell(turn: Turn, gate: str, entries: list[Item], segment: Segment) -> bool:
    """Write each entry's record beside it; whether all have theirs."""
    untold = {bytes(e["commitment"]): e["applicant"] for e in entries if "record" not in e}

    def tell(decision: tuple[str, Item]) -> None:
        applicant, record = decision
        change = Update(
            "entries",
            {"gate": gate, "applicant": applicant},
            set={"record": record},
            when=all_of(exists("entry"), missing("record")),
        )
        try:
            turn.runtime.tables.write(change)
        except ConditionFailed as error:
            if error.failed[0] is None:
                raise StepBlocked(f"an entry of gate {gate} is gone") from error

    decisions = segment.decisions()
    families = Counter(record.group for record, _ in decisions if record.group)
    told = [
        (
            untold[record.commitment],
            {
                "status": record.status,
                "group": record.group,
                "room": record.room,
                "pool": record.pool,
                "reasons": reasons,
                **({"shared_by": families[record.group]} if record.group else {}),
            },
        )
        for record, reasons in decisions
        if record.commitment in untold
    ]
    return turn.each(tell, told)


def _mark(turn: Turn, gate: str, attributes: Item) -> None:
    """Note a step of the gate once. Raises LeaseLost."""
    first = next(iter(attributes))
    change = Update("gates", {"gate": gate}, set=attributes, when=missing(first))
    try:
        turn.runtime.tables.write(change, turn.lease.guard())
    except ConditionFailed as error:
        if 1 in error.failed:
            raise LeaseLost(f"gate {gate}: lease is over") from error


def entrant_of(entry: Item) -> Entrant:
    """What the freeze looks at of an entry item."""
    return Entrant(
        applicant=entry["applicant"],
        commitment=entry["commitment"],
        nik_mac=entry["nik_mac"],
        kk_mac=entry["kk_mac"],
        pool=entry["pool"],
        exclusions=tuple(entry["exclusions"]),
    )


def read_ledgers(turn: Turn, entries: Sequence[Item]) -> Ledgers:
    """What the ledgers say of the people and families of some entries."""
    tables = turn.runtime.tables
    people = sorted({entry["nik_mac"] for entry in entries})
    families = sorted({entry["kk_mac"] for entry in entries})

    def listed(kind: str) -> frozenset[str]:
        keys = [{"subject": f"{kind}#{mac}", "member": "-"} for mac in people]
        found = tables.get_many("ledgers", keys)
        return frozenset(item["subject"].split("#", 1)[1] for item in found)

    def recipients_of(family: str) -> int:
        return sum(1 for _ in tables.query("ledgers", f"family#{family}"))

    return Ledgers(
        recipients=listed("recipient"),
        blacklisted=listed("blacklisted"),
        family=dict(zip(families, turn.side_by_side(recipients_of, families), strict=True)),
    )


def end(turn: Turn) -> None:
    """Merge the segments of all shards into `roster.bin`, publish it and fix its root.

    Every shard's count and XOR, from the entries that it read, must come to those of the merged
    list, or nothing is published. Raises StepBlocked when they do not or a shard is left, and
    LeaseLost.
    """
    gates = {gate["gate"]: gate for gate in _gates(turn)}
    left = [name for name in turn.gates if "frozen" not in gates.get(name, {})]
    if left:
        raise StepBlocked(f"wave {turn.wave}: {len(left)} gates are not frozen, such as {left[0]}")
    in_order = [gates[name] for name in turn.gates]
    shares = [Share(gate["segment"], gate["frozen"]) for gate in in_order]
    xor = xor_of(gate["xor"] for gate in in_order)
    merged = merge(turn, shares, xor)
    turn.lease.move("frozen", asdict(merged))


def _gates(turn: Turn) -> list[Item]:
    return turn.runtime.tables.get_many("gates", [{"gate": name} for name in turn.gates])
