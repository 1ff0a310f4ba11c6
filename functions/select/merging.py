"""The merge of the shards' segments into one roster, in memory that does not grow with it.

Each segment is sorted, so the roster is their merge. Of each a block is held as one array; in
every round all records up to a cut are taken out of the blocks, sorted and handed on, where the
cut is the lowest record that ends a block with more to come. The list goes to the bucket in
parts and to the tree in chunks as it is made. What grows with it are four bytes for each entry:
the place of every record on the roster, which the announcement looks up by shard.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from functions.programme.draw.published import ROSTER
from functions.programme.draw.roster import RECORD_SIZE
from functions.programme.draw.tree import CHUNK_RECORDS, leaf_hashes, root_of
from functions.select.folder import (
    ROSTER_LEAVES,
    read_internal_span,
    write_internal,
    write_public_parts,
)
from functions.select.places import places_file, write_places
from functions.select.segments import COUNT_SIZE
from functions.select.turn import StepBlocked, Turn

# Of each segment so many records are held; a thousand shards then take 64 MB.
BLOCK_RECORDS = 1600
# The end of a span that goes to the end of its file.
REST = 1 << 40

# A record is five big-endian numbers of 64 bits, the first four of them its commitment.
WORDS = RECORD_SIZE // 8
COMMITMENT_WORDS = 4
Records = NDArray[np.uint64]


@dataclass(frozen=True)
class Share:
    """One shard's segment: its name and how many records it has."""

    segment: str
    count: int


@dataclass(frozen=True)
class Merged:
    """The whole roster: how many entries, and its root."""

    entries: int
    root: bytes


def merge(turn: Turn, shares: Sequence[Share], xor: bytes) -> Merged:
    """Write `roster.bin`, its leaves and its places; nothing is published unless all agrees.

    `xor` is that of all commitments which the shards have read. Raises StepBlocked when a record
    is lost, stands twice or was changed; LeaseLost when the wave has moved on meanwhile.
    """
    made = _Merge(turn, shares)
    expected = sum(share.count for share in shares)

    def parts() -> Iterator[bytes]:
        for block in made.blocks():
            made.hash(block)
            yield block
        made.hash_rest()
        if made.count != expected or made.xor.astype(">u8").tobytes() != xor:
            raise StepBlocked(f"wave {turn.wave}: {expected} entries but {made.count} records")
        turn.lease.confirm()

    write_public_parts(turn.runtime.files, turn.wave, ROSTER, parts())
    root = root_of(made.leaves)
    write_internal(turn.runtime.files, turn.wave, ROSTER_LEAVES, b"".join(made.leaves))
    write_places(turn.runtime.files, turn.wave, root, places_file(made.places()))
    return Merged(made.count, root)


