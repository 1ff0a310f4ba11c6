"""What a journey left behind, searched for anything that should never lie in clear."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

from functions.cloud.clients import Clients
from local.settings import Place
from tests.journey.person import PASSWORD, Person, kk_of
from tests.local.stack import clients_of, log_of, surroundings

# What in a message opens something while it holds.
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
TOKEN = re.compile(r"#[\w-]+\.([\w-]{20,})")


def secrets_of(person: Person) -> dict[str, bytes]:
    """What of a person must be found nowhere, by what it is: each at least six signs long."""
    card = person.card
    found = {
        "NIK": card.nik,
        "KK": kk_of(card.nik),
        "phone": person.phone[1:],
        "email": person.email,
        "name": card.name,
        "street": "Jalan Contoh 9",
        "birth date": card.birth_date.isoformat(),
        "password": PASSWORD,
    }
    for number, message in enumerate(person.messages()):
        for code in CODE.findall(message["text"]):
            found[f"code of message {number}"] = code
        for token in TOKEN.findall(message["text"]):
            found[f"token of message {number}"] = token
    for cookie in person.page.context.cookies():
        found[f"cookie {cookie['name']}"] = cookie["value"]
    return {name: value.encode() for name, value in found.items() if len(value) >= 6}


def break_a_record(place: Place, secret: str) -> bytes:
    """Make the worker log a failure over a message that holds a secret; what its log line names."""
    with surroundings(place):
        sqs = clients_of(place)("sqs")
        url = next(url for url in sqs.list_queues()["QueueUrls"] if url.endswith("-outbox"))
        sent = sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"nik": secret}))
    name = str(sent["MessageId"]).encode()
    ends = time.monotonic() + 60
    while name not in log_of(place).read_bytes():
        assert time.monotonic() < ends, "the failure is not in the log"
        time.sleep(0.1)
    return name


def left_behind(place: Place) -> list[tuple[str, bytes]]:
    """(where, its bytes) of everything in tables, buckets, queues and logs."""
    with surroundings(place):
        clients = clients_of(place)
        found = [*_tables(clients), *_buckets(clients), *_queues(clients)]
    return [*found, ("logs", log_of(place).read_bytes())]


def found_in(secrets: dict[str, bytes], places: list[tuple[str, bytes]]) -> list[str]:
    """`<what> in <where>` for each secret that lies somewhere, as typed or as in an address."""
    return [
        f"{what} in {where}"
        for where, data in places
        for what, secret in secrets.items()
        if _lies_in(secret, data)
    ]


def _lies_in(secret: bytes, data: bytes) -> bool:
    if secret.isdigit() and len(secret) == 6:
        # A code is six digits on their own; longer numbers hold any six by chance.
        return re.search(rb"(?<![\w.-])" + secret + rb"(?![\w.-])", data) is not None
    lower, plain = data.lower(), secret.lower()
    return plain in lower or urllib.parse.quote_from_bytes(plain).encode().lower() in lower


def _tables(clients: Clients) -> Iterator[tuple[str, bytes]]:
    dynamodb = clients("dynamodb")
    for name in dynamodb.list_tables()["TableNames"]:
        for page in dynamodb.get_paginator("scan").paginate(TableName=name):
            for item in page["Items"]:
                yield f"table {name}", b"\n".join(_pieces(item))


def _pieces(value: Any) -> Iterator[bytes]:
    """Each name and value of an item by itself, as bytes."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield key.encode()
            yield from _pieces(part)
    elif isinstance(value, list | set):
        for part in value:
            yield from _pieces(part)
    else:
        yield value if isinstance(value, bytes) else str(value).encode()


def _buckets(clients: Clients) -> Iterator[tuple[str, bytes]]:
    s3 = clients("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
            for version in page.get("Versions", []):
                key = {"Bucket": name, "Key": version["Key"], "VersionId": version["VersionId"]}
                answer = s3.get_object(**key)
                about = f"{version['Key']} {answer['Metadata']} {answer['ContentType']}"
                yield f"bucket {name}: {version['Key']}", about.encode() + answer["Body"].read()


def _queues(clients: Clients) -> Iterator[tuple[str, bytes]]:
    sqs = clients("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        for message in answer.get("Messages", []):
            yield f"queue {url.rsplit('/', 1)[1]}", message["Body"].encode()
