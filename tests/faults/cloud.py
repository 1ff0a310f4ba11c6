"""A stage on moto whose AWS calls go over a wire, and workers that each begin afresh."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import boto3

import ops.keys
from functions.cloud.dynamo import DynamoTables
from functions.cloud.files import S3Files
from functions.cloud.machines import StepMachines
from functions.cloud.mail import SesMailer
from functions.cloud.queues import SqsQueues
from functions.cloud.runtime import Runtime
from functions.cloud.sms import SnsSender
from functions.cloud.vault import KmsVault
from local import machine
from tests.cloud.test_tables_contract import PREFIX, create_tables
from tests.fakes import CONFIG
from tests.faults.aws import Wire, WiredClients
from tests.select.world import World, definition

SERVICES = ("dynamodb", "s3", "kms", "ssm", "sqs", "stepfunctions", "ses", "sns")
BUCKETS = ("undian", "incoming", "photos", "site")
QUEUES = ("outbox", "codes", "photos")


def plain_clients() -> Callable[[str], Any]:
    """Clients of moto that nothing disturbs."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    made = {name: boto3.client(name, region_name=CONFIG.region, **keys) for name in SERVICES}
    return made.__getitem__


def make_stage(clients: Callable[[str], Any]) -> None:
    """Tables, buckets, queues, keys and the state machine on an empty moto."""
    make_tables_and_buckets(clients)
    for queue in QUEUES:
        clients("sqs").create_queue(QueueName=CONFIG.name(queue))
    for kind in ("data", "signing"):
        key = clients("kms").create_key()["KeyMetadata"]["KeyId"]
        clients("kms").create_alias(AliasName=f"alias/{CONFIG.name(kind)}", TargetKeyId=key)
    ops.keys.create(clients, CONFIG)
    clients("ses").verify_email_identity(EmailAddress=CONFIG.mail_from)
    clients("stepfunctions").create_state_machine(
        name=CONFIG.name("waves"),
        definition=json.dumps(definition()),
        roleArn=f"arn:aws:iam::{CONFIG.account}:role/waves",
    )


def make_tables_and_buckets(clients: Callable[[str], Any]) -> None:
    """What holds data, on an empty moto."""
    create_tables(clients("dynamodb"))
    for bucket in BUCKETS:
        name, s3 = CONFIG.bucket(bucket), clients("s3")
        place = {"LocationConstraint": CONFIG.region}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def ports(clients: Callable[[str], Any]) -> dict[str, Any]:
    """The ports of a process that has just begun: nothing is remembered."""
    return {
        "tables": DynamoTables(clients, PREFIX),
        "files": S3Files(clients, CONFIG),
        "queues": SqsQueues(clients, CONFIG),
        "machines": StepMachines(clients, CONFIG),
        "mailer": SesMailer(clients, CONFIG),
        "sms": SnsSender(clients),
        "vault": KmsVault(clients, CONFIG),
    }


class CloudWorld(World):
    """The world of the fakes on moto; its worker's calls go over `wire`, the others do not."""

    def __init__(self, wire: Wire, quorum: int = 2):
        self.plain = plain_clients()
        make_stage(self.plain)
        super().__init__(quorum, **ports(self.plain))
        self.calm = self.runtime
        self._wired = WiredClients(CONFIG, wire.session())

    def begin_worker(self) -> Runtime:
        """From now on a new process works; it remembers nothing of the one before."""
        self.runtime = replace(self.calm, **ports(self._wired))
        return self.runtime

    def run_machines(self) -> None:
        """Each run that is under way, from its beginning, as Step Functions does."""
        states = self.plain("stepfunctions")
        arn = CONFIG.machine("waves")
        found = states.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
        errors: list[Exception] = []
        for run in sorted(found, key=lambda one: one["startDate"]):
            given = states.describe_execution(executionArn=run["executionArn"])["input"]
            try:
                machine.run(definition(), json.loads(given), self.call)
            except Exception as error:  # noqa: BLE001 - a run fails with any error
                errors.append(error)
            states.stop_execution(executionArn=run["executionArn"])
        if errors:
            raise errors[0]

    def queued(self) -> list[str]:
        """The ids on the outbox's queue, each as often as it is there; the queue is then empty."""
        sqs, found = self.plain("sqs"), []
        url = sqs.get_queue_url(QueueName=CONFIG.name("outbox"))["QueueUrl"]
        while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in batch:
                found.append(json.loads(message["Body"])["message"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found
