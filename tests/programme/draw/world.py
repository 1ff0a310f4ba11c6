"""Waves for the tests: the published vectors, and invented ones whose keys the tests hold."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from functions.programme.draw import beacon, bls
from functions.programme.draw.commitment import make_commitment, make_receipt
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_roster_head, result_head_text, roster_head_text
from functions.programme.draw.invented import invented_number
from functions.programme.draw.keys import COSIGNATURE, ED25519, Signer
from functions.programme.draw.literals import parse_time
from functions.programme.draw.notes import add_signatures, cosign, sign_note
from functions.programme.draw.order import make_seed
from functions.programme.draw.params import Params, Pool
from functions.programme.draw.pins import BeaconPins, Pins
from functions.programme.draw.quick.verify import QuickLists
from functions.programme.draw.results import RECORD_SIZE as RESULT_SIZE
from functions.programme.draw.results import draw
from functions.programme.draw.roster import RECORD_SIZE, family_records, roster_bytes
from functions.programme.draw.rounds import effective_round
from functions.programme.draw.tree import ChunkTree
from functions.programme.draw.verify import PlainLists, verify_wave

VECTORS = Path(__file__).parents[2] / "select" / "vectors"
WAVES = ("plain", "pools", "unfilled", "fallback", "unwitnessed", "tiny", "one", "empty")
PUBLIC = ("params.json", "roster.bin", "roster.head", "beacon.json", "results.bin", "result.head")
CLOSES_AT = parse_time("2026-01-09T05:00:00Z")
SECRET = 0x166FD9184E747F1DA9ECC577CA6D2FDCB397EBEA

# One verification costs a second, and many tests meet the same round.
quick_beacon = cache(beacon.verify_beacon)
public_key = cache(bls.public_key)
sign_round = cache(beacon.sign_round)


def vector(name: str) -> tuple[dict[str, bytes], bytes]:
    """A vector's six public files and its pins."""
    files = {file: (VECTORS / name / file).read_bytes() for file in PUBLIC}
    return files, (VECTORS / name / "pins.json").read_bytes()


def private(name: str) -> dict[str, Any]:
    """A vector's keys and people."""
    return json.loads((VECTORS / name / "private.json").read_bytes())


def digest(text: str) -> bytes:
    """32 bytes that follow from a text."""
    return hashlib.sha256(text.encode()).digest()


OPERATOR = Signer("test.example/operator", ED25519, digest("operator"))
RECEIPTS = Signer("test.example/receipts", ED25519, digest("receipts"))
WITNESSES = tuple(Signer(f"witness.test/{n}", COSIGNATURE, digest(n)) for n in "abc")


def make_pins(quorum: int = 2) -> Pins:
    """Pins of the test's own keys and beacon, with the rules of production."""
    return Pins(
        operator=OPERATOR.verifier,
        receipts=RECEIPTS.verifier,
        witnesses=tuple(witness.verifier for witness in WITNESSES),
        quorum=quorum,
        beacon=BeaconPins(digest("chain"), public_key(SECRET), 1_692_803_367, 3),
        family_limit=2,
        margin_seconds=86_400,
        fallback_rounds=28_800,
        draw_delay_seconds=172_800,
    )


def make_params(pins: Pins, quota: int = 20, reserve: int = 5, *pools: Pool) -> Params:
    """A wave that opened four days before CLOSES_AT and is drawn two days after."""
    return Params(
        programme="test",
        wave=7,
        quota=quota,
        reserve=reserve,
        opens_at=CLOSES_AT - 345_600,
        closes_at=CLOSES_AT,
        round=25_101_412,
        pools=pools,
        policy=pins.digest,
    )


@dataclass(frozen=True)
class World:
    """A whole wave; `people` are (commitment, NIK, KK, receipt) in roster order."""

    pins: Pins
    params: Params
    files: dict[str, bytes]
    people: tuple[tuple[bytes, str, str, dict[str, Any]], ...]

    @property
    def pins_bytes(self) -> bytes:
        return self.pins.to_bytes()

    def with_roster(self, roster: bytes, published_at: int = CLOSES_AT + 1200) -> World:
        """The same wave, published with another roster, signed, witnessed and drawn."""
        n, root = len(roster) // RECORD_SIZE, ChunkTree(roster, RECORD_SIZE).root
        text = roster_head_text(self.params.wave, self.params.digest, n, root, published_at)
        return replace(self, files=self.files | {"roster.bin": roster}).with_head_text(
            text, published_at
        )

    def with_head_text(self, text: bytes, witnessed_at: int = CLOSES_AT + 1200) -> World:
        """The same wave with this text as the roster's head, signed by everyone."""
        head = add_signatures(
            sign_note(text, OPERATOR), [cosign(text, w, witnessed_at + 30) for w in WITNESSES]
        )
        return replace(self, files=self.files | {"roster.head": head})

    def with_results(self, results: bytes) -> World:
        """The same wave with other results, signed by the operator all the same."""
        head = open_roster_head(self.files["roster.head"], self.pins)
        beacon_round = effective_round(self.pins, self.params, head)
        drawn = sign_round(SECRET, beacon_round)
        text = result_head_text(
            self.params.wave,
            head.digest,
            beacon_round,
            make_seed(head, drawn),
            head.n,
            ChunkTree(results, RESULT_SIZE).root,
        )
        files = {
            "beacon.json": beacon.beacon_json(drawn),
            "results.bin": results,
            "result.head": sign_note(text, OPERATOR),
        }
        return replace(self, files=self.files | files)

    def drawn(self) -> World:
        """The same wave with its true results."""
        head = open_roster_head(self.files["roster.head"], self.pins)
        seed = make_seed(head, sign_round(SECRET, effective_round(self.pins, self.params, head)))
        return self.with_results(
            draw(self.files["roster.bin"], self.params, self.pins.family_limit, seed)
        )


@cache
def make_world(entries: int, quorum: int = 2) -> World:
    """A drawn wave of single people and families of four."""
    pins = make_pins(quorum)
    params = make_params(pins)
    records, people = [], []
    for family in range(entries):
        size = min(4 if family % 4 == 0 else 1, entries - len(people))
        kk, eligible = invented_number(2 * family + 1), []
        for _ in range(size):
            i = len(people)
            entry, salt, nik = digest(f"e{i}")[:16], digest(f"s{i}"), invented_number(2 * i)
            commitment = make_commitment(salt, params.wave, entry, nik, kk)
            receipt = make_receipt(
                RECEIPTS, params.digest, params.wave, entry, salt, commitment, CLOSES_AT - 60
            )
            people.append((commitment, nik, kk, receipt))
            eligible.append((commitment, 0))
        records += family_records(eligible, pins.family_limit, pins.family_limit, 1000 + family)
    people.sort(key=lambda person: person[0])
    files = {"params.json": params.to_bytes()}
    return World(pins, params, files, tuple(people)).with_roster(roster_bytes(records)).drawn()


def refused(world: World, code: str, step: str) -> None:
    """The wave is refused so by the plain reading of the lists, and by the quick one."""
    for lists in (PlainLists, QuickLists):
        with pytest.raises(VerificationError) as error:
            verify_wave(world.files, world.pins_bytes, lists=lists(world.files))
        assert (error.value.code, error.value.step) == (code, step)
