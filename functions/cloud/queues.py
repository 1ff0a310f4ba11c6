"""Queues: SQS, sending only; receiving is the business of Lambda (or the local pump)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol


class Queues(Protocol):
    def send(self, queue: str, *bodies: Mapping[str, Any]) -> None:
        """Put messages, at most ten, on a queue (short name, such as `outbox`) in one request.

        Raises QueueRefused when some of them were not taken.
        """
        ...


class QueueRefused(Exception):
    """The queue did not take all of a batch."""


class SqsQueues:
    """`Queues` on SQS."""

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config
        self._urls: dict[str, str] = {}

    def send(self, queue: str, *bodies: Mapping[str, Any]) -> None:
        sqs = self._clients("sqs")
        if queue not in self._urls:
            name = self._config.name(queue)
            self._urls[queue] = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        batch = [
            {"Id": str(number), "MessageBody": json.dumps(body)}
            for number, body in enumerate(bodies)
        ]
        answer = sqs.send_message_batch(QueueUrl=self._urls[queue], Entries=batch)
        if answer.get("Failed"):
            raise QueueRefused(f"{queue}: {len(answer['Failed'])} of {len(batch)} not taken")
