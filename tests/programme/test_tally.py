"""A tally tells two sets of commitments apart."""

import hashlib

from functions.programme.tally import tally, weight, xor_of

COMMITMENTS = [hashlib.sha256(bytes([n])).digest() for n in range(50)]


def test_the_order_does_not_matter():
    assert tally(COMMITMENTS) == tally(reversed(COMMITMENTS))


def test_a_commitment_that_took_anothers_place_shows_though_the_count_is_the_same():
    others = [*COMMITMENTS[:-1], hashlib.sha256(b"another").digest()]
    before, after = tally(COMMITMENTS), tally(others)
    assert before.count == after.count
    assert before.xor != after.xor and before.weights != after.weights


def test_a_commitment_that_came_twice_shows_in_the_weights_where_an_xor_is_blind():
    twice = [*COMMITMENTS, *COMMITMENTS[:1] * 2]
    assert tally(twice).xor == tally(COMMITMENTS).xor
    assert tally(twice).weights == tally(COMMITMENTS).weights + 2 * weight(COMMITMENTS[0])


def test_the_tallies_of_shards_come_to_that_of_the_whole():
    parts = [tally(COMMITMENTS[at::4]) for at in range(4)]
    assert xor_of(part.xor for part in parts) == tally(COMMITMENTS).xor
    assert sum(part.weights for part in parts) == tally(COMMITMENTS).weights


def test_nothing_comes_to_nothing():
    assert tally([]).xor == xor_of([]) == bytes(32)
