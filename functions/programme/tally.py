"""What a set of commitments comes to, so that two lists can be compared without sorting them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WEIGHT_SIZE = 8
COMMITMENT_SIZE = 32


@dataclass(frozen=True)
class Tally:
    """How many commitments, the XOR of them (32 bytes), and the sum of their weights."""

    count: int
    xor: bytes
    weights: int


def weight(commitment: bytes) -> int:
    """The first 64 bits. A gate adds them up as entries join, since a table can add but not XOR."""
    return int.from_bytes(commitment[:WEIGHT_SIZE], "big")


def tally(commitments: Iterable[bytes]) -> Tally:
    """The tally of some commitments, in whatever order they come."""
    count = xor = weights = 0
    for commitment in commitments:
        count += 1
        xor ^= int.from_bytes(commitment, "big")
        weights += weight(commitment)
    return Tally(count, xor.to_bytes(COMMITMENT_SIZE, "big"), weights)


def xor_of(parts: Iterable[bytes]) -> bytes:
    """The XOR of several XORs: that of their sets together, if these have nothing in common."""
    whole = 0
    for part in parts:
        whole ^= int.from_bytes(part, "big")
    return whole.to_bytes(COMMITMENT_SIZE, "big")
