"""The frozen list of entries: 40 bytes each, in ascending order of commitment (§3)."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from functions.programme.draw.errors import VerificationError

RECORD_SIZE = 40
ELIGIBLE, EXCLUDED = 0, 1
_RECORD = struct.Struct(">32sIBBBB")


class RosterRecord(NamedTuple):
    """One entry. `group` is 0, or shared by a family with more eligible entries than `room`.

    `room` is how many of the family may still be taken, `pool` 0 or the 1-based pool, `status`
    ELIGIBLE or EXCLUDED. A tuple, because a roster has millions of them.
    """

    commitment: bytes
    group: int
    room: int
    pool: int
    status: int


def roster_bytes(records: Iterable[RosterRecord]) -> bytes:
    """`roster.bin`: the records in ascending order of commitment."""
    return b"".join(_RECORD.pack(*record, 0) for record in sorted(records))


def parse_roster(data: bytes, family_limit: int, pools: int) -> list[RosterRecord]:
    """The records of `roster.bin`, in its order; `pools` is how many pools the wave has.

    Errors, each with the `index` of the record but the first and the last: `roster_size`,
    `roster_order`, `roster_record`, `roster_room` (a family with two rooms), `roster_group` {group}
    (a group that its room would hold anyway, so it should be 0).
    """
    records = parse_records(data)
    rooms: dict[int, int] = {}
    members: Counter[int] = Counter()
    before = b""
    for index, record in enumerate(records):
        if record.commitment <= before:
            raise VerificationError("roster_order", index=index)
        before = record.commitment
        check_record(record, family_limit, pools, index)
        if record.group:
            members[record.group] += 1
            if rooms.setdefault(record.group, record.room) != record.room:
                raise VerificationError("roster_room", index=index)
    for group, room in rooms.items():
        if members[group] <= room:
            raise VerificationError("roster_group", group=group)
    return records


def parse_records(data: bytes) -> list[RosterRecord]:
    """Records without the rules that bind them. Errors: `roster_size`, `roster_record` {index}."""
    if len(data) % RECORD_SIZE:
        raise VerificationError("roster_size", bytes=len(data))
    records = []
    for index, (*parts, last) in enumerate(_RECORD.iter_unpack(data)):
        if last:
            raise VerificationError("roster_record", index=index)
        records.append(RosterRecord(*parts))
    return records


def family_records(
    eligible: Sequence[tuple[bytes, int]], room: int, family_limit: int, group: int
) -> list[RosterRecord]:
    """The records of one KK's eligible entries, given as (commitment, pool).

    `room` is family_limit less the KK's earlier recipients, at least 1 (without room the entries
    are excluded, see `excluded_record`). `group` is the random number, unique in the wave, that
    the family gets if it has more entries than room; otherwise it stays 0 and nothing tells
    families apart.
    """
    if len(eligible) <= room:
        group, room = 0, family_limit
    return [RosterRecord(commitment, group, room, pool, ELIGIBLE) for commitment, pool in eligible]


def excluded_record(commitment: bytes) -> RosterRecord:
    """The record of an entry that does not take part; the roster does not tell why."""
    return RosterRecord(commitment, 0, 0, 0, EXCLUDED)


def check_record(record: RosterRecord, family_limit: int, pools: int, index: int) -> None:
    """The rules of one record by itself. Error: `roster_record` {index}."""
    _, group, room, pool, status = record
    if status == EXCLUDED:
        holds = group == room == pool == 0
    else:
        rooms = range(1, family_limit + 1) if group else (family_limit,)
        holds = status == ELIGIBLE and pool <= pools and room in rooms
    if not holds:
        raise VerificationError("roster_record", index=index)
