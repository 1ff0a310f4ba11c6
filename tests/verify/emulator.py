"""Verify's runtime on moto in this process: tables, keys, queue, sender."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID

from functions.cloud.clients import Clients
from functions.cloud.config import Config
from functions.cloud.runtime import Runtime, runtime_from
from functions.cloud.tables import INDEXES, KEYS
from functions.cloud.vault import create_keys
from tests.fakes import INDEXED, FakeClock

REGION = "ap-southeast-3"
ENVIRONMENT = {
    "AWS_REGION": REGION,
    "GELOMBANG_STAGE": "test",
    "GELOMBANG_ACCOUNT": DEFAULT_ACCOUNT_ID,
    "GELOMBANG_ORIGIN": "https://gelombang.example",
    "GELOMBANG_MAIL_FROM": "no-reply@gelombang.example",
}
NUMBERS = {"wave", "number", "due_at", "review_asked_at"}


def create_tables(config):
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    for table, key in KEYS.items():
        indexes = [
            {
                "IndexName": name,
                "KeySchema": key_schema(index),
                "Projection": {"ProjectionType": "ALL"},
            }
            for name, index in INDEXES.items()
            if INDEXED[name] == table
        ]
        names = {name for name in key if name}
        names |= {part["AttributeName"] for index in indexes for part in index["KeySchema"]}
        dynamodb.create_table(
            TableName=config.name(table),
            BillingMode="PAY_PER_REQUEST",
            KeySchema=key_schema(key),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "N" if name in NUMBERS else "S"}
                for name in sorted(names)
            ],
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        )


def key_schema(key):
    kinds = zip(key, ("HASH", "RANGE"), strict=True)
    return [{"AttributeName": name, "KeyType": kind} for name, kind in kinds if name]


def create_kms_keys(config):
    kms = boto3.client("kms", region_name=REGION)
    for kind in ("data", "signing"):
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{config.name(kind)}", TargetKeyId=key)


@contextmanager
def emulated() -> Iterator[Runtime]:
    """A runtime whose clock stands until it is moved."""
    with mock_aws():
        config = Config.from_environment(ENVIRONMENT)
        create_tables(config)
        create_kms_keys(config)
        create_keys(Clients(config), config)
        sqs = boto3.client("sqs", region_name=REGION)
        for queue in ("outbox", "codes"):
            sqs.create_queue(QueueName=config.name(queue))
        ses = boto3.client("ses", region_name=REGION)
        ses.verify_email_identity(EmailAddress=config.mail_from)
        yield runtime_from(ENVIRONMENT, clock=FakeClock())
