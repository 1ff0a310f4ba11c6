"""Queues as an operator sees them: how many messages wait, and dead letters sent round again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from functions.cloud.config import Config
from ops.errors import Refused

QUEUES = ("codes", "mail-events", "outbox", "photos")
DEAD = "-dead"
# SQS gives and takes at most so many at a time.
BATCH = 10


@dataclass(frozen=True)
class Depth:
    """Messages of one queue: `waiting`, `hidden` at a worker, and `dead` after five receives."""

    queue: str
    waiting: int
    hidden: int
    dead: int


def depths(clients: Callable[[str], Any], config: Config) -> list[Depth]:
    """Each queue with its dead-letter queue; SQS counts approximately."""
    found = []
    for queue in QUEUES:
        own, dead = (_counts(clients, config, name) for name in (queue, queue + DEAD))
        found.append(Depth(queue, own[0], own[1], sum(dead)))
    return found


def redrive(clients: Callable[[str], Any], config: Config, queue: str, most: int) -> int:
    """Send at most so many dead letters of a queue round again; how many went. Raises Refused.

    A message goes onto the queue before it leaves the dead letters. Cut off, it is there twice,
    which does no harm: every worker takes copies for what they are.
    """
    if queue not in QUEUES:
        raise Refused(f"a queue is one of {', '.join(QUEUES)}")
    sqs = clients("sqs")
    dead, alive = _url(clients, config, queue + DEAD), _url(clients, config, queue)
    moved = 0
    while moved < most:
        count = min(BATCH, most - moved)
        found = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=count, WaitTimeSeconds=1)
        messages = found.get("Messages", [])
        if not messages:
            break
        for message in messages:
            sqs.send_message(QueueUrl=alive, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def _counts(clients: Callable[[str], Any], config: Config, queue: str) -> tuple[int, int]:
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    answer = clients("sqs").get_queue_attributes(
        QueueUrl=_url(clients, config, queue), AttributeNames=list(names)
    )
    waiting, hidden = (int(answer["Attributes"][name]) for name in names)
    return waiting, hidden


def _url(clients: Callable[[str], Any], config: Config, queue: str) -> str:
    return str(clients("sqs").get_queue_url(QueueName=config.name(queue))["QueueUrl"])