class _Merge:
    """One merge under way: what was handed on so far."""

    def __init__(self, turn: Turn, shares: Sequence[Share]):
        self._turn = turn
        self._streams = [_Stream(turn, share) for share in shares]
        self._last: Records = np.zeros(COMMITMENT_WORDS, np.uint64)
        self._unhashed = b""
        self.leaves: list[bytes] = []
        self.count = 0
        self.xor: Records = np.zeros(COMMITMENT_WORDS, np.uint64)

    def blocks(self) -> Iterator[bytes]:
        """The roster's bytes, block by block."""
        live = self._streams
        while live:
            hungry = [stream for stream in live if stream.hungry]
            self._turn.side_by_side(_Stream.fill, hungry)
            live = [stream for stream in live if len(stream.held)]
            if live:
                yield self._round(live)

    def places(self) -> list[bytes]:
        """For each shard the places of its records on the roster, each a big-endian u32."""
        return [b"".join(stream.places) for stream in self._streams]

    def hash(self, block: bytes) -> None:
        """Take the next bytes of the roster into the tree."""
        held = self._unhashed + block
        whole = len(held) - len(held) % (CHUNK_RECORDS * RECORD_SIZE)
        self.leaves += leaf_hashes(memoryview(held)[:whole], RECORD_SIZE)
        self._unhashed = held[whole:]

    def hash_rest(self) -> None:
        """The last chunk, which may be shorter."""
        self.leaves += leaf_hashes(self._unhashed, RECORD_SIZE)
        self._unhashed = b""

    def _round(self, live: list[_Stream]) -> bytes:
        cut = _lowest(stream.held[-1] for stream in live if stream.left)
        taken = [stream.take(cut) for stream in live]
        records = np.concatenate(taken)
        order = _order(records)
        self._place(live, taken, order)
        records = records[order]
        self._check(records)
        self.count += len(records)
        self.xor ^= np.bitwise_xor.reduce(records[:, :COMMITMENT_WORDS], axis=0)
        return records.astype(">u8").tobytes()

    def _place(self, live: list[_Stream], taken: list[Records], order: NDArray[np.intp]) -> None:
        """Note where the records of each stream stand, who are `taken` one stream after another."""
        place = np.empty(len(order), ">u4")
        place[order] = np.arange(self.count, self.count + len(order), dtype=np.uint32)
        start = 0
        for stream, part in zip(live, taken, strict=True):
            stream.places.append(place[start : start + len(part)].tobytes())
            start += len(part)

    def _check(self, records: Records) -> None:
        """Every commitment is above the one before it."""
        commitments = np.vstack([self._last, records[:, :COMMITMENT_WORDS]])
        first, second = commitments[:-1, 0], commitments[1:, 0]
        if (first > second).any() or (commitments[:-1] == commitments[1:]).all(axis=1).any():
            raise StepBlocked(f"wave {self._turn.wave}: a commitment stands twice")
        self._last = commitments[-1]


@dataclass
class _Stream:
    """A segment that is read from its first record to its last.

    `held`: records read and not yet taken. `left`: how many are still in the bucket.
    """

    turn: Turn
    share: Share
    held: Records = field(default_factory=lambda: np.empty((0, WORDS), np.uint64))
    places: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.left = self.share.count
        self._digest = hashlib.sha256(self.share.count.to_bytes(COUNT_SIZE, "big"))

    @property
    def hungry(self) -> bool:
        """Whether it is worth a request to hold more."""
        return bool(self.left) and len(self.held) < BLOCK_RECORDS // 2

    def fill(self) -> None:
        """Hold a block again. Raises StepBlocked at the end if the segment is not the one named."""
        count = min(self.left, BLOCK_RECORDS - len(self.held))
        start = COUNT_SIZE + RECORD_SIZE * (self.share.count - self.left)
        self.left -= count
        stop = start + RECORD_SIZE * count
        # The reasons follow the last record; they too are under the digest in the name.
        span = range(start, stop if self.left else REST)
        data = read_internal_span(self.turn.runtime.files, self.turn.wave, self.share.segment, span)
        self._digest.update(data)
        if not self.left and not self.share.segment.endswith(self._digest.hexdigest()):
            raise StepBlocked(f"segment {self.share.segment} was changed")
        read = np.frombuffer(data, ">u8", count * WORDS).reshape(count, WORDS)
        self.held = np.concatenate([self.held, read.astype(np.uint64)])

    def take(self, cut: Records | None) -> Records:
        """The held records up to `cut`, or all; they are not held any more."""
        end = len(self.held) if cut is None else _upto(self.held, cut)
        taken, self.held = self.held[:end], self.held[end:]
        return taken


def _lowest(records: Iterator[Records]) -> Records | None:
    lowest = min((tuple(map(int, record)) for record in records), default=None)
    return None if lowest is None else np.array(lowest, np.uint64)


def _upto(held: Records, cut: Records) -> int:
    """How many of the sorted records are at most `cut`."""
    start = int(np.searchsorted(held[:, 0], cut[0], side="left"))
    end = int(np.searchsorted(held[:, 0], cut[0], side="right"))
    equal = [tuple(map(int, record)) for record in held[start:end]]
    return start + sum(record <= tuple(map(int, cut)) for record in equal)


def _order(records: Records) -> NDArray[np.intp]:
    """The order that sorts records; ties of the first word are rare, and settled by the others."""
    order = np.argsort(records[:, 0])
    first = records[order, 0]
    if (first[1:] == first[:-1]).any():
        return np.lexsort(tuple(records[:, word] for word in reversed(range(WORDS))))
    return order
