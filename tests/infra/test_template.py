"""infra/template.yaml against the code that relies on it."""

import json
from functools import cache

import pytest

from functions.cloud.chain import JOBS
from functions.cloud.config import Config
from functions.cloud.tables import INDEXES, KEYS
from functions.programme.photos import REVIEW_ASKED_WITHIN
from functions.programme.times import DAY
from functions.verify.erasure import FINDS_ENTRY, OPENS_ENTRY
from infra.settings import FUNCTIONS, function_name, render
from local.template import Template
from tests.infra.test_settings import function_at

ACCOUNT, REGION = "210987654321", "ap-southeast-3"
# Tables whose items are cleaned up by DynamoDB (docs/data.md).
EXPIRING = {"challenges", "sessions", "limits", "outbox", "figures"}
# AWS's advice for a queue that Lambda reads: hide messages for six times the timeout.
VISIBILITY_FACTOR = 6


@cache
def template(stage="production", **more):
    given = {"Stage": stage, "Origin": "https://gelombang.example", "MailFrom": "a@b.example"}
    return Template({**given, **more}, ACCOUNT, REGION)


def named(kind, name, key, **given):
    return next(r.properties for r in template(**given).of_type(kind) if r.properties[key] == name)


def statements(role, stage="production"):
    about = named("AWS::IAM::Role", f"gelombang-{stage}-{role}", "RoleName", stage=stage)
    return [s for policy in about["Policies"] for s in policy["PolicyDocument"]["Statement"]]


def as_list(value):
    return value if isinstance(value, list) else [value]


def allowed(role, service):
    """{action: resources} that a role may do on a service."""
    found = {}
    for statement in statements(role):
        for action in as_list(statement["Action"]):
            if statement["Effect"] == "Allow" and action.startswith(f"{service}:"):
                found.setdefault(action, []).extend(as_list(statement["Resource"]))
    return found


def test_the_tables_are_those_of_the_code():
    tables = {
        t.properties["TableName"]: t.properties for t in template().of_type("AWS::DynamoDB::Table")
    }
    assert set(tables) == {f"gelombang-production-{name}" for name in KEYS}
    for name, (first, second) in KEYS.items():
        schema = [
            (k["AttributeName"], k["KeyType"])
            for k in tables[f"gelombang-production-{name}"]["KeySchema"]
        ]
        assert schema == [(first, "HASH")] + ([(second, "RANGE")] if second else [])


def test_the_indexes_are_those_of_the_code():
    indexes = {
        index["IndexName"]: tuple(k["AttributeName"] for k in index["KeySchema"])
        for table in template().of_type("AWS::DynamoDB::Table")
        for index in table.properties.get("GlobalSecondaryIndexes", ())
    }
    assert indexes == INDEXES


@pytest.mark.parametrize("name", KEYS)
def test_every_table_is_sealed_recoverable_and_cleaned_up_where_it_should_be(name):
    table = named("AWS::DynamoDB::Table", f"gelombang-production-{name}", "TableName")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["SSESpecification"]["SSEEnabled"] is True
    assert table["SSESpecification"]["SSEType"] == "KMS"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert ("TimeToLiveSpecification" in table) == (name in EXPIRING)
    if name in EXPIRING:
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_only_production_tables_are_protected_from_deletion():
    for stage, protected in (("production", True), ("dev", False)):
        tables = template(stage).of_type("AWS::DynamoDB::Table")
        assert {t.properties["DeletionProtectionEnabled"] for t in tables} == {protected}


