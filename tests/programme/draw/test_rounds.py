"""The round that counts is late when the list is late, and never early."""

from dataclasses import replace

import pytest

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import RosterHead
from functions.programme.draw.rounds import (
    check_delay,
    effective_round,
    first_round_at_or_after,
    round_time,
)
from tests.programme.draw.world import CLOSES_AT, make_params, make_pins

PINS = make_pins()
PARAMS = make_params(PINS)
LATEST = round_time(PINS, PARAMS.round) - PINS.margin_seconds
DAY = PINS.fallback_rounds * PINS.beacon.period


def head(*witness_times: int, published_at: int = 0) -> RosterHead:
    named = tuple((f"w{i}", at) for i, at in enumerate(witness_times))
    return RosterHead(b"", 7, bytes(32), 0, bytes(32), published_at, named)


@pytest.mark.parametrize(
    "at", [PINS.beacon.genesis - 5, PINS.beacon.genesis, CLOSES_AT, LATEST + 1]
)
def test_the_first_round_at_a_time_is_the_earliest_that_is_not_before_it(at):
    first = first_round_at_or_after(PINS, at)
    assert round_time(PINS, first) >= at
    assert first == 1 or round_time(PINS, first - 1) < at


def test_rounds_begin_with_one_at_genesis():
    assert round_time(PINS, 1) == PINS.beacon.genesis
    assert round_time(PINS, 2) == PINS.beacon.genesis + PINS.beacon.period


@pytest.mark.parametrize(
    ("late", "fallbacks"),
    [(-1, 0), (0, 0), (1, 1), (DAY, 1), (DAY + 1, 2), (2 * DAY, 2), (10 * DAY + 1, 11)],
)
def test_each_missed_margin_costs_one_fallback(late, fallbacks):
    found = effective_round(PINS, PARAMS, head(LATEST + late, LATEST + late))
    assert found == PARAMS.round + fallbacks * PINS.fallback_rounds
    assert LATEST + late <= round_time(PINS, found) - PINS.margin_seconds


def test_the_quorum_th_earliest_witness_decides():
    times = (LATEST + 5 * DAY, LATEST + 1, CLOSES_AT)
    assert effective_round(PINS, PARAMS, head(*times)) == PARAMS.round + PINS.fallback_rounds
    one = replace(PINS, quorum=1)
    assert effective_round(one, PARAMS, head(*times)) == PARAMS.round


def test_too_few_witnesses_give_no_round():
    with pytest.raises(VerificationError, match="witness_quorum witnesses=1 quorum=2"):
        effective_round(PINS, PARAMS, head(CLOSES_AT))


def test_without_quorum_the_operators_word_is_the_time():
    pins = make_pins(quorum=0)
    found = effective_round(pins, PARAMS, head(published_at=LATEST + 1))
    assert found == PARAMS.round + PINS.fallback_rounds


def test_a_list_that_was_public_before_the_close_is_refused():
    assert effective_round(PINS, PARAMS, head(CLOSES_AT, CLOSES_AT)) == PARAMS.round
    with pytest.raises(VerificationError, match="published_before_close"):
        effective_round(PINS, PARAMS, head(CLOSES_AT - 1, CLOSES_AT - 1))


def test_a_round_sooner_than_the_delay_is_refused():
    check_delay(PINS, PARAMS)
    with pytest.raises(VerificationError, match="params_round"):
        check_delay(PINS, replace(PARAMS, round=PARAMS.round - 1))
