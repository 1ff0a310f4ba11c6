"""Queues: SQS, sending only; receiving is the business of Lambda (or the local pump)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol


class Queues(Protocol):
    def send(self, queue: str, body: Mapping[str, Any]) -> None:
        """Put one message on a queue (short name, such as `outbox`)."""
        ...


class SqsQueues:
    """`Queues` on SQS."""

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config
        self._urls: dict[str, str] = {}

    def send(self, queue: str, body: Mapping[str, Any]) -> None:
        sqs = self._clients("sqs")
        if queue not in self._urls:
            name = self._config.name(queue)
            self._urls[queue] = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        sqs.send_message(QueueUrl=self._urls[queue], MessageBody=json.dumps(body))
