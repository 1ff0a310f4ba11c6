"""Backups on moto: from restored tables alone comes the list that was signed."""

from __future__ import annotations

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from functions.cloud.dynamo import DynamoTables
from functions.cloud.files import S3Files
from functions.cloud.tables import KEYS, Delete, Update
from ops import restore
from ops.commands import cli
from ops.errors import Refused
from tests.cloud.test_tables_contract import PREFIX, create_tables
from tests.fakes import CONFIG
from tests.select.world import World

PEOPLE = 5
HOLDS = "head that was signed"


@pytest.fixture
def published(monkeypatch):
    """A wave whose list is public; its tables and files are on moto."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = {name: boto3.client(name, region_name=CONFIG.region) for name in ("dynamodb", "s3")}
        create_tables(made["dynamodb"])
        place = {"LocationConstraint": CONFIG.region}
        bucket = CONFIG.bucket("undian")
        made["s3"].create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        made["s3"].put_bucket_versioning(
            Bucket=bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        clients = made.__getitem__
        world = World(tables=DynamoTables(clients, PREFIX), files=S3Files(clients, CONFIG))
        world.create(quota=2, reserve=1)
        for number in range(PEOPLE):
            world.enter(number, family=min(number, 2), official=number == 4)
        world.to_close()
        world.tick()
        assert world.phase() == "roster_published"
        yield world


def run(world, *words):
    return CliRunner().invoke(cli, ("restore", *words), obj={"runtime": lambda: world.runtime})


def lines_of(done):
    """The lines of tables and waves, by their first word."""
    return {line.split("  ")[0]: line for line in done.output.splitlines()}


def test_a_rehearsal_makes_the_list_again_and_leaves_nothing_and_a_real_loss_is_seen(published):
    done = run(published, "rehearse", "--at", "2026-01-09 12:00 WIB")
    assert done.exit_code == 0, done.output
    told = lines_of(done)
    assert set(KEYS) <= set(told)
    assert told["entries"].startswith(f"entries  alike {PEOPLE}  changed since 0")
    assert told["wave 1"].startswith(f"wave 1  {PEOPLE} entries") and HOLDS in told["wave 1"]
    left = run(published, "check")
    assert left.exit_code == 1 and "no copy that is ready" in left.output
    lose_and_find(published)


def lose_and_find(published):
    """An entry lost and one damaged: the copy has the list; without the entry it has not."""
    tables = ("waves", "entries", "readiness")
    assert run(published, "begin", *tables).output == "begun: waves, entries, readiness\n"
    assert run(published, "begin", "waves").output == "begun: nothing, the copies are there\n"
    lost, damaged, *_ = sorted(published.entries().values(), key=lambda one: one["applicant"])
    gone, key = ({n: one[n] for n in ("gate", "applicant")} for one in (lost, damaged))
    published.tables.write(Delete("entries", gone))
    published.tables.write(Update("entries", key, set={"commitment": b"\1" * 32}))
    published.person(70)
    done = run(published, "check")
    assert done.exit_code == 0, done.output
    told = lines_of(done)
    assert told["entries"].endswith("changed since 1  only in the copy 1  only live 0")
    assert told["readiness"].endswith("changed since 0  only in the copy 0  only live 1")
    assert HOLDS in told["wave 1"]

    restore.copies(published.runtime.files._clients, CONFIG).write(Delete("entries", gone))
    done = run(published, "check")
    assert done.exit_code == 1 and f"wave 1  {PEOPLE - 1} entries" in done.output
    assert "NOT the head" in done.output and "not the one that was signed" in done.output
    assert run(published, "drop").output == "deleted: readiness, waves, entries\n"


def test_a_table_that_there_is_not_is_refused():
    with pytest.raises(Refused, match="no table letters"):
        restore.begin({}.__getitem__, CONFIG, ["letters"], None)
