"""One message that fails in a batch of ten: the other nine are done, and none of them again."""

from __future__ import annotations

from itertools import cycle, islice
from typing import Any

from functions.cloud.runtime import Runtime
from infra.deploy.stage import Stage
from tests.rehearsal.emulator import Emulator
from tests.rehearsal.report import expect, wait_for

QUEUE, MOST = "outbox", 10
# No row's id is in it, so the worker breaks over it.
BAD = {"nothing": "that anyone sent"}


def one_of_ten(runtime: Runtime, stage: Stage, emulator: Emulator) -> str:
    """Letters that went out already, and one that is none, in one batch."""
    sqs = stage.client("sqs")
    url = sqs.get_queue_url(QueueName=runtime.config.name(QUEUE))["QueueUrl"]
    rows = [row["message"] for row in runtime.tables.scan(QUEUE)]
    expect(rows, "no letter has gone out")
    wait_for(lambda: not waiting(emulator, url), "the queue to be empty")
    before = emulator.sent()
    good = [{"message": row} for row in islice(cycle(rows), MOST - 1)]
    runtime.queues.send(QUEUE, *good[:4], BAD, *good[4:])
    (left,) = wait_for(lambda: _tried(waiting(emulator, url)), "nine of ten messages to be done")
    expect("anyone" in left["Body"], "a good message is left, and not the bad one")
    expect(emulator.sent() == before, "a letter went out twice")
    sqs.purge_queue(QueueUrl=url)
    return "nine are gone from the queue, the bad one waits to come again, no letter went twice"


def waiting(emulator: Emulator, url: str) -> list[dict[str, Any]]:
    """What is in a queue, hidden messages too, without taking it out."""
    return [
        message
        for regions in emulator.queued(url).values()
        for queues in regions.values()
        for messages in queues.values()
        for message in messages
    ]


def _tried(messages: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The only message that is left, once it was read."""
    return messages if len(messages) == 1 and messages[0]["ReceiveCount"] else None