def test_every_bucket_is_private_versioned_sealed_and_refuses_plain_http():
    whole = template()
    policies = {
        p.properties["Bucket"]: p.properties["PolicyDocument"]["Statement"]
        for p in whole.of_type("AWS::S3::BucketPolicy")
    }
    config = Config.from_environment(
        {
            "GELOMBANG_STAGE": "production",
            "GELOMBANG_ACCOUNT": ACCOUNT,
            "GELOMBANG_ORIGIN": "https://gelombang.example",
            "GELOMBANG_MAIL_FROM": "a@b.example",
        }
    )
    buckets = {b.properties["BucketName"]: b.properties for b in whole.of_type("AWS::S3::Bucket")}
    assert {config.bucket(name) for name in ("incoming", "photos", "site", "undian")} <= set(
        buckets
    )
    for name, bucket in buckets.items():
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["OwnershipControls"] == {
            "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]
        }
        assert bucket["BucketEncryption"]
        refusal = next(s for s in policies[name] if s["Sid"] == "TlsOnly")
        assert refusal["Effect"] == "Deny"
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_site_and_the_draw_files_are_given_to_the_distribution():
    arn = "arn:aws:cloudfront::210987654321:distribution/EXAMPLE"
    given = {
        statement["Resource"].split(":::")[1]
        for policy in template(DistributionArn=arn).of_type("AWS::S3::BucketPolicy")
        for statement in policy.properties["PolicyDocument"]["Statement"]
        if statement["Sid"] == "Distribution"
    }
    assert given == {
        f"gelombang-production-site-{ACCOUNT}/*",
        f"gelombang-production-undian-{ACCOUNT}/undian/*",
    }


