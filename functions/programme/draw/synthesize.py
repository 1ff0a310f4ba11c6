"""An invented wave, up to its beacon: for trying the draw, measuring it and attacking it.

Everything follows from the seed. The keys are made from it too, so such a wave protects nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.programme.draw import bls
from functions.programme.draw.beacon import beacon_json, sign_round
from functions.programme.draw.canonical import Json
from functions.programme.draw.commitment import (
    commitment_context,
    make_commitment,
    make_receipt,
)
from functions.programme.draw.heads import open_roster_head, roster_head_text
from functions.programme.draw.invented import Stream, invented_number
from functions.programme.draw.keys import COSIGNATURE, ED25519, Signer
from functions.programme.draw.literals import parse_time
from functions.programme.draw.notes import add_signatures, cosign, sign_note
from functions.programme.draw.params import Params, Pool, check_announcement
from functions.programme.draw.pins import BeaconPins, Pins
from functions.programme.draw.published import BEACON, PARAMS, ROSTER, ROSTER_HEAD
from functions.programme.draw.quick.invented import (
    Crowd,
    invent_crowd,
    kk_of,
    make_roster,
    nik_of,
    secrets_of,
)
from functions.programme.draw.quick.listing import root_of_listing
from functions.programme.draw.roster import RECORD_SIZE
from functions.programme.draw.rounds import effective_round, first_round_at_or_after

WAVE = 1
OPENS_AT = parse_time("2026-01-05T05:00:00Z")
CLOSES_AT = parse_time("2026-01-09T05:00:00Z")
PUBLISHED_AT = CLOSES_AT + 20 * 60
WITNESS_DELAYS = (30, 45)  # seconds after publication; the third pinned witness is silent
SHOWN_PEOPLE = 5

# The rules that production pins (§0), on a chain with drand quicknet's times.
FAMILY_LIMIT, MARGIN, FALLBACK, DELAY, QUORUM = 2, 86_400, 28_800, 172_800, 2
GENESIS, PERIOD = 1_692_803_367, 3


@dataclass(frozen=True)
class InventedWave:
    """Public files by name, with `pins.json`, and what `private.json` holds."""

    files: dict[str, bytes | memoryview]
    private: dict[str, Json]


def synthesize(
    seed: str, entries: int, quota: int, reserve: int, pools: tuple[Pool, ...]
) -> InventedWave:
    """A wave with families of many sizes, exclusions and pools, published and witnessed in time.

    Errors: those of `params.check_announcement`.
    """
    stream = Stream(seed, "keys")
    operator, receipts, witnesses = _signers(stream)
    secret = int.from_bytes(stream.take(31), "big") + 1  # below the curve's order
    pins = Pins(
        operator=operator.verifier,
        receipts=receipts.verifier,
        witnesses=tuple(witness.verifier for witness in witnesses),
        quorum=QUORUM,
        beacon=BeaconPins(stream.take(32), bls.public_key(secret), GENESIS, PERIOD),
        family_limit=FAMILY_LIMIT,
        margin_seconds=MARGIN,
        fallback_rounds=FALLBACK,
        draw_delay_seconds=DELAY,
    )
    params = Params(
        programme="synthetic",
        wave=WAVE,
        quota=quota,
        reserve=reserve,
        opens_at=OPENS_AT,
        closes_at=CLOSES_AT,
        round=first_round_at_or_after(pins, CLOSES_AT + DELAY),
        pools=pools,
        policy=pins.digest,
    )
    check_announcement(params)
    crowd = invent_crowd(seed, entries, len(pools), FAMILY_LIMIT)
    roster, order = make_roster(seed, crowd, commitment_context(params.wave))
    head = _published_head(params, roster, operator, witnesses)
    beacon = sign_round(secret, effective_round(pins, params, open_roster_head(head, pins)))
    files: dict[str, bytes | memoryview] = {
        "pins.json": pins.to_bytes(),
        PARAMS: params.to_bytes(),
        ROSTER: roster,
        ROSTER_HEAD: head,
        BEACON: beacon_json(beacon),
    }
    signers = (operator, receipts, *witnesses)
    private: dict[str, Json] = {
        "ed25519_seeds": {signer.name: signer.seed.hex() for signer in signers},
        "beacon_secret": hex(secret),
        "people": _shown(seed, crowd, order[:SHOWN_PEOPLE].tolist(), params, receipts),
    }
    return InventedWave(files, private)


def _signers(stream: Stream) -> tuple[Signer, Signer, tuple[Signer, ...]]:
    operator = Signer("undian.example/operator", ED25519, stream.take(32))
    receipts = Signer("undian.example/receipts", ED25519, stream.take(32))
    witnesses = [Signer(f"witness.example/{n}", COSIGNATURE, stream.take(32)) for n in "abc"]
    return operator, receipts, tuple(witnesses)


def _shown(
    seed: str, crowd: Crowd, order: Sequence[int], params: Params, receipts: Signer
) -> list[Json]:
    """The people with whom the roster begins, with their receipts."""
    people: list[Json] = []
    joined = Stream(seed, "joined")
    for person in order:
        entry, salt = secrets_of(seed, person)
        nik = invented_number(nik_of(person))
        kk = invented_number(kk_of(int(crowd.family[person])))
        commitment = make_commitment(salt, params.wave, entry, nik, kk)
        joined_at = OPENS_AT + joined.below(CLOSES_AT - OPENS_AT)
        receipt = make_receipt(
            receipts, params.digest, params.wave, entry, salt, commitment, joined_at
        )
        people.append({"nik": nik, "kk": kk, "receipt": receipt})
    return people


def _published_head(
    params: Params, roster: memoryview, operator: Signer, witnesses: tuple[Signer, ...]
) -> bytes:
    root = root_of_listing(roster, RECORD_SIZE)
    n = len(roster) // RECORD_SIZE
    text = roster_head_text(params.wave, params.digest, n, root, PUBLISHED_AT)
    lines = [
        cosign(text, witness, PUBLISHED_AT + delay)
        for witness, delay in zip(witnesses, WITNESS_DELAYS, strict=False)
    ]
    return add_signatures(sign_note(text, operator), lines)
