"""The beacon: real rounds hold, and one round has one signature in one spelling."""

import json

import pytest
from py_ecc.bls.g2_primitives import G1_to_pubkey, G2_to_signature
from py_ecc.optimized_bls12_381 import G1, G2, multiply, neg

from functions.programme.draw import bls
from functions.programme.draw.beacon import Beacon, beacon_json, parse_beacon, verify_beacon
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.pins import BeaconPins, Pins
from tests.programme.draw.points import point_forgeries
from tests.programme.draw.world import SECRET, VECTORS, make_pins, public_key, sign_round

QUICKNET = json.loads((VECTORS / "quicknet.json").read_bytes())
ROUND = 25_101_412


def quicknet() -> Pins:
    beacon = BeaconPins(
        chain=bytes.fromhex(QUICKNET["chain"]),
        public_key=bytes.fromhex(QUICKNET["public_key"]),
        genesis=QUICKNET["genesis"],
        period=QUICKNET["period"],
    )
    own = make_pins()
    return Pins(**{**vars(own), "beacon": beacon})


@pytest.mark.parametrize("published", QUICKNET["rounds"], ids=lambda one: str(one["round"]))
def test_a_real_round_of_quicknet_verifies(published):
    found = Beacon(published["round"], bytes.fromhex(published["signature"]))
    assert found.randomness.hex() == published["randomness"]
    assert parse_beacon(beacon_json(found)) == found
    verify_beacon(quicknet(), found)


def test_a_round_does_not_verify_as_another_round_or_under_another_key():
    first = QUICKNET["rounds"][0]
    signature = bytes.fromhex(first["signature"])
    with pytest.raises(VerificationError, match="beacon_signature"):
        verify_beacon(quicknet(), Beacon(2, signature))
    with pytest.raises(VerificationError, match="beacon_signature"):
        verify_beacon(make_pins(), Beacon(1, signature))


def test_a_development_round_verifies_under_its_own_key():
    verify_beacon(make_pins(), sign_round(SECRET, ROUND))


def test_a_negated_signature_is_refused():
    signature = sign_round(SECRET, ROUND).signature
    negated = G1_to_pubkey(neg(bls.parse_signature(signature)))
    assert negated[0] == signature[0] ^ 0x20 and negated[1:] == signature[1:]
    with pytest.raises(VerificationError, match="beacon_signature"):
        verify_beacon(make_pins(), Beacon(ROUND, negated))


@pytest.mark.parametrize(("kind", "data"), point_forgeries().items(), ids=point_forgeries())
def test_a_signature_that_is_not_one_canonical_point_is_refused(kind, data):
    with pytest.raises(VerificationError, match="beacon_point"):
        bls.verify(public_key(SECRET), b"message", data)


@pytest.mark.parametrize(
    "key",
    [
        b"\xc0" + bytes(95),
        G2_to_signature(G2)[:95],
        bytes(96),
        G2_to_signature(G2)[:48]
        + bytes([G2_to_signature(G2)[48] | 0x80])
        + G2_to_signature(G2)[49:],
        b"\x80" + bytes(46) + b"\x01" + bytes(47) + b"\x02",
    ],
)
def test_a_key_that_is_not_one_canonical_point_is_refused(key):
    with pytest.raises(VerificationError, match="beacon_key"):
        bls.verify(key, b"message", G1_to_pubkey(G1))


def test_the_public_key_is_the_secret_times_the_generator():
    assert public_key(3) == G2_to_signature(multiply(G2, 3))


GOOD = sign_round(SECRET, ROUND)
HEX, RANDOMNESS = GOOD.signature.hex(), GOOD.randomness.hex()


def written(beacon_round: str, signature: str, randomness: str) -> bytes:
    return (
        f'{{"randomness":"{randomness}","round":{beacon_round},"signature":"{signature}"}}'
    ).encode()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (written(str(ROUND), HEX + "00", RANDOMNESS), "hex_malformed"),
        (written(str(ROUND), HEX[:-2], RANDOMNESS), "hex_malformed"),
        (written(str(ROUND), HEX.upper(), RANDOMNESS), "hex_malformed"),
        (written(str(ROUND), HEX, "00" * 32), "beacon_randomness"),
        (written("0", HEX, RANDOMNESS), "json_value"),
        (written(f'"{ROUND}"', HEX, RANDOMNESS), "json_value"),
        (written(f"{ROUND}.0", HEX, RANDOMNESS), "json_not_canonical"),
        (written(f'{ROUND},"round":{ROUND}', HEX, RANDOMNESS), "json_not_canonical"),
        (written(f'{ROUND},"scheme":"x"', HEX, RANDOMNESS), "json_fields"),
    ],
)
def test_a_beacon_file_in_any_other_form_is_refused(data, code):
    assert parse_beacon(written(str(ROUND), HEX, RANDOMNESS)) == GOOD
    with pytest.raises(VerificationError, match=code):
        parse_beacon(data)
