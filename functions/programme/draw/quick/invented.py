"""A crowd of invented families by columns, and the roster they make."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.programme.draw import invented
from functions.programme.draw.commitment import ENTRY_SIZE, SALT_SIZE
from functions.programme.draw.invented import Stream
from functions.programme.draw.quick.listing import BLOCK_RECORDS
from functions.programme.draw.quick.order import sort_by_number
from functions.programme.draw.quick.roster import Bytes, Flags, Indexes
from functions.programme.draw.roster import RECORD_SIZE

# Per thousand families: so many have 1, 2, … members who joined.
_FAMILY_SIZES = (620, 200, 100, 50, 20, 10)
# Per thousand families: so many have had 0, 1, … recipients before.
_EARLIER_RECIPIENTS = (920, 60, 20)
_EXCLUDED = 50  # of a thousand people whose family has room
_IN_A_POOL = 120  # of a thousand people, if the wave has pools

_SECRET_SIZE = ENTRY_SIZE + SALT_SIZE  # three blocks of a stream
_RECORD = np.dtype(
    [
        *(("head", ">u8"), ("tail", "V24"), ("group", ">u4")),
        *(("room", "u1"), ("pool", "u1"), ("status", "u1"), ("zero", "u1")),
    ]
)
_TENS = 10 ** np.arange(15, -1, -1, dtype=np.int64)
_AREAS = np.array([int(area) for area in invented.AREAS], np.int64)

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Crowd:
    """People in the order of joining: whose family they are of, and what their record says."""

    family: Indexes
    group: Indexes
    room: Bytes
    pool: Bytes
    excluded: Flags

    def __len__(self) -> int:
        return len(self.family)


def nik_of(person: int) -> int:
    """Which invented number a person has, by place in the order of joining."""
    return 2 * person


def kk_of(family: int) -> int:
    """Which invented number a family has."""
    return 2 * family + 1


def invent_crowd(seed: str, entries: int, pools: int, family_limit: int) -> Crowd:
    """Families of one to six, `entries` people in all, as the freeze decides about them (§3)."""
    sizes = _family_sizes(seed, entries)
    families = len(sizes)
    family = np.repeat(np.arange(families, dtype=np.uint32), sizes)
    earlier = _choose(_uniform(seed, "earlier", families), _EARLIER_RECIPIENTS)
    room = (family_limit - earlier).astype(np.uint8)
    excluded = (_uniform(seed, "excluded", entries) % 1000 < _EXCLUDED) | (room[family] == 0)
    eligible = np.bincount(family[~excluded], minlength=families)
    grouped = eligible > room
    group = np.zeros(families, np.uint32)
    group[grouped] = _group_numbers(seed, int(np.count_nonzero(grouped)))
    room[~grouped] = family_limit
    return Crowd(
        family=family,
        group=np.where(excluded, np.uint32(0), group[family]),
        room=np.where(excluded, np.uint8(0), room[family]),
        pool=np.where(excluded, np.uint8(0), _pools(seed, entries, pools)),
        excluded=excluded,
    )


def secrets_of(seed: str, person: int) -> tuple[bytes, bytes]:
    """A person's `entry` and `salt`."""
    blocks = _SECRET_SIZE // 16
    taken = Stream(seed, "secrets", person * blocks).take(_SECRET_SIZE)
    return taken[:ENTRY_SIZE], taken[ENTRY_SIZE:]


def make_roster(seed: str, crowd: Crowd, context: bytes) -> tuple[memoryview, Indexes]:
    """`roster.bin` of a crowd, and which person each record is. `context` begins a commitment."""
    n = len(crowd)
    records = np.zeros(n, _RECORD)
    raw = records.view(np.uint8).reshape(n, RECORD_SIZE)
    records["group"], records["room"] = crowd.group, crowd.room
    records["pool"], records["status"] = crowd.pool, crowd.excluded
    for start, commitments in _commitments(seed, crowd, context):
        block = np.frombuffer(commitments, np.uint8).reshape(-1, 32)
        raw[start : start + len(block), :32] = block
    heads = (
        records["head"][start : start + BLOCK_RECORDS].astype(np.uint64)
        for start in range(0, n, BLOCK_RECORDS)
    )
    order = sort_by_number(heads, np.ones(n, np.bool_), lambda person: raw[person, :32].tobytes())
    return records[order].view(np.uint8).data, order


