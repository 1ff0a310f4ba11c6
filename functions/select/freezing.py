"""closed → frozen: every acknowledged entry gets its record, and the roster its root."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from functions.cloud.tables import (
    ConditionFailed,
    Item,
    Tables,
    Update,
    all_of,
    exists,
    missing,
)
from functions.programme.draw.published import ROSTER
from functions.programme.draw.roster import RECORD_SIZE, parse_roster
from functions.programme.draw.tree import ChunkTree
from functions.programme.freeze import Entrant, Ledgers, freeze_shard
from functions.programme.waves import waits_for
from functions.select.folder import ROSTER_LEAVES, write_internal, write_public
from functions.select.lease import LeaseLost
from functions.select.proofs import leaves_of
from functions.select.segments import read_segment, segment_of, write_segment
from functions.select.turn import StepBlocked, Turn

log = logging.getLogger("gelombang.select.freezing")


def freeze(turn: Turn) -> Turn | None:
    """Freeze a closed wave; None while earlier waves are not over, or shards are left."""
    if _earlier_waves(turn):
        return None
    key = turn.runtime.vault.open("waves", str(turn.wave), "freeze_key", turn.item["freeze_key"])
    freezer = _ShardFreezer(turn, bytes.fromhex(key))
    if not turn.each(freezer.freeze, range(len(turn.gates))):
        return None
    return merge(turn)


def _earlier_waves(turn: Turn) -> list[int]:
    others = {
        item["wave"]: (item["phase"], item["closes_at"])
        for item in turn.runtime.tables.scan("waves")
    }
    return waits_for(turn.wave, turn.item["closes_at"], others)


class _ShardFreezer:
    """Freezes shards of one wave, in any order and as often as it takes.

    First a segment is decided and the gate says which; from then on the decisions stand,
    though a ledger may change. Then each entry is told its record; then the gate counts.
    """

    def __init__(self, turn: Turn, freeze_key: bytes):
        self._turn = turn
        self._tables = turn.runtime.tables
        self._files = turn.runtime.files
        self._key = freeze_key
        self._family_limit = turn.pins.family_limit

    def freeze(self, shard: int) -> None:
        """Freeze one shard. Raises StepBlocked when entries and the gate's count differ."""
        name = self._turn.gates[shard]
        gate = self._turn.gate(name)
        if "frozen" in gate:
            return
        entries = list(self._tables.query("entries", name))
        if len(entries) != gate["entries"]:
            log.error(
                "wave %s: gate %s counts %s entries, found %s",
                *(self._turn.wave, name, gate["entries"], len(entries)),
            )
            raise StepBlocked(f"gate {name} counts {gate['entries']}, found {len(entries)}")
        chosen = gate["segment"] if "segment" in gate else self._decide(shard, name, entries)
        segment = read_segment(self._files, self._turn.wave, chosen)
        owners = {bytes(entry["commitment"]): entry["applicant"] for entry in entries}
        for record, reasons in segment.decisions():
            self._tell(name, owners[record.commitment], record._asdict(), reasons)
        self._mark(name, {"frozen": segment.count})

    def _decide(self, shard: int, gate: str, entries: list[Item]) -> str:
        """The name of the shard's segment: ours, or that of whoever was quicker."""
        decisions = freeze_shard(
            map(entrant_of, entries),
            read_ledgers(self._tables, entries),
            family_limit=self._family_limit,
            shard=shard,
            freeze_key=self._key,
        )
        name = write_segment(self._files, self._turn.wave, shard, segment_of(decisions))
        self._mark(gate, {"segment": name})
        return str(self._turn.gate(gate)["segment"])

    def _tell(self, gate: str, applicant: str, record: Item, reasons: list[str]) -> None:
        told = {name: record[name] for name in ("status", "group", "room", "pool")}
        change = Update(
            "entries",
            {"gate": gate, "applicant": applicant},
            set={"record": {**told, "reasons": reasons}},
            when=all_of(exists("entry"), missing("record")),
        )
        try:
            self._tables.write(change)
        except ConditionFailed as error:
            if error.failed[0] is None:
                raise StepBlocked(f"an entry of gate {gate} is gone") from error

    def _mark(self, gate: str, attributes: Item) -> None:
        """Note a step of the gate once. Raises LeaseLost."""
        (first,) = attributes
        change = Update("gates", {"gate": gate}, set=attributes, when=missing(first))
        try:
            self._tables.write(change, self._turn.lease.guard())
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


def read_ledgers(tables: Tables, entries: Sequence[Item]) -> Ledgers:
    """What the ledgers say of the people and families of some entries."""
    people = {entry["nik_mac"] for entry in entries}
    families = {entry["kk_mac"] for entry in entries}

    def listed(kind: str) -> frozenset[str]:
        return frozenset(
            mac
            for mac in people
            if tables.get("ledgers", {"subject": f"{kind}#{mac}", "member": "-"})
        )

    return Ledgers(
        recipients=listed("recipient"),
        blacklisted=listed("blacklisted"),
        family={mac: sum(1 for _ in tables.query("ledgers", f"family#{mac}")) for mac in families},
    )


def merge(turn: Turn) -> Turn:
    """Put the segments together, publish `roster.bin` and fix its root.

    The list keeps the protocol's rules or nothing is published. Raises StepBlocked when a
    record is lost, VerificationError when a rule is broken.
    """
    files, wave = turn.runtime.files, turn.wave
    expected, records = 0, []
    for name in turn.gates:
        gate = turn.gate(name)
        expected += gate["entries"]
        data = read_segment(files, wave, gate["segment"]).records
        records += [data[at : at + RECORD_SIZE] for at in range(0, len(data), RECORD_SIZE)]
    if len(records) != expected:
        raise StepBlocked(f"wave {wave}: {expected} entries but {len(records)} records")
    records.sort()
    roster = b"".join(records)
    parse_roster(roster, turn.pins.family_limit, len(turn.params.pools))
    write_public(files, wave, ROSTER, roster)
    write_internal(files, wave, ROSTER_LEAVES, leaves_of(roster, RECORD_SIZE))
    root = ChunkTree(roster, RECORD_SIZE).root
    lease = turn.lease.move("frozen", {"entries": len(records), "root": root})
    return turn.with_lease(lease)
