"""Roles against recorded calls: each call is allowed, and what is allowed is called."""

from __future__ import annotations

import sys
import threading
from fnmatch import fnmatch
from functools import cache

import boto3
import click
import pytest
from flask import Flask
from moto import mock_aws

from local import calls
from local.permissions import Need, needs, parse_need, without_ids
from local.template import Unsupported
from ops.commands import cli
from tests.fakes import CONFIG
from tests.infra import recorded
from tests.infra.roles import (
    FUNCTION_ROLES,
    POLICIES,
    Grant,
    allows,
    asked_by_s3,
    grants,
    grants_of,
)

EVERYONE = (*FUNCTION_ROLES, *POLICIES)
# What a role allows that no test can record: (who, action, resource) -> why it is needed.
UNRECORDED = {
    ("*", "logs:CreateLogStream", "*"): "Lambda writes a function's log in its name",
    ("*", "logs:PutLogEvents", "*"): "Lambda writes a function's log in its name",
    ("*-worker", "sqs:ReceiveMessage", "*"): "Lambda reads a worker's queue in its name",
    ("*-worker", "sqs:DeleteMessage", "*"): "Lambda reads a worker's queue in its name",
    ("*-worker", "sqs:GetQueueAttributes", "*"): "Lambda reads a worker's queue in its name",
    ("verify-worker", "ssm:GetParameter", "*/sms/token"): "only with an SMS gateway",
    ("select-worker", "s3:AbortMultipartUpload", "*"): "only when a list of 16 MB breaks off",
    **{
        ("restorer", f"dynamodb:{action}", "*-restored-*"): "DynamoDB fills a copy in its name"
        for action in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
    },
    **{
        ("verify-worker", action, "*:key-value-store/none"): "only with a front door"
        for action in (
            "cloudfront:DescribeKeyValueStore",
            "cloudfront-keyvaluestore:DescribeKeyValueStore",
            "cloudfront-keyvaluestore:PutKey",
        )
    },
}
ARN = "arn:aws:dynamodb:REGION:ACCOUNT:table/gelombang-STAGE-"
DATA_KEY = "arn:aws:kms:REGION:ACCOUNT:key/DataKey"


@cache
def needed():
    """Who -> all that their recorded calls need, with what S3 asks of KMS for them."""
    found = {who: set() for who in EVERYONE}
    for line in recorded.recorded():
        who, *words = line.split()
        need = parse_need(words)
        found[who] |= {need, *asked_by_s3(need)}
    return found


def unused(said, wanted):
    """What is allowed and neither needed nor among the unrecorded."""
    return [
        grant
        for grant in said
        if grant.effect == "Allow"
        and not any(grant.covers(need) for need in wanted)
        and reason(grant) is None
    ]


def reason(grant):
    """Why a grant is there that nothing recorded needs."""
    for (who, action, resource), why in UNRECORDED.items():
        if fnmatch(grant.who, who) and action == grant.action and fnmatch(grant.resource, resource):
            return why
    return None


@pytest.mark.parametrize("who", EVERYONE)
def test_each_recorded_call_is_allowed(who):
    assert needed()[who], "no call is recorded at all"
    assert [str(need) for need in needed()[who] if not allows(grants(who), need)] == []


@pytest.mark.parametrize("who", EVERYONE)
def test_nothing_is_allowed_that_is_never_called(who):
    assert unused(grants(who), needed()[who]) == []


def test_each_reason_for_an_unrecorded_grant_is_still_needed():
    said = [g for who in EVERYONE for g in grants(who)]
    idle = [g for g in said if not any(g.covers(need) for need in needed()[g.who])]
    for who, action, resource in UNRECORDED:
        matching = (
            fnmatch(g.who, who) and fnmatch(g.resource, resource)
            for g in idle
            if g.action == action
        )
        assert any(matching), action


