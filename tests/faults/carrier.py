"""A carrier of messages that keeps only the promises of SQS and S3: at least once, in any order.

It takes what was put on the fake queues (or what a bucket tells of its objects) to the handlers in
batches: copied up to five times, late, in another order, with its batch or in a later one. A
message that fails comes again, and after five receipts lies in the dead-letter queue until someone
sends it round again.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes import FakeFiles, FakeQueues

MOST_COPIES = 5
MOST_RECEIPTS = 5
BATCH = 10
# Takes records, gives the ids of those that are to come again.
Handler = Callable[[list[dict[str, str]]], set[str]]


@dataclass
class Parcel:
    """One message on its way."""

    name: str
    queue: str
    body: str
    copies: int
    receipts: int = 0


@dataclass
class Carrier:
    """Carries messages by chance. `honest`: each once, in order, at once."""

    seed: int | str
    handlers: dict[str, Handler]
    honest: bool = False
    under_way: list[Parcel] = field(default_factory=list)
    dead: list[Parcel] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(f"carrier {self.seed}")
        self._taken = 0
        self._told: Counter[str] = Counter()

    def take(self, queue: str, body: str) -> None:
        """Accept a message, of which there may be several from now on."""
        copies = 1
        if not self.honest and self._random.random() < 0.3:
            copies = self._random.randint(2, MOST_COPIES)
            self.counts["copies"] += copies - 1
        self._taken += 1
        self.under_way.append(Parcel(f"m{self._taken}", queue, body, copies))

    def collect(self, queues: FakeQueues) -> None:
        """Accept what was put on the queues since the last time."""
        for queue, body in queues.sent[self._told["queues"] :]:
            self.take(queue, json.dumps(body))
        self._told["queues"] = len(queues.sent)

    def hear(self, files: FakeFiles, bucket: str = "incoming") -> None:
        """Accept what the bucket tells of versions that are new."""
        for (held, key), versions in sorted(files.objects.items()):
            for version, _ in versions if held == bucket else ():
                self.arrived(bucket, key, version)

    def arrived(self, bucket: str, key: str, version: str) -> None:
        """Accept what the bucket tells of one version."""
        if not self._told[f"{bucket} {key} {version}"]:
            self._told[f"{bucket} {key} {version}"] += 1
            self.take("photos", s3_event(key, version))

    def carry(self) -> int:
        """Bring one batch of one queue; how many messages there were in it."""
        if not self.under_way:
            return 0
        queue = self.under_way[0].queue if self.honest else self._pick().queue
        waiting = [one for one in self.under_way if one.queue == queue]
        if not self.honest:
            self._random.shuffle(waiting)
            waiting = waiting[: self._random.randint(1, BATCH)]
            self.counts["reordered batches"] += 1
        batch = waiting[:BATCH]
        records = [{"messageId": one.name, "body": one.body} for one in batch]
        for one in batch:
            one.receipts += 1
        try:
            failed = self.handlers[queue](records)
        except Exception:  # noqa: BLE001 - like Lambda: any error is a failed batch
            failed = {one.name for one in batch}
        for one in batch:
            self._settle(one, one.name in failed)
        return len(batch)

    def carry_all(self, most: int = 1000) -> None:
        """Bring batches until none is left; fails when they never end."""
        for _ in range(most):
            if not self.carry():
                return
        raise AssertionError("messages come again for ever")

    def redrive(self) -> int:
        """Send round again what lies in the dead-letter queues; how many there were."""
        for one in self.dead:
            one.receipts = 0
        count = len(self.dead)
        self.under_way += self.dead
        self.dead = []
        return count

    def _pick(self) -> Parcel:
        return self._random.choice(self.under_way)

    def _settle(self, one: Parcel, failed: bool) -> None:
        if failed:
            self.counts["came again"] += 1
        else:
            one.copies -= 1
        if one.copies == 0:
            self.under_way.remove(one)
        elif failed and one.receipts >= MOST_RECEIPTS:
            self.under_way.remove(one)
            self.dead.append(one)
            self.counts["dead letters"] += 1


def s3_event(key: str, version: str) -> str:
    """What S3 puts on a queue about one object version."""
    told: dict[str, Any] = {"s3": {"object": {"key": key, "versionId": version}}}
    return json.dumps({"Records": [told]})


def failed_ids(answer: list[dict[str, str]] | dict[str, Any]) -> set[str]:
    """The ids in the answer of a batch handler of ours."""
    failures = answer["batchItemFailures"] if isinstance(answer, dict) else answer
    return {failure["itemIdentifier"] for failure in failures}
