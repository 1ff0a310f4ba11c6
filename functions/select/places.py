"""Where the records of each shard stand on the roster, kept from the merge to the announcement.

The file begins with the offsets of the shards' parts and of its end, each a u32 in records, and
goes on with the places, u32 each, ascending within a shard. It is named by the root of
the roster that it belongs to, so it can never be taken for that of another.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import accumulate

from functions.cloud.files import Files
from functions.select.folder import read_internal_span, write_internal

PLACE_SIZE = 4


def places_file(parts: Sequence[bytes]) -> bytes:
    """The file of the shards' places, those of each given as big-endian u32."""
    sizes = (len(part) // PLACE_SIZE for part in parts)
    offsets = list(accumulate(sizes, initial=0))
    return struct.pack(f">{len(offsets)}I", *offsets) + b"".join(parts)


def write_places(files: Files, wave: int, root: bytes, data: bytes) -> None:
    """Keep the places on the roster with this root."""
    write_internal(files, wave, _name(root), data)


def read_places(files: Files, wave: int, root: bytes, shards: int, shard: int) -> list[int]:
    """The places of one shard's records, in the order of its segment. Raises FileMissing."""
    at = PLACE_SIZE * shard
    name = _name(root)
    start, stop = _numbers(read_internal_span(files, wave, name, range(at, at + 2 * PLACE_SIZE)))
    base = PLACE_SIZE * (shards + 1)
    span = range(base + PLACE_SIZE * start, base + PLACE_SIZE * stop)
    return list(_numbers(read_internal_span(files, wave, name, span)))


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(data) // PLACE_SIZE}I", data)


def _name(root: bytes) -> str:
    return f"places/{root.hex()}"
