"""What boto3 takes of the processor for a call: making, signing and reading; nothing is sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from botocore.awsrequest import AWSResponse

from functions.cloud.clients import Clients
from functions.cloud.dynamo import DynamoTables
from functions.cloud.tables import Put, Update, missing
from tests.fakes import CONFIG

REPEATS = 200
ITEM: dict[str, Any] = {
    "applicant": "a" * 32, "state": "waiting", "created_at": 1, "parameters": b"x" * 300
}  # fmt: skip


class _Raw:
    """The body of an answer, as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Any:
        yield self._body


def clients() -> Clients:
    """Clients whose requests are answered here."""
    import boto3

    boto3.setup_default_session(aws_access_key_id="x", aws_secret_access_key="x")
    made = Clients(CONFIG)
    empty = {"ses": _ses(), "sns": _sns()}
    for service in ("dynamodb", "sqs", "ses", "sns", "s3"):
        body = empty.get(service, b"" if service == "s3" else b"{}")

        def answer(request: Any, body: bytes = body, **_: Any) -> AWSResponse:
            return AWSResponse(request.url, 200, {}, _Raw(body))

        made(service).meta.events.register(f"before-send.{service}", answer)
    return made


def _ses() -> bytes:
    return (
        b"<SendRawEmailResponse><SendRawEmailResult><MessageId>1</MessageId>"
        b"</SendRawEmailResult></SendRawEmailResponse>"
    )


def _sns() -> bytes:
    return (
        b"<PublishResponse><PublishResult><MessageId>1</MessageId>"
        b"</PublishResult></PublishResponse>"
    )


def millis() -> dict[str, float]:
    """{call: CPU milliseconds}, the median of many."""
    made = clients()
    tables = DynamoTables(made, "gelombang-test-")
    key = {"applicant": "a" * 32}
    new = Put("accounts", ITEM, when=missing("applicant"))
    change = Update("accounts", key, set={"state": "sent", "at": 2})
    mail = b"Subject: x\r\n\r\n" + b"text " * 800
    works: dict[str, Callable[[], object]] = {
        "get_item": lambda: tables.get("accounts", key),
        "query": lambda: list(_query(made)),
        "put_item": lambda: tables.write(new),
        "update_item": lambda: tables.write(change),
        "transact_write_items": lambda: tables.write(new, change, change),
        "send_message": lambda: made("sqs").send_message(
            QueueUrl="https://sqs.example/1/q", MessageBody='{"message": "1"}'
        ),
        "send_raw_email": lambda: made("ses").send_raw_email(
            Source="a@b.example", Destinations=["c@d.example"], RawMessage={"Data": mail}
        ),
        "publish": lambda: made("sns").publish(PhoneNumber="+628120000000", Message="123456"),
        "put_object": lambda: made("s3").put_object(Bucket="b", Key="k", Body=b"x" * 200_000),
        "get_object": lambda: made("s3").head_object(Bucket="b", Key="k"),
    }
    return {name: round(_median(work), 2) for name, work in works.items()}


def _query(made: Clients) -> Any:
    return made("dynamodb").query(
        TableName="t",
        KeyConditionExpression="#p = :p",
        ExpressionAttributeNames={"#p": "applicant"},
        ExpressionAttributeValues={":p": {"S": "a" * 32}},
    )


def _median(work: Callable[[], object]) -> float:
    spent = []
    for _ in range(REPEATS):
        started = time.process_time()
        work()
        spent.append(1000 * (time.process_time() - started))
    return median(spent)
