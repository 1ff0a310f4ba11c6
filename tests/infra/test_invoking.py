"""Who may call a function: whoever may, runs code in it, so only the stage's own services may.

Zappa's handler does what an event's `raw_command`, `command` or `manage` says. What the template
and Zappa's settings can hold is held here; docs/security.md says what they cannot.
"""

from __future__ import annotations

import json
import os

import pytest
from zappa.core import Zappa

from infra.settings import FUNCTIONS, function_name, render
from local.zappa import worker
from tests.infra.test_template import ACCOUNT, REGION, as_list, named, template

FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:gelombang-production-"
INVOKERS = {
    ("gelombang-production-schedule", "scheduler.amazonaws.com", "select-worker"),
    ("gelombang-production-schedule", "scheduler.amazonaws.com", "verify-worker"),
    ("gelombang-production-waves", "states.amazonaws.com", "select-worker"),
}
# With these one could call a function by a detour: give a role to something that calls, change
# what is called, let in another caller, or make a schedule, a rule or a machine that calls.
DETOURS = ("iam:", "sts:", "lambda:", "scheduler:", "events:", "cloudformation:", "apigateway:")
STARTS = {"states:StartExecution", "states:DescribeExecution", "states:StopExecution"}
# Settings of a stage that let nobody in. Zappa has others that do: a public address of the
# function (`function_url_enabled`), a load balancer, SNS, web sockets, its own schedules.
QUIET_SETTINGS = {
    *("app_function", "apigateway_enabled", "apigateway_version", "architecture", "aws_region"),
    *("binary_support", "debug", "delete_local_zip", "delete_s3_zip", "environment_variables"),
    *("events", "exclude", "exclude_glob", "keep_warm", "log_level", "manage_roles"),
    *("memory_size", "num_retained_versions", "project_name", "role_name", "runtime", "s3_bucket"),
    *("slim_handler", "tags", "timeout_seconds", "touch", "use_precompiled_packages"),
    "xray_tracing",
}


def granted():
    """(name of the role or policy, statement) of everything in the template that grants."""
    for role in template().of_type("AWS::IAM::Role"):
        for policy in role.properties.get("Policies", ()):
            for statement in policy["PolicyDocument"]["Statement"]:
                yield role.properties["RoleName"], statement
    for policy in template().of_type("AWS::IAM::ManagedPolicy"):
        for statement in policy.properties["PolicyDocument"]["Statement"]:
            yield policy.properties["ManagedPolicyName"], statement


def callers():
    """(role, service that may take it, function) of each right to call a function."""
    for role, statement in granted():
        if "lambda:InvokeFunction" in as_list(statement["Action"]):
            trust = named("AWS::IAM::Role", role, "RoleName")["AssumeRolePolicyDocument"]
            (trusted,) = trust["Statement"]
            assert trusted["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
            for function in as_list(statement["Resource"]):
                assert function.startswith(FUNCTION)
                name = function.removeprefix(FUNCTION)
                yield role, trusted["Principal"]["Service"], name


def test_the_schedule_and_the_waves_machine_alone_may_call_a_function_and_only_workers():
    assert set(callers()) == INVOKERS


def test_no_role_and_no_operator_can_come_to_call_one_by_a_detour():
    for name, statement in granted():
        assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement)
        for action in as_list(statement["Action"]):
            if (name, action) in {(role, "lambda:InvokeFunction") for role, _, _ in INVOKERS}:
                continue
            assert not action.startswith((*DETOURS, "*")), name
            assert not action.startswith("states:") or action in STARTS, name


def test_roles_carry_no_policy_but_the_templates_own():
    for role in template().of_type("AWS::IAM::Role"):
        for attached in role.properties.get("ManagedPolicyArns", ()):
            assert attached.startswith(f"arn:aws:iam::{ACCOUNT}:policy/gelombang-production-")


def test_the_template_lets_no_one_in_beside_the_roles():
    kinds = {resource.type for resource in template().resources.values()}
    assert not [kind for kind in kinds if kind.startswith("AWS::Lambda::")]
    assert {kind for kind in kinds if kind.startswith("AWS::Events::")} == {"AWS::Events::Rule"}
    told = {
        t["Arn"] for r in template().of_type("AWS::Events::Rule") for t in r.properties["Targets"]
    }
    assert told == {f"arn:aws:sqs:{REGION}:{ACCOUNT}:gelombang-production-mail-events"}
    topics = template(OperatorMail="a@b.example").of_type("AWS::SNS::Subscription")
    assert {topic.properties["Protocol"] for topic in topics} == {"email"}


