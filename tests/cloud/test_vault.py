"""Sealed fields open only where they belong; keys lie wrapped by KMS."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from functions.cloud.vault import MAC_PURPOSES, KmsVault, SealBroken, create_keys
from tests.fakes import CONFIG, FakeVault


@pytest.fixture
def clients(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = {s: boto3.client(s, region_name=CONFIG.region) for s in ("kms", "ssm")}
        for kind in ("data", "signing"):
            key = made["kms"].create_key()["KeyMetadata"]["KeyId"]
            made["kms"].create_alias(AliasName=f"alias/{CONFIG.name(kind)}", TargetKeyId=key)
        yield made.__getitem__


def test_a_field_opens_only_in_its_place():
    vault = FakeVault()
    sealed = vault.seal("accounts", "a", "nik", "3171010101909001")
    assert vault.open("accounts", "a", "nik", sealed) == "3171010101909001"
    for place in (("accounts", "b", "nik"), ("accounts", "a", "kk"), ("entries", "a", "nik")):
        with pytest.raises(SealBroken):
            vault.open(*place, sealed)


@pytest.mark.parametrize("position", [0, 8, 20, -1])
def test_a_changed_field_does_not_open(position):
    vault = FakeVault()
    sealed = bytearray(vault.seal("accounts", "a", "nik", "3171010101909001"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        vault.open("accounts", "a", "nik", bytes(sealed))


def test_sealing_the_same_twice_shows_nothing():
    vault = FakeVault()
    assert vault.seal("t", "k", "f", "x") != vault.seal("t", "k", "f", "x")
    assert b"3171" not in vault.seal("t", "k", "f", "3171010101909001")


def test_macs_differ_by_purpose_and_are_stable():
    vault = FakeVault()
    assert len({vault.mac(purpose, "x") for purpose in MAC_PURPOSES}) == len(MAC_PURPOSES)
    assert vault.mac("nik", "x") == vault.mac("nik", "x") != vault.mac("nik", "y")


def test_keys_are_made_once_and_shared_by_processes(clients):
    assert len(create_keys(clients, CONFIG)) == len(MAC_PURPOSES) + 3
    assert create_keys(clients, CONFIG) == []
    one, other = KmsVault(clients, CONFIG), KmsVault(clients, CONFIG)
    assert one.mac("nik", "x") == other.mac("nik", "x")
    assert other.open("t", "k", "f", one.seal("t", "k", "f", "text")) == "text"
    assert one.seed("operator") != one.seed("receipts")


def test_no_key_stands_unwrapped_in_the_parameters(clients):
    create_keys(clients, CONFIG)
    vault = KmsVault(clients, CONFIG)
    stored = "".join(
        parameter["Value"]
        for page in clients("ssm")
        .get_paginator("get_parameters_by_path")
        .paginate(Path="/gelombang/", Recursive=True)
        for parameter in page["Parameters"]
    )
    import base64

    for key in (vault.key("nik"), vault.seed("operator")):
        assert base64.b64encode(key).decode() not in stored
        assert key.hex() not in stored


def test_a_key_wrapped_for_one_purpose_does_not_unwrap_as_another(clients):
    create_keys(clients, CONFIG)
    ssm = clients("ssm")
    nik = ssm.get_parameter(Name=CONFIG.parameter("keys/nik"))["Parameter"]["Value"]
    ssm.put_parameter(Name=CONFIG.parameter("keys/kk"), Value=nik, Overwrite=True)
    with pytest.raises(clients("kms").exceptions.ClientError):
        KmsVault(clients, CONFIG).key("kk")
