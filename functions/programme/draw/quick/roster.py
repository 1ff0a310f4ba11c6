"""The frozen list by columns, held to the same rules as by the plain `roster` (§3)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.quick.listing import Listing, Stretch, record_blocks
from functions.programme.draw.roster import ELIGIBLE, EXCLUDED, RECORD_SIZE

Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Indexes = npt.NDArray[np.uint32]

# The commitment in two parts: the first eight bytes nearly always tell which of two is greater.
_RECORD = np.dtype(
    [
        *(("head", ">u8"), ("tail", "V24"), ("group", ">u4")),
        *(("room", "u1"), ("pool", "u1"), ("status", "u1"), ("zero", "u1")),
    ]
)
_COMMITMENT_SIZE = 32
_INDEX_BITS = np.uint64(32)
_INDEX_MASK = np.uint64(2**32 - 1)


@dataclass(frozen=True)
class Families:
    """The families with a group, numbered from 1 in ascending order of group.

    `of` has a record's family, 0 for none. The rest is by family, beginning with family 1:
    `room`, how many of its entries are on the list (`sizes`), and which ones: `members` has the
    indexes of all, family after family.
    """

    of: Indexes
    room: Bytes
    sizes: Indexes
    members: Indexes


@dataclass(frozen=True)
class Roster:
    """A roster that keeps the rules, by columns in roster order. `pool` is 0 or 1-based."""

    eligible: Flags
    pool: Bytes
    families: Families

    def __len__(self) -> int:
        return len(self.eligible)


@dataclass
class _Faults:
    """The first record against each rule: what the plain reading would have met first."""

    first: dict[str, int] = field(default_factory=dict)

    def note(self, rule: str, start: int, wrong: Flags) -> None:
        """Records from `start` on break a rule where `wrong` is true; the first ever counts."""
        if rule not in self.first and wrong.any():
            self.first[rule] = start + int(wrong.argmax())

    def check(self) -> None:
        """Raise what `parse_roster` raises of such a list; it reads it twice, last bytes first."""
        if "zero" in self.first:
            raise VerificationError("roster_record", index=self.first["zero"])
        # Of one record it looks at the order first, then at its fields, then at its family.
        found = [
            (self.first[rule], place, code)
            for place, (rule, code) in enumerate(
                (("order", "roster_order"), ("record", "roster_record"), ("room", "roster_room"))
            )
            if rule in self.first
        ]
        if found:
            index, _, code = min(found)
            raise VerificationError(code, index=index)


def parse_roster(listing: Listing, family_limit: int, pools: int) -> Roster:
    """The columns of a roster; `pools` is how many pools the wave has.

    Errors: those of the plain `parse_roster`, and the same one of several.
    """
    n, rest = divmod(len(listing), RECORD_SIZE)
    if rest:
        raise VerificationError("roster_size", bytes=len(listing))
    eligible, pool = np.empty(n, np.bool_), np.empty(n, np.uint8)
    group, room = np.empty(n, np.uint32), np.empty(n, np.uint8)
    faults, before = _Faults(), b""
    for start, block in record_blocks(listing, RECORD_SIZE):
        records = np.frombuffer(block, _RECORD)
        span = slice(start, start + len(records))
        group[span], room[span] = records["group"], records["room"]
        pool[span], status = records["pool"], records["status"].copy()
        np.equal(status, ELIGIBLE, out=eligible[span])
        faults.note("zero", start, records["zero"] != 0)
        faults.note("order", start, _not_after(records["head"], block, before))
        wrong = _against_the_rules(status, group[span], room[span], pool[span], family_limit, pools)
        faults.note("record", start, wrong)
        before = _commitment(block, len(records) - 1)
    families = _families(group, room, faults)
    return Roster(eligible, pool, families)


def _not_after(heads: npt.NDArray[np.uint64], block: Stretch, before: bytes) -> Flags:
    """Which commitments of a block are not greater than the one before them."""
    native = heads.astype(np.uint64)
    wrong = np.zeros(len(native), np.bool_)
    wrong[1:] = native[1:] <= native[:-1]
    wrong[0] = _commitment(block, 0) <= before
    for at in (np.flatnonzero(native[1:] == native[:-1]) + 1).tolist():
        wrong[at] = _commitment(block, at) <= _commitment(block, at - 1)
    return wrong


def _commitment(block: Stretch, at: int) -> bytes:
    return bytes(block[at * RECORD_SIZE : at * RECORD_SIZE + _COMMITMENT_SIZE])


def _against_the_rules(
    status: Bytes, group: Indexes, room: Bytes, pool: Bytes, family_limit: int, pools: int
) -> Flags:
    """Which records break a rule of one record by itself; see the plain `check_record`."""
    excluded = status == EXCLUDED
    empty = (group == 0) & (room == 0) & (pool == 0)
    in_room = (room == family_limit) | ((group != 0) & (room >= 1) & (room < family_limit))
    eligible = (status == ELIGIBLE) & in_room & (pool <= pools)
    wrong: Flags = ~((excluded & empty) | eligible)
    return wrong


def _families(group: Indexes, room: Bytes, faults: _Faults) -> Families:
    """The families behind the groups; `group` becomes their column `of`.

    Raises what `faults` has found, `roster_room` {index} or `roster_group` {group}.
    """
    words = _group_words(group)
    members = (words & _INDEX_MASK).astype(np.uint32)
    words >>= _INDEX_BITS
    first = np.ones(len(words), np.bool_)
    first[1:] = words[1:] != words[:-1]
    starts = np.flatnonzero(first)
    groups = words[starts].astype(np.uint32)
    del words, first
    sizes = np.diff(starts, append=len(members)).astype(np.uint32)
    rooms = room[members[starts]]
    odd = members[room[members] != np.repeat(rooms, sizes)]
    if len(odd):
        faults.first["room"] = int(odd.min())
    faults.check()
    small = np.flatnonzero(sizes <= rooms)
    if len(small):
        earliest = small[members[starts[small]].argmin()]
        raise VerificationError("roster_group", group=int(groups[earliest]))
    group[members] = np.repeat(np.arange(1, len(sizes) + 1, dtype=np.uint32), sizes)
    return Families(group, rooms, sizes, members)


def _group_words(group: Indexes) -> npt.NDArray[np.uint64]:
    """Group and index of each record with a group, in one word each, in ascending order."""
    indexes = np.flatnonzero(group).astype(np.uint32)
    words: npt.NDArray[np.uint64] = group[indexes].astype(np.uint64)
    words <<= _INDEX_BITS
    words |= indexes
    words.sort()
    return words
