"""The freeze of one shard: who takes part, with which room and group (protocol §3).

A family never spans two shards, so one shard decides for its families alone.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from functions.programme.draw.roster import RosterRecord, excluded_record, family_records
from functions.programme.waves import FAMILY_SHARDS

SHARD_BITS = FAMILY_SHARDS.bit_length() - 1
NUMBER_BITS = 32 - SHARD_BITS
FEISTEL_ROUNDS = 6

PAST_RECIPIENT, BLACKLISTED, FAMILY_LIMIT, DUPLICATE = (
    "past_recipient",
    "blacklisted",
    "family_limit",
    "duplicate",
)


@dataclass(frozen=True)
class Entrant:
    """What the freeze looks at of one entry. `pool` and `exclusions` are from joining."""

    applicant: str
    commitment: bytes
    nik_mac: str
    kk_mac: str
    pool: int
    exclusions: tuple[str, ...]


@dataclass(frozen=True)
class Ledgers:
    """Earlier decisions on the people of a shard, by their macs.

    `recipients` and `blacklisted` hold NIK macs; `family` says how many recipients a KK had.
    """

    recipients: Collection[str]
    blacklisted: Collection[str]
    family: Mapping[str, int]


@dataclass(frozen=True)
class Decision:
    """One entry's record on the roster, and why if it is excluded."""

    applicant: str
    record: RosterRecord
    reasons: tuple[str, ...]


def freeze_shard(
    entrants: Iterable[Entrant],
    ledgers: Ledgers,
    *,
    family_limit: int,
    shard: int,
    freeze_key: bytes,
) -> list[Decision]:
    """A decision for every entry of a shard, in ascending order of commitment.

    The same entries, ledgers and key give the same decisions, whatever order they come in.
    """
    by_family = sorted(entrants, key=lambda one: (one.kk_mac, one.commitment))
    groups = GroupNumbers(freeze_key, shard)
    decisions: list[Decision] = []
    for kk_mac, members in groupby(by_family, key=lambda one: one.kk_mac):
        room = family_limit - ledgers.family.get(kk_mac, 0)
        decisions += _family(list(members), ledgers, room, family_limit, groups)
    return sorted(decisions, key=lambda decision: decision.record.commitment)


def _family(
    members: Sequence[Entrant],
    ledgers: Ledgers,
    room: int,
    family_limit: int,
    groups: GroupNumbers,
) -> list[Decision]:
    """The decisions for the entries of one KK."""
    eligible: list[Entrant] = []
    decisions: list[Decision] = []
    met: set[str] = set()
    for one in members:
        reasons = _reasons(one, ledgers, room, met)
        met.add(one.nik_mac)
        if reasons:
            decisions.append(Decision(one.applicant, excluded_record(one.commitment), reasons))
        else:
            eligible.append(one)
    if eligible:
        group = groups.of(eligible[0].kk_mac) if len(eligible) > room else 0
        candidates = [(one.commitment, one.pool) for one in eligible]
        records = family_records(candidates, room, family_limit, group)
        decisions += [
            Decision(one.applicant, record, ())
            for one, record in zip(eligible, records, strict=True)
        ]
    return decisions


def _reasons(one: Entrant, ledgers: Ledgers, room: int, met: set[str]) -> tuple[str, ...]:
    """Why an entry does not take part, first what concerns the person, or nothing."""
    found = {
        PAST_RECIPIENT: one.nik_mac in ledgers.recipients,
        BLACKLISTED: one.nik_mac in ledgers.blacklisted,
        DUPLICATE: one.nik_mac in met,
    }
    reasons = [code for code, holds in found.items() if holds] + list(one.exclusions)
    if not reasons and room < 1:
        reasons.append(FAMILY_LIMIT)
    return tuple(reasons)


class GroupNumbers:
    """Random-looking numbers for the families of one shard, no two alike in the whole wave.

    A number is the shard beside 22 bits of a HMAC of the family, both then mixed by a keyed
    permutation of 32 bits: so numbers of different shards cannot meet, and the published
    number does not show the shard.
    """

    def __init__(self, freeze_key: bytes, shard: int):
        self._key = freeze_key
        self._shard = shard
        self._taken: set[int] = set()

    def of(self, kk_mac: str) -> int:
        """A number for this family, 1…2^32-1; call once for each family, in a fixed order."""
        attempt = 0
        while True:
            message = f"group|{kk_mac}|{attempt}".encode("ascii")
            digest = hmac.digest(self._key, message, "sha256")
            low = int.from_bytes(digest[:4], "big") >> SHARD_BITS
            number = _permuted(self._key, self._shard << NUMBER_BITS | low)
            if number and number not in self._taken:
                self._taken.add(number)
                return number
            attempt += 1


def _permuted(key: bytes, number: int) -> int:
    """A permutation of the 32-bit numbers: a Feistel network over two halves of 16 bits."""
    left, right = number >> 16, number & 0xFFFF
    for turn in range(FEISTEL_ROUNDS):
        message = b"mix" + bytes([turn]) + right.to_bytes(2, "big")
        mask = int.from_bytes(hmac.digest(key, message, "sha256")[:2], "big")
        left, right = right, left ^ mask
    return left << 16 | right
