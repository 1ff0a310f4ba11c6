"""Queues on moto: what waits is counted, and dead letters go round again."""

from __future__ import annotations

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from ops import queues
from ops.commands import cli
from ops.errors import Refused
from tests.fakes import CONFIG, fake_runtime

NAMES = tuple(f"{queue}{dead}" for queue in queues.QUEUES for dead in ("", "-dead"))


@pytest.fixture
def sqs(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("sqs", region_name=CONFIG.region)
        for name in NAMES:
            client.create_queue(QueueName=CONFIG.name(name))
        yield client


def put(sqs, queue, *bodies):
    url = sqs.get_queue_url(QueueName=CONFIG.name(queue))["QueueUrl"]
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)


def run(*words):
    return CliRunner().invoke(cli, words, obj={"runtime": fake_runtime})


def test_what_waits_and_what_is_dead_is_counted(sqs):
    put(sqs, "outbox", "a", "b")
    put(sqs, "photos-dead", "c")
    assert run("queues", "depth").output.splitlines() == [
        "codes  waiting 0  hidden 0  dead 0",
        "mail-events  waiting 0  hidden 0  dead 0",
        "outbox  waiting 2  hidden 0  dead 0",
        "photos  waiting 0  hidden 0  dead 1",
    ]


@pytest.mark.parametrize("queue", queues.QUEUES)
def test_dead_letters_go_round_again_as_many_as_are_asked_for(sqs, queue):
    put(sqs, f"{queue}-dead", *(f"{number}" for number in range(13)))
    clients = {"sqs": sqs}.__getitem__
    assert queues.redrive(clients, CONFIG, queue, 11) == 11
    assert run("queues", "redrive", queue).output == "2 messages go round again\n"
    told = run("queues", "depth").output.splitlines()
    assert f"{queue}  waiting 13  hidden 0  dead 0" in told


def test_another_queue_is_refused(sqs):
    with pytest.raises(Refused):
        queues.redrive({"sqs": sqs}.__getitem__, CONFIG, "letters", 1)