def test_a_call_that_no_grant_covers_is_found():
    for who, need in (
        ("upload", Need("dynamodb:GetItem", f"{ARN}accounts")),
        ("verify", Need("dynamodb:Scan", f"{ARN}accounts")),
        ("verify", Need("s3:GetObject", "arn:aws:s3:::gelombang-STAGE-photos-ACCOUNT/<id>/<id>")),
        ("verify-worker", Need("sns:Publish", "arn:aws:sns:REGION:ACCOUNT:gelombang-STAGE-alarms")),
        ("select", _decrypt("seeds/operator", "SigningKey")),
        ("upload-worker", _decrypt("data-keys/<id>")),
        ("upload-worker", Need("kms:Decrypt", DATA_KEY)),
        ("auditor", _decrypt("seeds/operator", "SigningKey")),
        ("key-keeper", _decrypt("data-keys/<id>")),
        ("objections", Need("dynamodb:PutItem", f"{ARN}ledgers")),
        ("wave-operator", _put("undian/<n>/results.bin")),
        ("wave-operator", _put("undian/pins.json")),
        ("reviewer", Need("dynamodb:UpdateItem", f"{ARN}audit")),
        ("verify-worker", _record("operators")),
        ("verify-worker", _seal("gate,outcome,rank")),
        ("reviewer", _look("GetItem", "ALL_ATTRIBUTES")),
        ("reviewer", _look("GetItem", "SPECIFIC_ATTRIBUTES", "applicant,profile_said")),
        ("wave-operator", _look("Scan", "ALL_ATTRIBUTES")),
        ("wave-operator", _look("Scan", "SPECIFIC_ATTRIBUTES", "declaration_said")),
    ):
        assert not allows(grants(who), need), (who, need)
    assert allows(grants("wave-operator"), _look("Scan", "SPECIFIC_ATTRIBUTES", "declaration"))
    assert allows(grants("select-worker"), _decrypt("seeds/operator", "SigningKey"))
    assert allows(grants("verify-worker"), _record("jobs"))
    assert allows(grants("verify-worker"), _seal("applicant,gate,salt"))


def _record(chain):
    return Need("dynamodb:PutItem", f"{ARN}audit", (("dynamodb:LeadingKeys", chain),))


def _look(action, select, attributes=None):
    named = (("dynamodb:Attributes", attributes),) if attributes else ()
    return Need(f"dynamodb:{action}", f"{ARN}readiness", (*named, ("dynamodb:Select", select)))


def _seal(attributes):
    return Need("dynamodb:UpdateItem", f"{ARN}entries", (("dynamodb:Attributes", attributes),))


def _decrypt(thing, key="DataKey"):
    context = {"kms:EncryptionContext:key": thing, "kms:EncryptionContext:stage": "STAGE"}
    return Need("kms:Decrypt", DATA_KEY.replace("DataKey", key), tuple(context.items()))


def _put(key):
    return Need("s3:PutObject", f"arn:aws:s3:::gelombang-STAGE-undian-ACCOUNT/{key}")


def test_a_grant_too_many_is_found():
    more = Grant("upload", "Allow", "dynamodb:DeleteItem", f"{ARN}photos")
    assert unused((*grants("upload"), more), needed()["upload"]) == [more]
    wider = Grant("upload-worker", "Allow", "kms:Decrypt", DATA_KEY, (_key("keys/nik"),))
    assert unused((wider,), needed()["upload-worker"]) == [wider]


def _key(thing):
    return ("StringLike", "kms:EncryptionContext:key", (thing,))


def test_a_denial_outweighs_and_a_strange_statement_is_an_error():
    need = Need("sns:Publish", "*")
    yes, no = (Grant("x", effect, "sns:Publish", "*") for effect in ("Allow", "Deny"))
    assert allows((yes,), need) and not allows((yes, no), need)
    for strange in ({"NotAction": "s3:*"}, {"Condition": {"IpAddress": {"aws:SourceIp": "x"}}}):
        with pytest.raises(Unsupported):
            list(grants_of("x", {"Effect": "Allow", "Action": "a", "Resource": "*", **strange}))


