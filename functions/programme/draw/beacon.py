"""The beacon's round as a file, checked against the pinned chain (§6)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from functions.programme.draw import bls, canonical
from functions.programme.draw.canonical import fields, integer, text
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.literals import parse_hex
from functions.programme.draw.pins import Pins


@dataclass(frozen=True)
class Beacon:
    """`beacon.json`: one round of the chain. `signature` is 48 bytes."""

    round: int
    signature: bytes

    @property
    def randomness(self) -> bytes:
        """H(signature), which the beacon publishes and the seed is made from."""
        return hashlib.sha256(self.signature).digest()


def parse_beacon(data: bytes) -> Beacon:
    """Read `beacon.json`; the signature itself is verified by `verify_beacon`.

    Errors: those of canonical JSON and hex; `beacon_randomness` when it is not H(signature).
    """
    beacon = fields(canonical.parse(data), "round", "signature", "randomness")
    found = Beacon(
        round=integer(beacon, "round", 1),
        signature=parse_hex(text(beacon, "signature"), bls.SIGNATURE_SIZE),
    )
    if parse_hex(text(beacon, "randomness"), 32) != found.randomness:
        raise VerificationError("beacon_randomness")
    return found


def beacon_json(beacon: Beacon) -> bytes:
    """`beacon.json` of a round."""
    return canonical.serialise(
        {
            "round": beacon.round,
            "signature": beacon.signature.hex(),
            "randomness": beacon.randomness.hex(),
        }
    )


def verify_beacon(pins: Pins, beacon: Beacon) -> None:
    """Check the round's signature against the pinned key; takes about a second.

    Errors: `beacon_point`, `beacon_key`, `beacon_signature`.
    """
    bls.verify(pins.beacon.public_key, _message(beacon.round), beacon.signature)


def sign_round(secret: int, beacon_round: int) -> Beacon:
    """A round of a chain whose secret one holds: for development and invented waves only."""
    return Beacon(beacon_round, bls.sign(secret, _message(beacon_round)))


def _message(beacon_round: int) -> bytes:
    return hashlib.sha256(beacon_round.to_bytes(8, "big")).digest()