def _commitments(seed: str, crowd: Crowd, context: bytes) -> Iterator[tuple[int, bytes]]:
    """Each person's commitment, in blocks: the first person of a block, and 32 bytes for each."""
    stream = Stream(seed, "secrets")
    for start in range(0, len(crowd), BLOCK_RECORDS):
        people = np.arange(start, min(start + BLOCK_RECORDS, len(crowd)), dtype=np.int64)
        taken = stream.take(_SECRET_SIZE * len(people))
        secrets = np.frombuffer(taken, np.uint8).reshape(-1, _SECRET_SIZE)
        families = crowd.family[people].astype(np.int64)
        digits = (_digits(2 * people), _digits(2 * families + 1))
        rows = np.concatenate([secrets[:, :ENTRY_SIZE], *digits], axis=1)
        messages, width = rows.tobytes(), rows.shape[1]
        yield (
            start,
            b"".join(
                hmac.digest(
                    taken[i * _SECRET_SIZE + ENTRY_SIZE : (i + 1) * _SECRET_SIZE],
                    context + messages[i * width : (i + 1) * width],
                    "sha256",
                )
                for i in range(len(people))
            ),
        )


def _digits(numbers: Numbers) -> Bytes:
    """The invented numbers as 16 ASCII digits each; see `invented.invented_number`."""
    rest = numbers * invented.STRIDE % invented.NUMBERS
    rest, serial = np.divmod(rest, invented.SERIALS)
    rest, day = np.divmod(rest, invented.DAYS)
    rest, month = np.divmod(rest, invented.MONTHS)
    rest, year = np.divmod(rest, invented.YEARS)
    area, woman = np.divmod(rest, 2)
    day, month, year = day + 1 + 40 * woman, month + 1, (invented.FIRST_YEAR + year) % 100
    date = (day * 100 + month) * 100 + year
    value = (_AREAS[area] * 10**6 + date) * 10**4 + invented.FIRST_SERIAL + serial
    digits: Bytes = (value[:, None] // _TENS % 10 + ord("0")).astype(np.uint8)
    return digits


def _family_sizes(seed: str, entries: int) -> Numbers:
    """How many of each family joined; the last family is cut to make `entries` in all."""
    # No family is empty, so as many as entries are enough.
    sizes = 1 + _choose(_uniform(seed, "sizes", entries), _FAMILY_SIZES)
    until = np.cumsum(sizes)
    families = int(np.searchsorted(until, entries)) + 1 if entries else 0
    sizes = sizes[:families]
    if families:
        sizes[-1] -= until[families - 1] - entries
    return sizes


def _group_numbers(seed: str, families: int) -> Indexes:
    """Random numbers from 1, no two the same."""
    found = np.empty(0, np.uint32)
    stream = Stream(seed, "groups")
    while len(found) < families:
        more = np.frombuffer(stream.take(4 * families), np.uint32)
        found = np.concatenate([found, more[more != 0]])
        _, firsts = np.unique(found, return_index=True)
        found = found[np.sort(firsts)]
    return found[:families]


def _pools(seed: str, entries: int, pools: int) -> Bytes:
    if not pools:
        return np.zeros(entries, np.uint8)
    chosen = _uniform(seed, "pools", entries)
    member = chosen % 1000 < _IN_A_POOL
    return np.where(member, 1 + chosen // 1000 % pools, 0).astype(np.uint8)


def _uniform(seed: str, purpose: str, count: int) -> Indexes:
    """So many random 32-bit numbers, in the same order on every machine."""
    return np.frombuffer(Stream(seed, purpose).take(4 * count), "<u4").astype(np.uint32)


def _choose(numbers: Indexes, thousandths: tuple[int, ...]) -> Numbers:
    """For each number an index, each as likely as its share of a thousand says."""
    until = np.cumsum(thousandths)
    return np.searchsorted(until, numbers % 1000, side="right").astype(np.int64)
