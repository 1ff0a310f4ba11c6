"""The state machine of the waves: what it calls, what it may, and that its limits fit AWS's."""

import json
from functools import cache

from functions.programme.waves import FAMILY_SHARDS
from functions.select.runs import AT_ONCE, MACHINE
from functions.select.shards import ENDS, SHARD_STEPS
from infra.settings import function_name, render
from tests.infra.test_settings import function_at
from tests.infra.test_template import ACCOUNT, REGION, allowed, as_list, named, statements, template

# Quotas of Step Functions (its guide, "Service quotas", 2026): bytes that a run may be given, and
# that all results of a map may have together; letters in a run's name.
PAYLOAD, RESULTS, NAME = 262_144, 262_144, 80
LAMBDA_SECONDS = 900


@cache
def machine():
    (found,) = template().of_type("AWS::StepFunctions::StateMachine")
    return found.properties


@cache
def states():
    found = json.loads(machine()["DefinitionString"])["States"]
    return {**found, **found["Shards"]["ItemProcessor"]["States"]}


def worker():
    settings = render("production_select_worker", ACCOUNT, REGION)
    name = function_name("production_select_worker", settings)
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}", settings


def test_it_has_the_name_by_which_the_worker_starts_it():
    arn = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:gelombang-production-{MACHINE}"
    assert machine()["StateMachineName"] == arn.rsplit(":", 1)[1]
    runs = arn.replace(":stateMachine:", ":execution:") + ":*"
    assert allowed("select-worker", "states") == {
        "states:StartExecution": [arn],
        "states:DescribeExecution": [runs],
    }


def test_it_calls_handlers_that_exist_in_the_worker_that_exists():
    arn, _ = worker()
    commands = [
        states()["Shards"]["ItemSelector"]["command"],
        states()["End"]["Parameters"]["Payload"]["command"],
    ]
    assert all(callable(function_at(command)) for command in commands)
    assert {states()[name]["Parameters"]["FunctionName"] for name in ("Shard", "End")} == {arn}
    assert allowed("waves", "lambda") == {"lambda:InvokeFunction": [arn]}


def test_its_role_reaches_itself_the_worker_and_the_delivery_of_its_log_alone():
    for statement in statements("waves"):
        everything = as_list(statement["Resource"]) == ["*"]
        assert everything == (statement["Sid"] == "LogDelivery")
        assert not any("*" in action for action in as_list(statement["Action"]))
    runs = {r for resources in allowed("waves", "states").values() for r in resources}
    assert all("gelombang-production-waves" in resource for resource in runs)
    assert {action.split(":")[0] for s in statements("waves") for action in s["Action"]} == {
        *("lambda", "states", "logs")
    }


def test_nobody_else_may_take_the_role_and_its_log_holds_no_data():
    role = named("AWS::IAM::Role", "gelombang-production-waves", "RoleName")
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert machine()["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_the_most_shards_fit_into_what_a_run_may_be_given_and_may_answer():
    given = {
        "wave": 2**32 - 1,
        "phase": "roster_published",
        "fence": 10**9,
        "shards": list(range(FAMILY_SHARDS)),
        "at_once": max(AT_ONCE.values()),
    }
    assert len(json.dumps(given)) < PAYLOAD / 4
    assert states()["Shard"]["ResultSelector"] == {}
    assert len("{},") * FAMILY_SHARDS < RESULTS
    assert len(f"wave-{2**32 - 1}-roster_published-{10**9}") <= NAME


def test_every_phase_that_has_a_step_for_its_shards_has_an_end_and_a_measure():
    assert set(SHARD_STEPS) == set(ENDS) == set(AT_ONCE)


def test_no_call_may_last_longer_than_the_worker():
    _, settings = worker()
    for name in ("Shard", "End"):
        assert states()[name]["TimeoutSeconds"] <= LAMBDA_SECONDS == settings["timeout_seconds"]


def test_a_shard_that_fails_does_not_stop_the_others_and_a_blocked_one_is_not_repeated():
    assert states()["Shards"]["ToleratedFailurePercentage"] == 100
    for name in ("Shard", "End"):
        blocked, *_, others = states()[name]["Retry"]
        assert (blocked["ErrorEquals"], blocked["MaxAttempts"]) == (["StepBlocked"], 0)
        assert others["ErrorEquals"] == ["States.ALL"] and others["MaxAttempts"] > 2


def test_a_run_that_failed_wakes_someone():
    alarm = named("AWS::CloudWatch::Alarm", "gelombang-production-waves-failed", "AlarmName")
    (dimension,) = alarm["Dimensions"]
    assert dimension["Value"].endswith(machine()["StateMachineName"])
