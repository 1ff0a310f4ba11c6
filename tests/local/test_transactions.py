"""A transaction that fails changes nothing, though whole tables are no longer copied."""

import copy

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.dynamodb import models

from local import transactions

KEY, RANGED = "alone", "ranged"


@pytest.fixture
def dynamodb(monkeypatch):
    monkeypatch.setattr(models, "copy", models.copy)
    backend = models.DynamoDBBackend
    monkeypatch.setattr(backend, "transact_write_items", backend.transact_write_items)
    transactions.copy_only_what_they_name()
    with mock_aws():
        client = boto3.client("dynamodb", "ap-southeast-3")
        create(client, KEY, "a")
        create(client, RANGED, "a", "b")
        for number in "123":
            client.put_item(TableName=KEY, Item=item(a=number, n="0"))
            client.put_item(TableName=RANGED, Item=item(a="1", b=number, n="0"))
        yield client
        # Inside another test's emulator nothing is forgotten by itself.
        for name in (KEY, RANGED):
            client.delete_table(TableName=name)


def create(client, name, *keys):
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in keys],
        KeySchema=[
            {"AttributeName": k, "KeyType": kind}
            for k, kind in zip(keys, ("HASH", "RANGE"), strict=False)
        ],
    )


def item(**parts):
    return {name: {"S": value} for name, value in parts.items()}


def update(table, **key):
    return {
        "Update": {
            "TableName": table,
            "Key": item(**key),
            "UpdateExpression": "SET n = :n",
            "ExpressionAttributeValues": {":n": {"S": "1"}},
        }
    }


def everything(client):
    return {
        table: sorted(client.scan(TableName=table)["Items"], key=str) for table in (KEY, RANGED)
    }


ACTIONS = [
    update(KEY, a="1"),
    update(KEY, a="new"),
    {"Delete": {"TableName": KEY, "Key": item(a="2")}},
    {"Put": {"TableName": RANGED, "Item": item(a="1", b="1", n="2")}},
    {"Put": {"TableName": RANGED, "Item": item(a="other", b="1", n="2")}},
    update(RANGED, a="1", b="2"),
    {"Delete": {"TableName": RANGED, "Key": item(a="1", b="3")}},
]
FAILS = {
    "ConditionCheck": {
        "TableName": KEY,
        "Key": item(a="3"),
        "ConditionExpression": "attribute_not_exists(a)",
    }
}


@pytest.mark.parametrize("last", [True, False], ids=["fails last", "fails first"])
def test_a_transaction_that_fails_changes_nothing(dynamodb, last):
    before = everything(dynamodb)
    with pytest.raises(ClientError, match="TransactionCanceled"):
        dynamodb.transact_write_items(
            TransactItems=[*ACTIONS, FAILS] if last else [FAILS, *ACTIONS]
        )
    assert everything(dynamodb) == before


def test_a_transaction_that_holds_does_all_that_it_names(dynamodb):
    dynamodb.transact_write_items(TransactItems=copy.deepcopy(ACTIONS))
    after = everything(dynamodb)
    assert [row["a"]["S"] + row["n"]["S"] for row in after[KEY]] == ["11", "30", "new1"]
    assert [row["b"]["S"] + row["n"]["S"] for row in after[RANGED]] == ["12", "21", "12"]


def test_tables_that_were_set_aside_can_be_changed_again(dynamodb):
    for _ in range(2):
        with pytest.raises(ClientError):
            dynamodb.transact_write_items(TransactItems=[*ACTIONS, FAILS])
    dynamodb.transact_write_items(TransactItems=ACTIONS)
    assert dynamodb.get_item(TableName=KEY, Key=item(a="1"))["Item"]["n"]["S"] == "1"
