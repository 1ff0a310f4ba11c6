"""Pins: what a verifier must know from outside the wave (§0)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from functions.programme.draw import canonical
from functions.programme.draw.canonical import Json, array, fields, integer, text, texts
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.keys import COSIGNATURE, ED25519, VerifierKey, parse_verifier_key
from functions.programme.draw.literals import parse_hex

VERSION = 1
SCHEME = "bls-unchained-g1-rfc9380"
PUBLIC_KEY_SIZE = 96
HIGHEST_ROOM = 255  # `room` is one byte of a roster record


@dataclass(frozen=True)
class BeaconPins:
    """The beacon's chain: round 1 is at `genesis` (Unix seconds), then one each `period` seconds.

    `public_key` is a compressed G2 point; that it is one is checked with the beacon's signature.
    """

    chain: bytes
    public_key: bytes
    genesis: int
    period: int


@dataclass(frozen=True)
class Pins:
    """`pins.json`: keys, beacon and the rules that hold for every wave. Times in seconds."""

    operator: VerifierKey
    receipts: VerifierKey
    witnesses: tuple[VerifierKey, ...]
    quorum: int
    beacon: BeaconPins
    family_limit: int
    margin_seconds: int
    fallback_rounds: int
    draw_delay_seconds: int

    @property
    def keys(self) -> tuple[VerifierKey, ...]:
        """Every pinned key: a signature line that names one of them must verify."""
        return (self.operator, self.receipts, *self.witnesses)

    def to_bytes(self) -> bytes:
        """The canonical file."""
        beacon: Json = {
            "chain": self.beacon.chain.hex(),
            "public_key": self.beacon.public_key.hex(),
            "scheme": SCHEME,
            "genesis": self.beacon.genesis,
            "period": self.beacon.period,
        }
        return canonical.serialise(
            {
                "version": VERSION,
                "operator": str(self.operator),
                "receipts": str(self.receipts),
                "witnesses": [str(key) for key in self.witnesses],
                "quorum": self.quorum,
                "beacon": beacon,
                "family_limit": self.family_limit,
                "margin_seconds": self.margin_seconds,
                "fallback_rounds": self.fallback_rounds,
                "draw_delay_seconds": self.draw_delay_seconds,
            }
        )

    @cached_property
    def digest(self) -> bytes:
        """H(pins.json), which `params.json` carries as `policy`."""
        return hashlib.sha256(self.to_bytes()).digest()


def parse_pins(data: bytes) -> Pins:
    """Read `pins.json`.

    Errors: `json_not_canonical`, `json_fields`, `json_value` {field}, `key_malformed`,
    `hex_malformed`, `pins_witness_twice` when two witnesses share a name or a key, or one has
    the operator's: the quorum counts institutions.
    """
    pins = fields(
        canonical.parse(data),
        *("version", "operator", "receipts", "witnesses", "quorum", "beacon"),
        *("family_limit", "margin_seconds", "fallback_rounds", "draw_delay_seconds"),
    )
    integer(pins, "version", VERSION, VERSION)
    witnesses = tuple(parse_verifier_key(key, COSIGNATURE) for key in texts(pins, "witnesses"))
    found = Pins(
        operator=parse_verifier_key(text(pins, "operator"), ED25519),
        receipts=parse_verifier_key(text(pins, "receipts"), ED25519),
        witnesses=witnesses,
        quorum=integer(pins, "quorum", 0, len(array(pins, "witnesses"))),
        beacon=_parse_beacon(pins["beacon"]),
        family_limit=integer(pins, "family_limit", 1, HIGHEST_ROOM),
        margin_seconds=integer(pins, "margin_seconds"),
        fallback_rounds=integer(pins, "fallback_rounds", 1),
        draw_delay_seconds=integer(pins, "draw_delay_seconds"),
    )
    names = {key.name for key in witnesses}
    keys = {key.key for key in (found.operator, *witnesses)}
    if len(names) != len(witnesses) or len(keys) != len(witnesses) + 1:
        raise VerificationError("pins_witness_twice")
    return found


def _parse_beacon(value: Json) -> BeaconPins:
    beacon = fields(value, "chain", "public_key", "scheme", "genesis", "period")
    if text(beacon, "scheme") != SCHEME:
        raise VerificationError("json_value", field="scheme")
    return BeaconPins(
        chain=parse_hex(text(beacon, "chain")),
        public_key=parse_hex(text(beacon, "public_key"), PUBLIC_KEY_SIZE),
        genesis=integer(beacon, "genesis"),
        period=integer(beacon, "period", 1),
    )
