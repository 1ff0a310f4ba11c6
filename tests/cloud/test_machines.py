"""Runs of a state machine, on moto: one for each name."""

import json

import boto3
import pytest
from moto import mock_aws

from functions.cloud.machines import StepMachines
from tests.fakes import CONFIG, FakeMachines

ROLE = f"arn:aws:iam::{CONFIG.account}:role/any"


@pytest.fixture(params=["moto", "fake"])
def machines(request, monkeypatch):
    """(machines, what ends all runs and answers their inputs)."""
    if request.param == "fake":
        fake, seen = FakeMachines(), []
        yield fake, lambda: fake.run_all(lambda machine, given: seen.append(given)) or seen
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        states = boto3.client("stepfunctions", region_name=CONFIG.region)
        states.create_state_machine(name=CONFIG.name("waves"), definition="{}", roleArn=ROLE)
        yield StepMachines(lambda service: states, CONFIG), lambda: ended(states)


def ended(states):
    answer = states.list_executions(stateMachineArn=CONFIG.machine("waves"))
    runs = [run["executionArn"] for run in answer["executions"]]
    for run in runs:
        states.stop_execution(executionArn=run)
    return [json.loads(states.describe_execution(executionArn=run)["input"]) for run in runs]


def test_a_second_start_of_a_run_changes_nothing_and_one_that_ended_is_not_begun_again(machines):
    starts, end = machines
    given = {"wave": 1, "shards": [0, 1]}
    assert starts.start("waves", "one", given)
    assert starts.start("waves", "one", dict(reversed(given.items())))
    assert starts.start("waves", "one", {**given, "wave": 2})
    assert end() == [given]
    assert not starts.start("waves", "one", given)
    assert starts.start("waves", "two", given)
