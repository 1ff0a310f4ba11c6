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
    """(machines, what ends all runs)."""
    if request.param == "fake":
        fake = FakeMachines()
        yield fake, lambda: fake.run_all(lambda machine, given: None)
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        states = boto3.client("stepfunctions", region_name=CONFIG.region)
        states.create_state_machine(name=CONFIG.name("waves"), definition="{}", roleArn=ROLE)

        def end():
            for run in states.list_executions(stateMachineArn=CONFIG.machine("waves"))[
                "executions"
            ]:
                states.stop_execution(executionArn=run["executionArn"])

        yield StepMachines(lambda service: states, CONFIG), end


def test_a_second_start_of_a_run_changes_nothing_and_one_that_ended_is_not_begun_again(machines):
    starts, end = machines
    given = {"wave": 1, "shards": [0, 1]}
    assert starts.start("waves", "one", given)
    assert starts.start("waves", "one", dict(reversed(given.items())))
    assert not starts.start("waves", "one", {**given, "wave": 2})
    end()
    assert not starts.start("waves", "one", given)
    assert starts.start("waves", "two", given)


def test_the_input_is_what_was_given(monkeypatch):
    seen = []

    class States:
        class exceptions:
            ExecutionAlreadyExists = KeyError

        def start_execution(self, **request):
            seen.append(request)

    StepMachines(lambda service: States(), CONFIG).start("waves", "one", {"b": 1, "a": 2})
    assert json.loads(seen[0]["input"]) == {"a": 2, "b": 1}
    assert seen[0]["stateMachineArn"].endswith(":stateMachine:gelombang-test-waves")
