"""The operator's command line, as an operator types it."""

from __future__ import annotations

import json
import stat

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from functions.cloud.vault import MAC_PURPOSES
from ops.commands import cli, read_seed
from ops.errors import Refused
from tests.fakes import CONFIG, fake_runtime
from tests.select.world import FakeWitnesses, World, beacon_pins

CREATE = [
    *("wave", "create", "--wave", "12", "--quota", "600", "--reserve", "60", "--shards", "4"),
    *("--province", "91", "--province", "31", "--pool", "timur:200:91", "--draw-after", "1200"),
]
TIMES = ["--opens", "2026-01-05 12:30 WIB", "--closes", "2026-01-05T07:00:00Z"]


@pytest.fixture
def world():
    return World()


def run(runtime, *words):
    return CliRunner().invoke(cli, [str(word) for word in words], obj={"runtime": lambda: runtime})


def test_a_wave_is_created_listed_and_shown(world):
    made = run(world.runtime, *CREATE, *TIMES)
    assert made.exit_code == 0, made.output
    shown = json.loads(made.output)
    assert shown["opens_at"] == "2026-01-05T05:30:00Z"
    assert shown["provinces"] == ["91", "31"] and shown["pools"] == {"timur": 200}
    assert json.loads(run(world.runtime, "wave", "show", "--wave", 12).output) == shown
    listed = run(world.runtime, "wave", "list").output
    assert listed == "12  planned  closes 2026-01-05T07:00:00Z\n"


def test_a_refusal_is_one_line_and_exit_1(world):
    refused = run(world.runtime, *CREATE, "--quota", 0, *TIMES)
    assert refused.exit_code == 1
    assert refused.output == "Error: the quota must be 1 or more\n"
    assert run(world.runtime, "wave", "show", "--wave", 9).output == "Error: there is no wave 9\n"


def test_a_missing_option_is_wrong_usage(world):
    assert run(world.runtime, "wave", "create").exit_code == 2


def test_pins_are_published_and_printed():
    beacon = beacon_pins()
    words = ["pins", "publish", "--quorum", 1, "--chain", beacon["chain"]]
    words += ["--public-key", beacon["public_key"], "--genesis", beacon["genesis"]]
    words += ["--witness", FakeWitnesses.signers[0].verifier]
    answer = run(fake_runtime(), *words)
    assert answer.exit_code == 0, answer.output
    pins = json.loads(answer.output)
    assert pins["quorum"] == 1 and pins["draw_delay_seconds"] == 172_800
    assert pins["operator"].startswith("gelombang.example/operator+")


def test_keys_are_made_once(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        kms = boto3.client("kms", region_name=CONFIG.region)
        for kind in ("data", "signing"):
            key = kms.create_key()["KeyMetadata"]["KeyId"]
            kms.create_alias(AliasName=f"alias/{CONFIG.name(kind)}", TargetKeyId=key)
        made = run(fake_runtime(), "keys", "create")
        assert made.exit_code == 0
        assert len(made.output.splitlines()) == len(MAC_PURPOSES) + 3
        assert run(fake_runtime(), "keys", "create").output == "nothing to make\n"


def test_a_witnesss_seed_is_made_once_for_its_owner_alone(tmp_path):
    path = tmp_path / "seed"
    seed = read_seed(path)
    assert len(seed) == 32 and read_seed(path) == seed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("not hex")
    with pytest.raises(Refused):
        read_seed(path)
    path.write_text("abcd")
    with pytest.raises(Refused):
        read_seed(path)


def test_every_command_says_what_it_does():
    def commands(group, words=()):
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from commands(command, (*words, name))
            else:
                yield (*words, name), command

    found = dict(commands(cli))
    assert ("wave", "create") in found and ("witness", "serve") in found
    for words, command in found.items():
        assert command.help, words
        assert run(None, *words, "--help").exit_code == 0