def test_calls_are_told_in_the_words_of_iam():
    table = "gelombang-dev-entries"
    written = needs(
        "dynamodb",
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": table}},
                {"ConditionCheck": {"TableName": table}},
            ]
        },
    )
    assert [str(need) for need in written] == [
        f"dynamodb:PutItem {ARN}entries",
        f"dynamodb:ConditionCheckItem {ARN}entries",
    ]
    index = {"TableName": "gelombang-dev-photos", "IndexName": "in_review"}
    assert needs("dynamodb", "Query", index)[0].resource == f"{ARN}photos/index/in_review"
    place = {"Bucket": "gelombang-dev-photos-123456789012", "Key": f"{'a' * 32}/{'b' * 32}"}
    assert [n.action for n in needs("s3", "PutObject", {**place, "Tagging": "x=y"})] == [
        "s3:PutObject",
        "s3:PutObjectTagging",
    ]
    (read,) = needs("s3", "HeadObject", {**place, "VersionId": "1"})
    assert str(read) == (
        "s3:GetObjectVersion arn:aws:s3:::gelombang-STAGE-photos-ACCOUNT/<id>/<id>"
    )
    assert parse_need(str(_decrypt("keys/nik")).split()) == _decrypt("keys/nik")
    assert without_ids("internal/12/changes/sri-removals-3.note") == (
        "internal/<n>/changes/<who>-removals-<n>.note"
    )
    for service, operation in (("s3", "PutBucketAcl"), ("iam", "CreateUser")):
        with pytest.raises(Unsupported):
            needs(service, operation, place)


@pytest.mark.parametrize(
    ("modules", "who"),
    [
        (["functions.cloud.dynamo", "functions.select.closing", "functions.select.worker", "x"],
         "select-worker"),
        (["functions.cloud.dynamo", "ops.audit", "ops.review_queue", "ops.review_commands",
          "ops.commands"], "reviewer"),
        (["functions.select.reporting", "ops.draw_commands", "ops.commands"], "wave-operator"),
        (["functions.cloud.dynamo", "functions.select.lease", "threading", "threading"],
         "select-worker"),
        (["functions.cloud.dynamo", "functions.select.entries", "local.applicants", "local.pages"],
         None),
        (["functions.cloud.queues", "local.pump", "threading"], None),
    ],
)  # fmt: skip
def test_who_is_at_work_is_seen_from_the_stack(modules, who):
    assert calls.worker_or_operator(modules) == who


def test_an_http_function_is_known_by_its_application():
    for name, who in (("gelombang-select", "select"), ("gelombang-local", None)):
        with Flask(name).app_context():
            assert calls.at_work() == who


def test_every_command_belongs_to_a_policy():
    """Commands that call AWS; a witness and a simulation call nobody's, a deployer goes live."""
    for name, command in cli.commands.items():
        if name in ("witness", "simulate", "golive"):
            continue
        found = [command, *getattr(command, "commands", {}).values()]
        modules = {
            c.callback.__module__ for c in found if isinstance(c, click.Command) and c.callback
        }
        assert modules & set(sys.modules), name
        named = {"keys": "ops.keys", "pins": "ops.pins", "wave": "ops.waves"}.get(name)
        for module in {named} if named else modules:
            assert calls.worker_or_operator([module]) in POLICIES, (name, module)


def test_what_an_unknown_caller_does_is_refused_and_what_nobody_does_is_not_noted(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        tables = boto3.client("dynamodb", region_name=CONFIG.region)
        tables.create_table(
            TableName="gelombang-test-accounts",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "applicant", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "applicant", "AttributeType": "S"}],
        )
        tables.scan(TableName="gelombang-test-accounts")
        assert set() == recorded.SEEN
        with Flask("gelombang-upload").app_context():
            tables.scan(TableName="gelombang-test-accounts")
    assert {f"upload dynamodb:Scan {ARN}accounts"} == recorded.SEEN
    with pytest.raises(AssertionError, match="upload dynamodb:Scan"):
        recorded.refuse_unrecorded(recorded.SEEN)
    recorded.SEEN.clear()


def test_a_thread_of_a_worker_is_its_own():
    scope = {"__name__": "functions.select.lease", "found": [], "at_work": calls.at_work}
    exec("def beat():\n    found.append(at_work())", scope)
    thread = threading.Thread(target=scope["beat"])
    thread.start()
    thread.join()
    assert scope["found"] == ["select-worker"]
