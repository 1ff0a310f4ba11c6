"""A list of records too long to hold: read and hashed a stretch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from functions.programme.draw.tree import CHUNK_RECORDS, leaf_hashes, root_of

# Whole chunks, and 655 kB of the roster: what is computed of a block stays in the cache.
BLOCK_RECORDS = 64 * CHUNK_RECORDS


Stretch = bytes | memoryview


class Listing(Protocol):
    """The bytes of `roster.bin` or `results.bin`: in memory (`bytes` is one), or of a file."""

    def __len__(self) -> int: ...

    def __getitem__(self, span: slice, /) -> Stretch: ...


def record_blocks(listing: Listing, record_size: int) -> Iterator[tuple[int, Stretch]]:
    """The list in blocks: the index of a block's first record, and its bytes."""
    size = BLOCK_RECORDS * record_size
    for start in range(0, len(listing), size):
        yield start // record_size, listing[start : start + size]


def root_of_listing(listing: Listing, record_size: int) -> bytes:
    """The root of the tree over the list (§4)."""
    leaves: list[bytes] = []
    for _, block in record_blocks(listing, record_size):
        leaves += leaf_hashes(block, record_size)
    return root_of(leaves)
