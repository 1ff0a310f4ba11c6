"""The published vectors are reproduced byte for byte."""

import pytest

from functions.programme.draw import verify
from functions.programme.draw.beacon import sign_round
from functions.programme.draw.bls import public_key
from functions.programme.draw.commitment import verify_receipt
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_result_head, open_roster_head
from functions.programme.draw.keys import COSIGNATURE, ED25519, Signer
from functions.programme.draw.notes import add_signatures, cosign, parse_note, sign_note
from functions.programme.draw.params import parse_params
from functions.programme.draw.pins import parse_pins
from functions.programme.draw.published import open_published
from functions.programme.draw.results import RECORD_SIZE as RESULT_SIZE
from functions.programme.draw.results import draw, last_ranks, parse_results
from functions.programme.draw.roster import RECORD_SIZE, parse_roster, roster_bytes
from functions.programme.draw.rounds import round_time
from functions.programme.draw.tree import ChunkTree
from tests.programme.draw.world import WAVES, private, vector

STEPS = (
    *("pins", "params", "roster_head", "beacon", "roster"),
    *("result_head", "results", "draw", "beacon_signature"),
)


@pytest.mark.parametrize("name", WAVES)
def test_a_vector_verifies_from_end_to_end(name):
    files, pins = vector(name)
    report = verify.verify_wave(files, pins)
    assert report.steps == STEPS
    assert report.witnesses == (0 if name == "unwitnessed" else 3)


@pytest.mark.parametrize("name", WAVES)
def test_results_and_both_roots_are_reproduced(name):
    files, pins_bytes = vector(name)
    wave = open_published(files, pins_bytes, lambda _: None)
    results = draw(files["roster.bin"], wave.params, wave.pins.family_limit, wave.seed)
    assert results == files["results.bin"]
    assert ChunkTree(files["roster.bin"], RECORD_SIZE).root == wave.head.root
    signed = open_result_head(files["result.head"], wave.pins)
    assert ChunkTree(results, RESULT_SIZE).root == signed.root


@pytest.mark.parametrize("name", WAVES)
def test_what_was_parsed_is_written_again_with_the_same_bytes(name):
    files, pins_bytes = vector(name)
    pins, params = parse_pins(pins_bytes), parse_params(files["params.json"])
    records = parse_roster(files["roster.bin"], pins.family_limit, len(params.pools))
    assert pins.to_bytes() == pins_bytes
    assert params.to_bytes() == files["params.json"]
    assert roster_bytes(reversed(records)) == files["roster.bin"]
    for note in ("roster.head", "result.head"):
        assert parse_note(files[note]).to_bytes() == files[note]


@pytest.mark.parametrize("name", ["plain", "fallback", "unwitnessed"])
def test_the_private_keys_sign_the_same_notes(name):
    files, pins_bytes = vector(name)
    pins, seeds = parse_pins(pins_bytes), private(name)["ed25519_seeds"]
    operator = Signer(pins.operator.name, ED25519, bytes.fromhex(seeds[pins.operator.name]))
    head = open_roster_head(files["roster.head"], pins)
    lines = [
        cosign(head.text, Signer(name, COSIGNATURE, bytes.fromhex(seeds[name])), at)
        for name, at in head.witness_times
    ]
    assert add_signatures(sign_note(head.text, operator), lines) == files["roster.head"]
    result = open_result_head(files["result.head"], pins)
    assert sign_note(result.text, operator) == files["result.head"]


def test_the_beacon_secret_signs_the_same_round():
    files, pins_bytes = vector("tiny")
    wave = open_published(files, pins_bytes, lambda _: None)
    secret = int(private("tiny")["beacon_secret"], 16)
    assert public_key(secret) == wave.pins.beacon.public_key
    assert sign_round(secret, wave.beacon.round) == wave.beacon


@pytest.mark.parametrize("name", [name for name in WAVES if name != "empty"])
def test_receipts_hold_for_their_people_and_for_nobody_else(name):
    files, pins_bytes = vector(name)
    key, params = parse_pins(pins_bytes).receipts, parse_params(files["params.json"])
    people = private(name)["people"]
    assert people
    for person in people:
        nik, kk, receipt = person["nik"], person["kk"], person["receipt"]
        own = verify_receipt(receipt, key, params.digest, nik, kk)
        assert own.commitment in files["roster.bin"]
        with pytest.raises(VerificationError, match="receipt_commitment"):
            verify_receipt(receipt, key, params.digest, kk, nik)
        with pytest.raises(VerificationError, match="receipt_signature"):
            verify_receipt(receipt, key, bytes(32), nik, kk)


def test_the_fallback_vector_is_drawn_two_fallbacks_later():
    files, pins_bytes = vector("fallback")
    wave = open_published(files, pins_bytes, lambda _: None)
    assert wave.beacon.round == wave.params.round + 2 * wave.pins.fallback_rounds
    late = round_time(wave.pins, wave.beacon.round) - round_time(wave.pins, wave.params.round)
    assert late == 2 * 86_400


def test_pools_that_cannot_fill_their_seats_leave_them_to_everyone():
    files, _ = vector("unfilled")
    params = parse_params(files["params.json"])
    results = parse_results(files["results.bin"], len(params.pools))
    by_pool = sum(one.pool == 1 for one in results)
    assert by_pool < params.pools[0].seats
    assert sum(one.outcome == 1 for one in results) == params.quota


def test_last_ranks_tell_how_far_each_pass_went():
    files, _ = vector("pools")
    results = parse_results(files["results.bin"], 2)
    last = last_ranks(files["results.bin"], 2)
    for pool, rank in enumerate((last.open, *last.pools)):
        assert rank == max(one.rank for one in results if one.outcome == 1 and one.pool == pool)
    assert last.reserve == max(one.rank for one in results if one.outcome == 2)
    assert last_ranks(b"", 1).pools == (0,)