def test_who_starts_a_run_of_the_waves_machine_cannot_choose_the_command():
    (machine,) = template().of_type("AWS::StepFunctions::StateMachine")
    states = json.loads(machine.properties["DefinitionString"])["States"]
    shards, end = states["Shards"]["ItemSelector"], states["End"]["Parameters"]["Payload"]
    for given in (shards, end):
        assert given["command"].startswith("functions.select.worker.on_")
        assert not {"command.$", "raw_command", "raw_command.$", "manage", "manage.$"} & set(given)
    (task,) = states["Shards"]["ItemProcessor"]["States"].values()
    # `$` is what the ItemSelector made, not what the run was started with.
    assert task["Parameters"]["Payload.$"] == "$"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_zappas_settings_let_no_one_in_but_the_gateway_of_the_function_itself(name):
    settings = render(f"production_{name}", ACCOUNT, REGION)
    assert set(settings) <= QUIET_SETTINGS
    assert settings["manage_roles"] is settings["keep_warm"] is settings["debug"] is False
    # SQS is read with the function's own role; for all else Zappa would admit a service.
    services = {e["event_source"]["arn"].split(":")[2] for e in settings.get("events", ())}
    assert services <= {"sqs"}


def test_the_gateway_that_zappa_makes_admits_its_own_api_alone():
    settings = render("production_verify", ACCOUNT, REGION)
    name = function_name("production_verify", settings)
    made = Zappa(load_credentials=False, aws_region=REGION).create_stack_template(
        lambda_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
        lambda_name=name,
        api_key_required=False,
        iam_authorization=False,
        authorizer={},
        apigateway_version=settings["apigateway_version"],
    )
    resources = json.loads(made.to_json())["Resources"]
    (admitted,) = (
        resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::Lambda::Permission"
    )
    assert admitted["Principal"] == "apigateway.amazonaws.com"
    (api,) = (n for n, r in resources.items() if r["Type"] == "AWS::ApiGatewayV2::Api")
    assert {"Ref": api} in admitted["SourceArn"]["Fn::Join"][1]


@pytest.fixture
def handler(monkeypatch):
    """Zappa's handler of a worker, and an environment that is put back."""
    monkeypatch.setattr(os, "environ", os.environ.copy())
    monkeypatch.setenv("RAN", "")
    return worker("production_verify_worker", ACCOUNT, REGION, {}).handler


RUNS = "import os; os.environ['RAN'] = 'yes'"


def test_whoever_calls_a_function_directly_runs_code_in_it(handler):
    handler.handler({"raw_command": RUNS}, None)
    assert os.environ["RAN"] == "yes"


def test_a_message_on_a_queue_cannot_name_what_is_run(handler, monkeypatch):
    seen = []
    monkeypatch.setattr("functions.verify.worker.on_outbox", lambda event, _: seen.append(event))
    body = json.dumps({"raw_command": RUNS, "command": "os.getcwd", "Records": [{"s3": {}}]})
    record = {
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:gelombang-production-outbox",
        "body": body,
        "messageAttributes": {"raw_command": {"stringValue": RUNS}},
    }
    handler.handler({"Records": [record]}, None)
    assert [event["Records"][0]["body"] for event in seen] == [body]
    assert os.environ["RAN"] == ""


def test_a_request_cannot_name_what_is_run(handler):
    asked = []

    def application(environ, start_response):
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    handler.wsgi_app = application
    event = {
        "version": "2.0",
        "rawPath": "/api/verify/me",
        "rawQueryString": "raw_command=x&command=os.getcwd",
        "headers": {"raw_command": RUNS, "host": "x.example", "command": "os.getcwd"},
        "queryStringParameters": {"raw_command": RUNS},
        "requestContext": {"http": {"method": "POST", "sourceIp": "203.0.113.9"}},
        "body": json.dumps({"raw_command": RUNS, "command": "os.getcwd"}),
        "isBase64Encoded": False,
    }
    assert handler.handler(event, None)["statusCode"] == 200
    assert asked == ["/api/verify/me"] and os.environ["RAN"] == ""
