"""The development beacon and witnesses, by the local clock and with this run's own keys."""

import pytest
from werkzeug.test import Client

from functions.cloud.beacons import signature_in
from functions.programme.draw import bls
from functions.programme.draw.keys import COSIGNATURE, parse_verifier_key
from local import beacon
from local.institutions import WITNESSES, found, load
from tests.fakes import NOON, FakeClock

ROUND = 11


@pytest.fixture
def file(tmp_path):
    return tmp_path / "institutions.json"


@pytest.fixture
def institutions(file):
    return found(file, NOON // 1000)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def relay(institutions, clock):
    return Client(beacon.create_app(institutions.chain, clock))


def path(institutions, number):
    return f"/{institutions.chain.pinned['chain']}/public/{number}"


def test_a_round_is_not_out_before_its_time(relay, institutions, clock):
    clock.advance((ROUND - 1) * beacon.PERIOD_SECONDS * 1000 - 1)
    assert relay.get(path(institutions, ROUND)).status_code == 425
    clock.advance(1)
    assert relay.get(path(institutions, ROUND)).status_code == 200


def test_a_round_verifies_against_the_pinned_key(relay, institutions, clock):
    import hashlib

    clock.advance(60_000)
    signature = signature_in(relay.get(path(institutions, ROUND)).data, ROUND)
    key = bytes.fromhex(institutions.chain.pinned["public_key"])
    bls.verify(key, hashlib.sha256(ROUND.to_bytes(8, "big")).digest(), signature)


@pytest.mark.parametrize("number", ["0", "01", "-1", "x", "1" * 13])
def test_what_is_no_round_is_not_here(relay, institutions, number):
    assert relay.get(path(institutions, number)).status_code == 404


def test_another_chain_is_not_here(relay):
    assert relay.get(f"/{'0' * 64}/public/1").status_code == 404


def test_all_processes_of_a_run_know_the_same_institutions(file, institutions):
    assert load(file) == institutions
    assert file.stat().st_mode & 0o077 == 0


def test_each_run_has_keys_of_its_own(tmp_path, institutions):
    other = found(tmp_path / "other.json", NOON // 1000)
    assert other.chain.pinned["chain"] != institutions.chain.pinned["chain"]
    keys = {i.verifier(name) for i in (other, institutions) for name in WITNESSES}
    assert len(keys) == 4


def test_a_witness_is_pinned_by_a_key_that_verifiers_can_read(institutions):
    for name in WITNESSES:
        assert parse_verifier_key(institutions.verifier(name), COSIGNATURE).name.endswith(name)
