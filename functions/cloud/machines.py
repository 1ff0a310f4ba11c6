"""State machines: Step Functions, starting only; what runs then calls back into a worker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol


class Machines(Protocol):
    def start(self, machine: str, name: str, given: Mapping[str, Any]) -> bool:
        """Let a machine (short name, such as `waves`) run once under `name`.

        True when it runs now, whoever started it: a second start under a name does nothing.
        False when a run of that name has ended, well or badly.
        """
        ...


class StepMachines:
    """`Machines` on Step Functions. Names of standard runs are remembered for 90 days."""

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config

    def start(self, machine: str, name: str, given: Mapping[str, Any]) -> bool:
        states, arn = self._clients("stepfunctions"), self._config.machine(machine)
        text = json.dumps(given, sort_keys=True)
        try:
            states.start_execution(stateMachineArn=arn, name=name, input=text)
        except states.exceptions.ExecutionAlreadyExists:
            # AWS says so only of runs that ended or began with another input, emulators of all.
            run = arn.replace(":stateMachine:", ":execution:") + f":{name}"
            return bool(states.describe_execution(executionArn=run)["status"] == "RUNNING")
        return True
