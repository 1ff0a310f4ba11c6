"""A whole wave over the cloud's own interfaces: DynamoDB, S3, KMS, SSM and SQS, on moto."""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

import ops.keys
from functions.cloud.dynamo import DynamoTables
from functions.cloud.files import S3Files
from functions.cloud.queues import SqsQueues
from functions.cloud.vault import KmsVault
from functions.programme.draw.proof import verify_proof
from functions.select import draw as draw_command
from functions.select.entries import find_entry
from functions.select.proofs import find_proof
from functions.web.errors import Conflict
from tests.cloud.test_tables_contract import PREFIX, create_tables
from tests.fakes import CONFIG
from tests.select.world import World

PEOPLE = 9


@pytest.fixture
def world(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        names = ("dynamodb", "s3", "kms", "ssm", "sqs")
        made = {name: boto3.client(name, region_name=CONFIG.region) for name in names}
        clients = made.__getitem__
        create_tables(made["dynamodb"])
        made["s3"].create_bucket(
            Bucket=CONFIG.bucket("undian"),
            CreateBucketConfiguration={"LocationConstraint": CONFIG.region},
        )
        made["s3"].put_bucket_versioning(
            Bucket=CONFIG.bucket("undian"), VersioningConfiguration={"Status": "Enabled"}
        )
        made["sqs"].create_queue(QueueName=CONFIG.name("outbox"))
        for kind in ("data", "signing"):
            key = made["kms"].create_key()["KeyMetadata"]["KeyId"]
            made["kms"].create_alias(AliasName=f"alias/{CONFIG.name(kind)}", TargetKeyId=key)
        ops.keys.create(clients, CONFIG)
        yield World(
            tables=DynamoTables(clients, PREFIX),
            files=S3Files(clients, CONFIG),
            queues=SqsQueues(clients, CONFIG),
            vault=KmsVault(clients, CONFIG),
        )


def outbox_rows(world):
    return list(world.tables.scan("outbox"))


def test_a_wave_on_the_cloud_is_drawn_announced_and_verified_by_a_stranger(world, tmp_path, capsys):
    world.create(quota=3, reserve=1, pools=[("timur", 1, ["91"])])
    people = [
        world.enter(n, family=n // 3, province="91" if n == 8 else "31") for n in range(PEOPLE - 1)
    ]
    people.append(world.enter(PEOPLE - 1, official=True))
    assert world.join(people[0]) == world.answers[people[0]]
    with pytest.raises(Conflict, match="already_joined"):
        world.join(people[0], key="b" * 36)
    with pytest.raises(Conflict, match="not_ready"):
        world.join(world.person(50, ktp=None))
    world.finish()
    world.tick()

    for name, data in world.files().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "pins.json").write_bytes(world.pins())
    assert draw_command.main(["verify", str(tmp_path)], {}) == 0
    assert "every step holds, 9 entries" in capsys.readouterr().out

    outcomes = [find_entry(world.runtime, a, 1)["outcome"]["outcome"] for a in people]
    assert outcomes.count("selected") == 3 and outcomes.count("reserve") == 1
    assert outcomes[-1] == "excluded"
    assert len(outbox_rows(world)) == 3 * PEOPLE
    for applicant in people[::4]:
        proof = find_proof(world.runtime, applicant, 1)
        receipt = world.answers[applicant]["receipt"]
        verify_proof(proof, world.files(), world.pins(), receipt, *world.people[applicant])
        readiness = world.tables.get("readiness", {"applicant": applicant})
        assert "open_waves" not in readiness


def test_nothing_stored_holds_a_nik_or_kk(world):
    applicants = [world.person(n) for n in range(2)]
    world.create()
    for applicant in applicants:
        world.join(applicant)
    world.finish()
    tables = ("waves", "gates", "entries", "ledgers", "outbox", "readiness")
    stored = "".join(str(item) for name in tables for item in world.tables.scan(name))
    names = world.runtime.files.names("undian", "")
    stored += "".join(names) + json.dumps([str(world.files())])
    for numbers in world.people.values():
        for number in numbers:
            assert number not in stored


def test_the_close_refuses_a_join_on_the_cloud_too(world):
    world.create()
    applicant = world.person(1)
    world.to_close()
    world.tick()
    world.clock.now -= 1000
    with pytest.raises(Conflict, match="wave_closed"):
        world.join(applicant)
