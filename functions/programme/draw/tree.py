"""The tree of hashes over chunks of 256 records (§4), with the shape of RFC 6962 §2.1.

That shape is the same as pairing neighbours level by level and carrying an odd last node up, so
the tree is kept as its levels: one proof costs as many steps as the tree is high.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from functions.programme.draw.errors import VerificationError

CHUNK_RECORDS = 256


class ChunkTree:
    """A tree over `data`, a whole number of records of `record_size` bytes."""

    def __init__(self, data: bytes, record_size: int) -> None:
        self._data = data
        self._chunk_size = record_size * CHUNK_RECORDS
        self.records = len(data) // record_size
        self._levels = [leaf_hashes(data, record_size)]
        while len(self._levels[-1]) > 1:
            self._levels.append(_pair(self._levels[-1]))

    @property
    def root(self) -> bytes:
        """The root; of nothing, H("")."""
        return root_of(self._levels[-1])

    def chunk(self, leaf: int) -> bytes:
        """The bytes under a leaf (0, 1, …)."""
        return self._data[leaf * self._chunk_size : (leaf + 1) * self._chunk_size]

    def path(self, leaf: int) -> list[bytes]:
        """The hashes beside the way from a leaf to the root, lowest first."""
        beside = []
        for level in self._levels[:-1]:
            sibling = leaf ^ 1
            if sibling < len(level):
                beside.append(level[sibling])
            leaf >>= 1
        return beside


def leaf_hash(chunk: bytes | memoryview) -> bytes:
    """H(0x00 || chunk)."""
    leaf = hashlib.sha256(b"\x00")
    leaf.update(chunk)
    return leaf.digest()


def leaf_hashes(data: bytes | memoryview, record_size: int) -> list[bytes]:
    """The leaves over `data`, which begins where a chunk begins: a list may be hashed in parts."""
    size = record_size * CHUNK_RECORDS
    view = memoryview(data)
    return [leaf_hash(view[start : start + size]) for start in range(0, len(view), size)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves in order; of nothing, H("")."""
    level = list(leaves)
    while len(level) > 1:
        level = _pair(level)
    return level[0] if level else hashlib.sha256().digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def leaf_count(records: int) -> int:
    """How many chunks hold so many records."""
    return -(-records // CHUNK_RECORDS)


def root_from_path(chunk: bytes, leaf: int, leaves: int, path: Sequence[bytes]) -> bytes:
    """The root that a chunk and its path lead to, as RFC 9162 §2.1.3.2 walks it.

    Error: `proof_path` when there is no such leaf, or the path is longer or shorter than a tree
    of `leaves` demands.
    """
    if not 0 <= leaf < leaves:
        raise VerificationError("proof_path")
    place, last, found = leaf, leaves - 1, leaf_hash(chunk)
    for beside in path:
        if last == 0:
            raise VerificationError("proof_path")
        if place & 1 or place == last:
            found = node_hash(beside, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        place, last = place >> 1, last >> 1
    if last != 0:
        raise VerificationError("proof_path")
    return found


def _pair(level: list[bytes]) -> list[bytes]:
    odd = level[-1:] if len(level) % 2 else []
    return [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
