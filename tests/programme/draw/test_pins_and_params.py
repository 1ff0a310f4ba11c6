"""Pins and params: what is fixed before a wave opens."""

import json
from dataclasses import replace

import pytest

from functions.programme.draw import canonical
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.params import Pool, check_policy, parse_params
from functions.programme.draw.pins import parse_pins
from tests.programme.draw.world import OPERATOR, WITNESSES, make_params, make_pins

PINS = make_pins()
PARAMS = make_params(PINS, 20, 5, Pool("papua", 4), Pool("difabel", 6))


def changed(data: bytes, **values: object) -> bytes:
    """The canonical file with other values; a double underscore reaches into an object."""
    file = json.loads(data)
    for path, value in values.items():
        *owners, name = path.split("__")
        owner = file
        for step in owners:
            owner = owner[step]
        owner[name] = value
    return canonical.serialise(file)


def test_what_is_written_is_read_again():
    assert parse_pins(PINS.to_bytes()) == PINS
    assert parse_params(PARAMS.to_bytes()) == PARAMS


@pytest.mark.parametrize(
    "change",
    [
        *({"version": 2}, {"quorum": 4}, {"family_limit": 0}, {"family_limit": 256}),
        *({"fallback_rounds": 0}, {"beacon__period": 0}, {"beacon__scheme": "pedersen-bls"}),
        *({"beacon__public_key": "00" * 95}, {"beacon__chain": "F0"}, {"beacon__genesis": "1"}),
        *({"witnesses": "x"}, {"witnesses": [1, 2, 3]}, {"quorum": [2]}, {"operator": 1}),
        {"operator": str(WITNESSES[0].verifier)},
        {"witnesses": [str(WITNESSES[0].verifier)] * 2},
        {"witnesses": [str(WITNESSES[0].verifier), str(OPERATOR.verifier)]},
        {"witnesses": [str(WITNESSES[0].verifier)], "quorum": 2},
        {"another": 1},
    ],
)
def test_unusable_pins_are_refused(change):
    with pytest.raises(VerificationError):
        parse_pins(changed(PINS.to_bytes(), **change))


def test_one_institution_does_not_count_as_two_witnesses():
    same_name = replace(WITNESSES[1], name=WITNESSES[0].name).verifier
    same_key = replace(WITNESSES[0], name="witness.test/other").verifier
    operators = replace(WITNESSES[0], seed=OPERATOR.seed).verifier
    for second in (same_name, same_key, operators):
        pins = replace(PINS, witnesses=(WITNESSES[0].verifier, WITNESSES[2].verifier, second))
        if second == operators:
            pins = replace(pins, witnesses=(WITNESSES[2].verifier, second))
        with pytest.raises(VerificationError, match="pins_witness_twice"):
            parse_pins(pins.to_bytes())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 0}, "json_value"),
        ({"wave": 0}, "json_value"),
        ({"wave": 2**32}, "json_value"),
        ({"quota": 2**32}, "json_value"),
        ({"round": 0}, "json_value"),
        ({"programme": 5}, "json_value"),
        ({"pools": "papua"}, "json_value"),
        ({"pools": [{"name": "papua", "seats": 0}]}, "json_value"),
        ({"pools": [{"name": "papua"}]}, "json_fields"),
        ({"pools": [{"name": "papua", "seats": 1}] * 2}, "params_pools"),
        ({"pools": [{"name": "papua", "seats": 21}]}, "params_pools"),
        (
            {"pools": [{"name": f"p{n}", "seats": 1} for n in range(256)], "quota": 300},
            "params_pools",
        ),
        ({"opens_at": "2026-01-09T05:00:00Z"}, "params_times"),
        ({"closes_at": "2026-01-09T12:00:00+07:00"}, "time_malformed"),
        ({"policy": "00"}, "hex_malformed"),
        ({"seats": 1}, "json_fields"),
    ],
)
def test_unusable_params_are_refused(change, code):
    with pytest.raises(VerificationError, match=code):
        parse_params(changed(PARAMS.to_bytes(), **change))


def test_a_wave_announced_under_other_pins_is_refused():
    check_policy(PARAMS, PINS)
    with pytest.raises(VerificationError, match="params_policy"):
        check_policy(PARAMS, replace(PINS, margin_seconds=0))
