"""The pump: carries messages, schedules and runs into the workers, as AWS does by itself.

For every event source of the settings it receives a batch, hands it to the worker
in Lambda's event shape, and deletes what the answer does not name as failed. What
failed comes back after the queue's visibility timeout, and goes to the dead-letter
queue when it was received too often, which moto does by itself. A run of a state machine, which
moto only notes down, is carried out by the machine's own definition, and then ended.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from local import machine
from local.template import Resource, Template, Unsupported
from local.zappa import Source, Worker

log = logging.getLogger("gelombang.pump")

# A poller of Lambda waits up to 20 seconds; here a message is looked for often instead.
# More batches than this in one go are left for the next, so that a loop cannot hold the clock.
MOST_BATCHES = 200


class Pump:
    """Moves messages and ticks of one local system."""

    def __init__(
        self, clients: Any, template: Template, workers: Sequence[Worker], region: str
    ) -> None:
        self._sqs = clients("sqs")
        self._states = clients("stepfunctions")
        self._workers = list(workers)
        self._region = region
        self._ticks = [_tick(schedule.properties) for schedule in schedules(template)]
        self._urls: dict[str, str] = {}
        self._carriers = [
            self._carrier(partial(self._carry, worker, source))
            for worker in workers
            for source in worker.sources
        ]
        self._carriers += [
            self._carrier(partial(self._carry_run, found))
            for found in template.of_type("AWS::StepFunctions::StateMachine")
        ]

    def carriers(self) -> list[Callable[[], int]]:
        """For each queue and state machine a function that carries one batch of messages, or
        one run to its end, and tells how many there were."""
        return list(self._carriers)

    def drain(self) -> int:
        """Carry until no queue has a visible message and nothing runs; returns how many."""
        moved = 0
        for _ in range(MOST_BATCHES):
            now = sum(carry() for carry in self._carriers)
            moved += now
            if now == 0:
                break
        return moved

    def tick(self) -> None:
        """Call every schedule once. A tick that fails is logged; the next comes in a minute."""
        for arn, call in self._ticks:
            worker = next(w for w in self._workers if w.arn == arn)
            _invoke(worker, call())

    def _carrier(self, carry: Callable[[], int]) -> Callable[[], int]:
        lock = threading.Lock()

        def carry_alone() -> int:
            # One batch of a source at a time: who drains waits for a batch under way.
            with lock:
                return carry()

        return carry_alone

    def _carry_run(self, found: Resource) -> int:
        """The run of a machine that waits the longest, from its beginning to its end.

        A pump that was killed leaves it running, and the next pump begins it again: as when
        Step Functions calls a worker twice.
        """
        answer = self._states.list_executions(
            stateMachineArn=found.physical, statusFilter="RUNNING"
        )
        if not answer["executions"]:
            return 0
        arn = min(answer["executions"], key=lambda one: one["startDate"])["executionArn"]
        given = json.loads(self._states.describe_execution(executionArn=arn)["input"])
        definition = json.loads(found.properties["DefinitionString"])
        try:
            machine.run(definition, given, self._call)
        except Unsupported:
            raise
        except Exception as error:  # noqa: BLE001 - like Step Functions: any error ends the run
            log.warning("a run of %s failed: %s", found.logical, type(error).__name__)
        self._states.stop_execution(executionArn=arn)
        return 1

    def _call(self, arn: str, payload: Any) -> Any:
        return next(worker for worker in self._workers if worker.arn == arn).invoke(payload)

    def _carry(self, worker: Worker, source: Source) -> int:
        url = self._url(source.queue)
        answer = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=source.batch_size,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        if not messages:
            return 0
        succeeded, result = _invoke(worker, sqs_event(messages, source.arn, self._region))
        if succeeded:
            failed = failed_messages(result, [m["MessageId"] for m in messages])
            for message in messages:
                if message["MessageId"] not in failed:
                    self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def _url(self, queue: str) -> str:
        if queue not in self._urls:
            self._urls[queue] = self._sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        return self._urls[queue]


def schedules(template: Template) -> list[Any]:
    """The schedules of the template."""
    return template.of_type("AWS::Scheduler::Schedule")


def _tick(properties: dict[str, Any]) -> tuple[str, Callable[[], dict[str, Any]]]:
    """A schedule as (function ARN, maker of its payload). Only one rate is known here."""
    if properties["ScheduleExpression"] != "rate(1 minute)":
        raise Unsupported(properties["ScheduleExpression"])
    target = properties["Target"]
    return target["Arn"], lambda: json.loads(target["Input"])


def _invoke(worker: Worker, event: dict[str, Any]) -> tuple[bool, Any]:
    """(whether the worker returned, what it returned); an exception fails the whole batch."""
    try:
        return True, worker.invoke(event)
    except Exception as error:  # noqa: BLE001 - like Lambda: any error is a failed invocation
        log.warning("%s failed: %s", worker.name, type(error).__name__)
        return False, None


def failed_messages(result: Any, messages: list[str]) -> set[str]:
    """Ids of a batch that are to come again, as Lambda reads a worker's answer.

    No answer, an empty one or an empty list mean that all succeeded. An answer that is malformed
    or names an unknown message fails them all (AWS Lambda guide, "Reporting batch item failures").
    """
    if not result:
        return set()
    try:
        named = {failure["itemIdentifier"] for failure in result["batchItemFailures"] or ()}
    except (KeyError, TypeError):
        return set(messages)
    return named if named <= set(messages) else set(messages)


def sqs_event(messages: list[dict[str, Any]], arn: str, region: str) -> dict[str, Any]:
    """A batch in the shape in which Lambda hands it to a function."""
    return {
        "Records": [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": message.get("MessageAttributes", {}),
                "md5OfBody": message["MD5OfBody"],
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "awsRegion": region,
            }
            for message in messages
        ]
    }
