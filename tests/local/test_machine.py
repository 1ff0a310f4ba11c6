"""What of Step Functions runs on one machine; the rest is refused rather than misread."""

import pytest

from local import machine
from local.template import Unsupported

TASK = {
    "Type": "Task",
    "Resource": machine.INVOKE,
    "Parameters": {"FunctionName": "f", "Payload.$": "$"},
    "ResultSelector": {},
    "End": True,
}


def mapped(**changes):
    state = {
        "Type": "Map",
        "ItemsPath": "$.things",
        "ItemSelector": {"thing.$": "$$.Map.Item.Value", "of.$": "$.of", "always": 1},
        "ToleratedFailurePercentage": 50,
        "ItemProcessor": {"StartAt": "One", "States": {"One": TASK}},
        "ResultPath": None,
        "End": True,
        **changes,
    }
    return {"StartAt": "All", "States": {"All": state}}


def test_each_item_gets_what_the_selector_names():
    seen = []
    given = {"things": ["a", "b"], "of": 5}
    answer = machine.run(mapped(), given, lambda name, payload: seen.append(payload))
    assert seen == [{"thing": t, "of": 5, "always": 1} for t in "ab"]
    assert answer == given


def test_more_failures_than_are_tolerated_fail_the_map():
    def fails(name, payload):
        raise ValueError

    with pytest.raises(machine.MapFailed):
        machine.run(mapped(), {"things": ["a"], "of": 5}, fails)


@pytest.mark.parametrize(
    "definition",
    [
        mapped(ItemReader={}),
        mapped(ItemsPath="$.things[0]"),
        mapped(ResultPath="$.x"),
        {"StartAt": "A", "States": {"A": {"Type": "Choice"}}},
        {"StartAt": "A", "States": {"A": {**TASK, "Resource": "arn:aws:states:::sqs:x"}}},
        {"StartAt": "A", "States": {"A": {**TASK, "Catch": []}}},
    ],
)
def test_what_is_not_known_is_refused(definition):
    with pytest.raises(Unsupported):
        machine.run(definition, {"things": ["a"], "of": 1}, lambda name, payload: None)