def test_browsers_may_only_post_and_only_from_the_site():
    bucket = named("AWS::S3::Bucket", f"gelombang-production-incoming-{ACCOUNT}", "BucketName")
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedMethods"] == ["POST"]
    assert rule["AllowedOrigins"] == ["https://gelombang.example"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_and_a_log_group_exist_for_each_function(name):
    for stage in ("dev", "production"):
        settings = render(f"{stage}_{name}", ACCOUNT, REGION)
        function = function_name(f"{stage}_{name}", settings)
        assert named("AWS::IAM::Role", settings["role_name"], "RoleName", stage=stage)
        log = named("AWS::Logs::LogGroup", f"/aws/lambda/{function}", "LogGroupName", stage=stage)
        assert log["RetentionInDays"]


def test_a_message_stays_hidden_long_enough_for_its_worker():
    for name in FUNCTIONS:
        settings = render(f"production_{name}", ACCOUNT, REGION)
        for event in settings.get("events", ()):
            queue_name = event["event_source"]["arn"].rsplit(":", 1)[1]
            queue = named("AWS::SQS::Queue", queue_name, "QueueName")
            assert queue["VisibilityTimeout"] >= VISIBILITY_FACTOR * settings["timeout_seconds"]
            assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
            dead = queue["RedrivePolicy"]["deadLetterTargetArn"]
            assert dead == f"{event['event_source']['arn']}-dead"


def test_every_queue_has_exactly_one_worker():
    arns = [
        event["event_source"]["arn"].rsplit(":", 1)[1]
        for name in FUNCTIONS
        for event in render(f"production_{name}", ACCOUNT, REGION).get("events", ())
    ]
    queues = [q.properties["QueueName"] for q in template().of_type("AWS::SQS::Queue")]
    assert sorted(arns) == sorted(q for q in queues if not q.endswith("-dead"))


def test_each_schedule_calls_a_handler_that_exists_in_a_function_that_exists():
    functions = {
        function_name(f"production_{name}", render(f"production_{name}", ACCOUNT, REGION))
        for name in FUNCTIONS
    }
    commands = set()
    for schedule in template().of_type("AWS::Scheduler::Schedule"):
        target = schedule.properties["Target"]
        assert target["Arn"].rsplit(":", 1)[1] in functions
        command = json.loads(target["Input"])["command"]
        assert callable(function_at(command))
        commands.add(command)
        role = next(
            r
            for r in template().of_type("AWS::IAM::Role")
            if r.properties["RoleName"].endswith("-schedule")
        )
        (policy,) = role.properties["Policies"]
        assert target["Arn"] in policy["PolicyDocument"]["Statement"][0]["Resource"]
    assert commands == {"functions.select.worker.on_tick", "functions.verify.worker.on_tick"}


ROLES = [name.replace("_", "-") for name in FUNCTIONS]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_may_do_everything_of_a_service_or_touch_all_of_its_things(role):
    for statement in statements(role):
        for action in as_list(statement["Action"]):
            assert "*" not in action
        if "*" in as_list(statement["Resource"]):
            # SMS to a number has no ARN; topics are denied beside it.
            assert (role, statement["Sid"]) == ("verify-worker", "Sms")


def test_upload_cannot_read_who_anyone_is():
    for role in ("upload", "upload-worker"):
        tables = {r.rsplit("/", 1)[1] for rs in allowed(role, "dynamodb").values() for r in rs}
        assert not tables & {
            f"gelombang-production-{name}" for name in ("accounts", "claims", "entries", "outbox")
        }


def reviewer(name="reviewer"):
    """{action: resources} of the policy for people: those who look at photos, or another."""
    policy = named("AWS::IAM::ManagedPolicy", f"gelombang-production-{name}", "ManagedPolicyName")
    found = {}
    for statement in policy["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Allow"
        for action in as_list(statement["Action"]):
            found.setdefault(action, []).extend(as_list(statement["Resource"]))
    return found


def test_reviewers_see_photos_and_nothing_else_of_a_person():
    assert not [action for action in reviewer() if "*" in action]
    tables = {
        resource.split("table/gelombang-production-")[1].split("/")[0]
        for action, resources in reviewer().items()
        for resource in resources
        if action.startswith("dynamodb:")
    }
    assert tables == {"photos", "readiness", "outbox", "audit"}
    objects = {r for action in reviewer() if action.startswith("s3:") for r in reviewer()[action]}
    assert {r.rsplit("/*", 1)[0].split(":::")[1] for r in objects} == {
        f"gelombang-production-photos-{ACCOUNT}"
    }


def test_nobody_may_change_or_delete_a_record_of_the_audit_chain():
    granted = [(role, allowed(role, "dynamodb")) for role in ROLES]
    people = ("reviewer", "objections", "disputes", "accounts", "helpdesk")
    people += ("wave-operator", "registrar", "auditor", "flags")
    granted += [(who, reviewer(who)) for who in people]
    actions = {
        (who, action)
        for who, found in granted
        for action, resources in found.items()
        if any(resource.endswith("-audit") for resource in resources)
    }
    assert actions == {
        (who, action)
        for who in (*people, "verify-worker")
        for action in ("dynamodb:Query", "dynamodb:PutItem")
    }


def test_officers_who_answer_objections_reach_no_account_and_change_no_record():
    granted = reviewer("objections")
    assert not [action for action in granted if "*" in action]
    for table in ("accounts", "photos", "readiness"):
        assert not [r for rs in granted.values() for r in rs if r.endswith(f"-{table}")]
    for table in ("entries", "ledgers", "waves"):
        name = f"-{table}"
        actions = {a for a, rs in granted.items() if any(r.endswith(name) for r in rs)}
        assert actions <= {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"}


def test_a_help_desk_can_open_nothing_that_is_sealed_and_sees_no_picture():
    granted = reviewer("helpdesk")
    assert not [action for action in granted if "*" in action or action.startswith("s3:")]
    assert not [name for name in granted["ssm:GetParameter"] if "data-keys" in name]
    assert {r.rsplit("-", 1)[1] for r in granted["dynamodb:DeleteItem"]} == {"limits"}
    assert {r.rsplit("-", 1)[1] for r in granted["dynamodb:PutItem"]} == {"audit"}
    assert "dynamodb:UpdateItem" not in granted and "dynamodb:Scan" not in granted


OPERATORS = ("reviewer", "objections", "disputes", "accounts", "wave-operator", "registrar")
OPERATORS += ("auditor", "key-keeper", "queues", "restorer", "helpdesk", "flags")


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_log_in_with_a_second_factor_and_get_their_own_policy_alone(name):
    assert reviewer(name)
    role = named("AWS::IAM::Role", f"gelombang-production-{name}", "RoleName")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    (policy,) = role["ManagedPolicyArns"]
    assert policy.endswith(f":policy/gelombang-production-{name}")
    assert "Policies" not in role


def test_those_who_carry_out_a_draw_cannot_write_a_list_a_result_or_the_pins():
    written = {r.split(f"-undian-{ACCOUNT}/")[1] for r in reviewer("wave-operator")["s3:PutObject"]}
    assert written == {
        *("undian/*/params.json", "undian/*.note"),
        *("internal/*/changes/*.note", "internal/*/reserves.json"),
    }


def test_those_who_make_keys_cannot_open_what_data_are_sealed_with():
    keeper = reviewer("key-keeper")
    assert keeper["kms:Decrypt"] == ["arn:aws:kms:ap-southeast-3:210987654321:key/SigningKey"]
    assert not [action for action in keeper if action.startswith("dynamodb:")]


def test_those_who_rehearse_a_restore_write_and_delete_copies_alone():
    found = reviewer("restorer")
    assert not [action for action in found if "*" in action]
    reading = {"RestoreTableToPointInTime", "DescribeTable", "Scan"}
    for action in set(found) - {f"dynamodb:{name}" for name in reading}:
        if action.startswith("dynamodb:"):
            (tables,) = found[action]
            assert tables.endswith(":table/gelombang-production-restored-*"), action
    assert {"dynamodb:PutItem", "dynamodb:DeleteTable"} <= set(found)
    assert not [action for action in found if action.startswith(("kms:", "ssm:"))]


def test_no_version_of_a_draw_file_can_be_deleted_in_production():
    name = f"undian-{ACCOUNT}"
    locked = named("AWS::S3::Bucket", f"gelombang-production-{name}", "BucketName")
    assert locked["ObjectLockEnabled"] is True
    assert locked["ObjectLockConfiguration"]["ObjectLockEnabled"] == "Enabled"
    kept = locked["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
    assert (kept["Mode"], kept["Years"]) == ("GOVERNANCE", 5)
    free = named("AWS::S3::Bucket", f"gelombang-dev-{name}", "BucketName", stage="dev")
    assert not [key for key in free if key.startswith("ObjectLock")]


def test_a_refused_copy_lives_longer_than_a_person_may_be_asked_to_look_at_it():
    bucket = named("AWS::S3::Bucket", f"gelombang-production-photos-{ACCOUNT}", "BucketName")
    rules = {rule["Id"]: rule for rule in bucket["LifecycleConfiguration"]["Rules"]}
    refused = rules["refused-photos"]
    assert refused["TagFilters"] == [{"Key": "state", "Value": "refused"}]
    assert refused["ExpirationInDays"] * DAY >= REVIEW_ASKED_WITHIN + DAY
    assert not any("ExpirationInDays" in r for r in rules.values() if r is not refused)


def test_verify_reaches_no_bucket_and_its_worker_deletes_photos_and_writes_the_status():
    assert allowed("verify", "s3") == {}
    found = allowed("verify-worker", "s3")
    status = f"arn:aws:s3:::gelombang-production-site-{ACCOUNT}/status/status.json"
    assert found.pop("s3:PutObject") == [status]
    assert set(found) == {"s3:DeleteObjectVersion", "s3:ListBucketVersions"}


def test_the_worker_that_deletes_takes_out_of_an_entry_what_opens_it_and_writes_no_outcome():
    sealing = next(s for s in statements("verify-worker") if s["Sid"] == "SealEntries")
    named = sealing["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"]
    assert {"gate", "applicant", "entry", "outcome", *OPENS_ENTRY, *FINDS_ENTRY} == set(named)
    chain = next(s for s in statements("verify-worker") if s["Sid"] == "TableAudit")
    keys = chain["Condition"]["ForAllValues:StringEquals"]
    assert keys == {"dynamodb:LeadingKeys": [JOBS]}


def test_only_select_writes_entries_and_ledgers():
    writing = {"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"}
    writers = {
        (role, resource.rsplit("-", 1)[1])
        for role in ROLES
        for action, resources in allowed(role, "dynamodb").items()
        for resource in resources
        if action in writing and resource.endswith(("-entries", "-ledgers"))
    }
    assert writers == {
        ("select", "entries"),
        ("select-worker", "entries"),
        ("select-worker", "ledgers"),
        ("verify-worker", "entries"),
    }


def test_each_seed_opens_for_one_role_only():
    opened = {}
    for role in ROLES:
        for statement in statements(role):
            if "kms:Decrypt" not in statement["Action"] or "Condition" not in statement:
                continue
            for key in (
                statement["Condition"].get("StringLike", {}).get("kms:EncryptionContext:key", ())
            ):
                opened.setdefault(key, []).append(role)
    assert opened["seeds/operator"] == ["select-worker"]
    assert opened["seeds/receipts"] == ["select"]
    assert not [key for key in opened if key in ("*", "seeds/*")]


def test_whoever_may_decrypt_is_bound_to_a_context_or_to_s3():
    for role in ROLES:
        for statement in statements(role):
            if "kms:Decrypt" in statement["Action"]:
                assert statement["Condition"]
