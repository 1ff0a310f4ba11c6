"""Runs a state machine of the template in this process, as Step Functions would.

Knows the states and fields that the template uses; any other is an error, so that nothing is
misread in silence. Between the tries of a task it does not wait.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from local.template import Unsupported

log = logging.getLogger("gelombang.machine")

INVOKE = "arn:aws:states:::lambda:invoke"
KNOWN = {
    "Map": {
        *("Type", "Comment", "ItemsPath", "ItemSelector", "MaxConcurrencyPath"),
        *("ToleratedFailurePercentage", "ItemProcessor", "ResultPath", "Next", "End"),
    },
    "Task": {
        *("Type", "Comment", "Resource", "Parameters", "ResultSelector"),
        *("TimeoutSeconds", "Retry", "Next", "End"),
    },
}
# Calls a function, by its ARN, with a payload.
Invoke = Callable[[str, Any], Any]


class MapFailed(Exception):
    """More items of a map failed than it tolerates."""


def run(definition: Mapping[str, Any], given: Any, invoke: Invoke) -> Any:
    """The output of a machine for an input. Raises what a task raises at its last try."""
    data, name = _copy(given), definition["StartAt"]
    while True:
        state = definition["States"][name]
        kind = state["Type"]
        if kind not in KNOWN or not set(state) <= KNOWN[kind]:
            raise Unsupported(f"{kind} {sorted(set(state) - KNOWN.get(kind, set()))}")
        data = _map(state, data, invoke) if kind == "Map" else _task(state, data, invoke)
        if state.get("End"):
            return data
        name = state["Next"]


def _map(state: Mapping[str, Any], data: Any, invoke: Invoke) -> Any:
    """One item after the other; those that fail are counted."""
    results, failed = [], 0
    items = _at(state["ItemsPath"], data, {})
    for index, value in enumerate(items):
        context = {"Map": {"Item": {"Index": index, "Value": value}}}
        try:
            results.append(
                run(state["ItemProcessor"], _filled(state["ItemSelector"], data, context), invoke)
            )
        except Unsupported:
            raise
        except Exception as error:  # noqa: BLE001 - like Step Functions: any error fails the item
            log.warning("item %s failed: %s", index, type(error).__name__)
            failed += 1
    if failed * 100 > state["ToleratedFailurePercentage"] * len(items):
        raise MapFailed(f"{failed} of {len(items)} items")
    if "ResultPath" not in state:
        return results
    if state["ResultPath"] is not None:
        raise Unsupported(f"ResultPath {state['ResultPath']}")
    return data


def _task(state: Mapping[str, Any], data: Any, invoke: Invoke) -> Any:
    if state["Resource"] != INVOKE:
        raise Unsupported(state["Resource"])
    about = _filled(state["Parameters"], data, {})
    tries: dict[int, int] = {}
    while True:
        try:
            answer = invoke(about["FunctionName"], _copy(about["Payload"]))
        except Exception as error:
            rule = _rule(state.get("Retry", ()), type(error).__name__)
            if rule is None or tries.get(rule, 0) >= state["Retry"][rule]["MaxAttempts"]:
                raise
            tries[rule] = tries.get(rule, 0) + 1
        else:
            return _filled(state["ResultSelector"], {"Payload": _copy(answer)}, {})


def _rule(rules: Any, error: str) -> int | None:
    """The first retrier that names the error."""
    for number, rule in enumerate(rules):
        if {error, "States.ALL"} & set(rule["ErrorEquals"]):
            return number
    return None


def _filled(template: Any, data: Any, context: Mapping[str, Any]) -> Any:
    """A template with the values that its keys ending in `.$` name."""
    if not isinstance(template, dict):
        return template
    return {
        key.removesuffix(".$"): _at(value, data, context)
        if key.endswith(".$")
        else _filled(value, data, context)
        for key, value in template.items()
    }


def _at(path: str, data: Any, context: Mapping[str, Any]) -> Any:
    """What a path such as `$.wave` or `$$.Map.Item.Value` names."""
    source, *names = path.split(".")
    if source not in ("$", "$$") or any(not name.isidentifier() for name in names):
        raise Unsupported(path)
    value: Any = context if source == "$$" else data
    for name in names:
        value = value[name]
    return value


def _copy(value: Any) -> Any:
    """What of a value goes over the wire."""
    return json.loads(json.dumps(value))
