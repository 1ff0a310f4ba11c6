"""Events of upload: a photo has arrived in S3, by way of SQS."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from functions.cloud.runtime import Runtime, current
from functions.upload.checking import Judge, check_photo
from functions.upload.photo.sandbox import Sandbox

log = logging.getLogger("gelombang.upload")


@dataclass(frozen=True)
class Arrival:
    """One object version that S3 says was made."""

    key: str
    version: str


def on_photo(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Lambda handler: SQS batch of S3 events. Answers which messages are to come again."""
    return handle_batch(current(), _sandbox().judge, event)


def warm_up() -> None:
    """Start the sandbox before the first photo comes: its networks take seconds to load."""
    _sandbox().start()


def handle_batch(runtime: Runtime, judge: Judge, event: dict[str, Any]) -> dict[str, Any]:
    """Check every photo of a batch; a message that fails does not hold up the others."""
    failed = []
    for record in event["Records"]:
        try:
            for arrival in arrivals(record["body"]):
                check_photo(runtime, judge, arrival.key, arrival.version)
        except Exception as error:  # noqa: BLE001 - any defect sends the message round again
            log.warning("photo message %s failed: %s", record["messageId"], type(error).__name__)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def arrivals(body: str) -> Iterator[Arrival]:
    """The object versions in one S3 notification; a test notification holds none."""
    for record in json.loads(body).get("Records", ()):
        s3_object = record["s3"]["object"]
        yield Arrival(unquote_plus(s3_object["key"]), s3_object["versionId"])


@cache
def _sandbox() -> Sandbox:
    return Sandbox()
