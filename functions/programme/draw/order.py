"""Seed, one number per entry, and the order that follows (§7, §8, §9)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from functions.programme.draw.beacon import Beacon
from functions.programme.draw.heads import RosterHead
from functions.programme.draw.roster import ELIGIBLE, RosterRecord

NUMBER_SIZE = 16
_CONTEXT = b"gelombang/seed/v1"


def make_seed(head: RosterHead, beacon: Beacon) -> bytes:
    """The 32-byte seed: nobody knows it before both the list and the round are public."""
    parts = (head.digest, beacon.round.to_bytes(8, "big"), beacon.randomness)
    return hashlib.sha256(_CONTEXT + b"".join(parts)).digest()


def keystream(seed: bytes, blocks: int) -> bytes:
    """So many 16-byte blocks of AES-256-CTR under `seed`, the counter starting at zero."""
    cipher = Cipher(algorithms.AES256(seed), modes.CTR(bytes(NUMBER_SIZE))).encryptor()
    return cipher.update(bytes(NUMBER_SIZE * blocks)) + cipher.finalize()


def entry_number(seed: bytes, index: int) -> bytes:
    """The 16-byte number of the record at `index`: one block of the keystream."""
    cipher = Cipher(algorithms.AES256(seed), modes.CTR(index.to_bytes(16, "big"))).encryptor()
    return cipher.update(bytes(NUMBER_SIZE)) + cipher.finalize()


def ranking(seed: bytes, records: Sequence[RosterRecord]) -> list[int]:
    """Indexes of the eligible records, the smallest number first: the first has rank 1.

    Numbers compare as bytes just as they do as 128-bit big-endian integers.
    """
    stream = keystream(seed, len(records))
    numbers = [stream[at : at + NUMBER_SIZE] for at in range(0, len(stream), NUMBER_SIZE)]
    eligible = [i for i, record in enumerate(records) if record.status == ELIGIBLE]
    return sorted(eligible, key=numbers.__getitem__)
