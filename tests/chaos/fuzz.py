"""The three functions on moto, attacked by their own OpenAPI documents (schemathesis).

Every route gets valid bodies, damaged ones and ones that fit no schema, with a session that is
valid and just opened. What is looked for: an answer of 5xx, one that the document does not promise,
wrong input that is accepted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from moto import mock_aws
from schemathesis.core.failures import Failure, FailureGroup

from functions.cloud.dynamo import DynamoTables
from functions.cloud.files import S3Files
from functions.cloud.queues import SqsQueues
from functions.cloud.tables import Put
from functions.programme.times import DAY, MINUTE
from tests.attack.stage import Stage
from tests.cloud.test_tables_contract import PREFIX, create_tables
from tests.fakes import CONFIG

ROOMS = ("verify", "upload", "select")
# A valid body may well be refused: a wave is closed, a code is wrong. That says nothing. And where
# a session is made up, ours is put in its place: tests/attack/ tries each route with none.
LEFT_OUT = ("positive_data_acceptance", "ignored_auth")


@dataclass
class Found:
    """How many calls were made and how they were answered; and what was wrong."""

    calls: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)


@contextmanager
def stage_on_moto() -> Iterator[Stage]:
    """The furnished stage of tests/attack, moved into moto's tables, buckets and queue."""
    stage = Stage()
    with mock_aws():
        names = ("dynamodb", "s3", "sqs")
        made = {name: boto3.client(name, region_name=CONFIG.region) for name in names}
        clients = made.__getitem__
        create_tables(made["dynamodb"])
        for queue in ("outbox", "codes"):
            made["sqs"].create_queue(QueueName=CONFIG.name(queue))
        for bucket in ("undian", "incoming", "photos"):
            made["s3"].create_bucket(
                Bucket=CONFIG.bucket(bucket),
                CreateBucketConfiguration={"LocationConstraint": CONFIG.region},
            )
            made["s3"].put_bucket_versioning(
                Bucket=CONFIG.bucket(bucket), VersioningConfiguration={"Status": "Enabled"}
            )
        tables, files = DynamoTables(clients, PREFIX), S3Files(clients, CONFIG)
        for name, items in stage.tables.items():
            for item in items.values():
                tables.write(Put(name, item))
        objects: Any = stage.runtime.files
        for (bucket, key), versions in objects.objects.items():
            files.write(bucket, key, versions[-1][1], content_type="application/octet-stream")
        stage.move(tables=tables, files=files, queues=SqsQueues(clients, CONFIG))
        yield stage


def attack(stage: Stage, room: str, examples: int, found: Found) -> None:
    """Each route of a function by itself."""
    schema = schemathesis.openapi.from_wsgi(
        f"/api/{room}/openapi.json", stage.app(room), headers={"Host": CONFIG.domain}
    )
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            _each(stage, operation, mode, examples, found)


def _each(stage: Stage, operation: Any, mode: Any, examples: int, found: Found) -> None:
    excluded = [check for check in _checks() if check.__name__ in LEFT_OUT]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def one(case: Any) -> None:
        stage.world.clock.advance(DAY + 3 * MINUTE)
        case.cookies = {**(case.cookies or {}), **_cookies(stage)}
        answer = case.call(headers=_headers())
        found.calls[f"{answer.status_code // 100}xx"] += 1
        try:
            case.validate_response(answer, excluded_checks=excluded)
        except (Failure, FailureGroup) as error:
            for failure in getattr(error, "exceptions", [error]):
                place = f"{operation.method.upper()} {operation.path}: {failure.title}"
                found.failures.setdefault(place, f"{failure.message}\n{case.as_curl_command()}")

    try:
        one()
    except Unsatisfiable as error:
        # Nothing can be wrong about a request that takes nothing.
        if mode.is_positive or operation.body or operation.path_parameters:
            found.failures.setdefault(f"{operation.path} {mode}", str(error))
    except Exception as error:  # noqa: BLE001 - what cannot be generated is told, not hidden
        found.failures.setdefault(f"{operation.path} {mode}", f"{type(error).__name__}: {error}")


def _checks() -> list[Any]:
    return list(schemathesis.checks.CHECKS.get_all())


def _headers() -> dict[str, str]:
    """What a browser adds by itself; a damaged or missing idempotency key stays as it is."""
    return {"Origin": CONFIG.origin}


def _cookies(stage: Stage) -> dict[str, str]:
    """A session that was opened just now, since many calls end it."""
    budi = stage.budi
    return {
        "__Host-session": stage.log_in(budi),
        "__Host-registration": budi.owned["registration"],
    }


def run(examples: int) -> Found:
    """Each route by itself."""
    found = Found()
    with stage_on_moto() as stage:
        for room in ROOMS:
            attack(stage, room, examples, found)
    return found
