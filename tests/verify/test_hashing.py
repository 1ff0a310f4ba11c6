"""Argon2id, at production's cost."""

from functions.verify import hashing
from tests.verify.people import CHEAP


def test_production_pays_19_mebibytes_and_two_passes():
    stored = hashing.hashed("kopi susu di teras")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashing.matches("kopi susu di teras", stored)
    assert not hashing.matches("kopi susu di terasa", stored)


def test_a_character_typed_in_two_ways_is_one():
    stored = hashing.hashed("cafe\u0301 di teras", CHEAP)
    assert hashing.matches("caf\u00e9 di teras", stored, CHEAP)


def test_nothing_is_cut_off():
    stored = hashing.hashed("a1b2c3d4" * 32, CHEAP)
    assert hashing.matches("a1b2c3d4" * 32, stored, CHEAP)
    assert not hashing.matches("a1b2c3d4" * 31 + "a1b2c3d5", stored, CHEAP)


def test_a_broken_hash_matches_nothing():
    assert not hashing.matches("kopi susu di teras", "not a hash", CHEAP)
