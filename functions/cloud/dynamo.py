"""`Tables` on DynamoDB: actions and conditions become expressions, errors become ours."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from functions.cloud.tables import (
    INDEXES,
    KEYS,
    Action,
    Busy,
    Check,
    Condition,
    ConditionFailed,
    Item,
    Key,
    Put,
    Update,
)

CONFLICT_TRIES = 6
CONFLICT_PAUSE_SECONDS = 0.03
# The most keys that one BatchGetItem takes.
BATCH_KEYS = 100


class DynamoTables:
    """`Tables` on DynamoDB."""

    def __init__(self, clients: Any, prefix: str):
        self._clients = clients
        self._prefix = prefix

    @property
    def _client(self) -> Any:
        return self._clients("dynamodb")

    def get(self, table: str, key: Key, *, only: Sequence[str] = ()) -> Item | None:
        answer = self._client.get_item(
            TableName=self._prefix + table, Key=_encode(key), ConsistentRead=True, **_only(only)
        )
        return _decode(answer["Item"]) if "Item" in answer else None

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        name = self._prefix + table
        found: list[Item] = []
        for first in range(0, len(keys), BATCH_KEYS):
            left = [_encode(key) for key in keys[first : first + BATCH_KEYS]]
            for turn in range(CONFLICT_TRIES):
                request = {name: {"Keys": left, "ConsistentRead": True}}
                answer = _with_patience(
                    lambda wanted=request: self._client.batch_get_item(RequestItems=wanted)
                )
                found += map(_decode, answer["Responses"].get(name, ()))
                left = answer.get("UnprocessedKeys", {}).get(name, {}).get("Keys", [])
                if not left:
                    break
                _pause(turn)
            else:
                raise Busy()
        return found

    def query(
        self, table: str, partition: Any, *, backwards: bool = False, limit: int | None = None
    ) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._prefix + table,
            "KeyConditionExpression": "#p = :p",
            "ExpressionAttributeNames": {"#p": KEYS[table][0]},
            "ExpressionAttributeValues": _encode({":p": partition}),
            "ConsistentRead": True,
            "ScanIndexForward": not backwards,
        }
        if limit is not None:
            request["Limit"] = limit
        count = 0
        for page in _pages(self._client.query, request):
            for item in page["Items"]:
                yield _decode(item)
                count += 1
                if count == limit:
                    return

    def query_index(
        self, table: str, index: str, partition: Any, *, up_to: int, limit: int
    ) -> list[Item]:
        first, second = INDEXES[index]
        answer = self._client.query(
            TableName=self._prefix + table,
            IndexName=index,
            KeyConditionExpression="#p = :p AND #s <= :s",
            ExpressionAttributeNames={"#p": first, "#s": second},
            ExpressionAttributeValues=_encode({":p": partition, ":s": up_to}),
            Limit=limit,
        )
        return [_decode(item) for item in answer["Items"]]

    def scan(self, table: str) -> Iterator[Item]:
        request = {"TableName": self._prefix + table, "ConsistentRead": True}
        for page in _pages(self._client.scan, request):
            yield from map(_decode, page["Items"])

    def scan_page(
        self, table: str, after: Key | None, *, limit: int, only: Sequence[str] = ()
    ) -> tuple[list[Item], Key | None]:
        request: dict[str, Any] = {"TableName": self._prefix + table, "Limit": limit}
        request.update(_only(only))
        if after is not None:
            request["ExclusiveStartKey"] = _encode(after)
        page = _with_patience(lambda: self._client.scan(**request, ConsistentRead=True))
        last = page.get("LastEvaluatedKey")
        return [_decode(item) for item in page["Items"]], _decode(last) if last else None

    def write(self, *actions: Action) -> None:
        if len(actions) == 1 and not isinstance(actions[0], Check):
            self._write_one(actions[0], "NONE")
            return
        items = [self._compile(action) for action in actions]
        _with_patience(lambda: self._client.transact_write_items(TransactItems=items))

    def update(self, action: Update) -> Item:
        return _decode(self._write_one(action, "ALL_NEW")["Attributes"])

    def _write_one(self, action: Action, returned: str) -> Any:
        ((verb, request),) = self._compile(action).items()
        call = {
            "Put": self._client.put_item,
            "Update": self._client.update_item,
            "Delete": self._client.delete_item,
        }[verb]
        return _with_patience(lambda: call(**request, ReturnValues=returned))

    def _compile(self, action: Action) -> dict[str, dict[str, Any]]:
        """One action as an element of TransactItems."""
        names = _Names()
        request: dict[str, Any] = {"TableName": self._prefix + action.table}
        if isinstance(action, Put):
            request["Item"] = _encode(action.item)
        else:
            request["Key"] = _encode(action.key)
        if isinstance(action, Update):
            request["UpdateExpression"] = _update_expression(action, names)
        if action.when is not None:
            request["ConditionExpression"] = _condition_expression(action.when, names)
            request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        if names.names:
            request["ExpressionAttributeNames"] = names.names
        if names.values:
            request["ExpressionAttributeValues"] = _encode(names.values)
        verb = "ConditionCheck" if isinstance(action, Check) else type(action).__name__
        return {verb: request}


class _Names:
    """Placeholders for the names and values of one request."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def path(self, path: str) -> str:
        marks = []
        for name in path.split("."):
            mark = next((m for m, n in self.names.items() if n == name), f"#{len(self.names)}")
            self.names[mark] = name
            marks.append(mark)
        return ".".join(marks)

    def value(self, value: Any) -> str:
        mark = f":{len(self.values)}"
        self.values[mark] = value
        return mark


def _condition_expression(condition: Condition, names: _Names) -> str:
    op = condition.op
    if op in ("all", "any"):
        joint = " AND " if op == "all" else " OR "
        return "(" + joint.join(_condition_expression(p, names) for p in condition.parts) + ")"
    path = names.path(condition.name)
    if op == "exists":
        return f"attribute_exists({path})"
    if op == "missing":
        return f"attribute_not_exists({path})"
    value = names.value(condition.value)
    if op == "contains":
        return f"contains({path}, {value})"
    if op == "size<":
        return f"size({path}) < {value}"
    return f"{path} {op} {value}"


def _update_expression(action: Update, names: _Names) -> str:
    clauses = []
    if action.set:
        pairs = [f"{names.path(p)} = {names.value(v)}" for p, v in action.set.items()]
        clauses.append("SET " + ", ".join(pairs))
    if action.remove:
        clauses.append("REMOVE " + ", ".join(names.path(p) for p in action.remove))
    for verb, changes in (("ADD", action.add), ("DELETE", action.discard)):
        if changes:
            pairs = [f"{names.path(p)} {names.value(v)}" for p, v in changes.items()]
            clauses.append(f"{verb} " + ", ".join(pairs))
    return " ".join(clauses)


def _pages(call: Any, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    while True:
        page = call(**request)
        yield page
        if "LastEvaluatedKey" not in page:
            return
        request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}


def _with_patience(call: Any) -> Any:
    """Do the call; wait and repeat while others hold the same items.

    A conflict says nothing of the condition, so it must never be read as one.
    """
    from botocore.exceptions import ClientError

    for turn in range(CONFLICT_TRIES):
        try:
            return call()
        except ClientError as error:
            _raise_if_condition(error)
            if not _is_passing(error):
                raise
            last = error
        _pause(turn)
    raise Busy() from last


def _pause(turn: int) -> None:
    time.sleep(random.uniform(0, CONFLICT_PAUSE_SECONDS * 2**turn))  # noqa: S311


def _raise_if_condition(error: Any) -> None:
    code = error.response["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        old = error.response.get("Item")
        raise ConditionFailed({0: _decode(old) if old else None}) from error
    if code == "TransactionCanceledException":
        reasons = error.response.get("CancellationReasons", [])
        failed = {
            position: _decode(reason["Item"]) if reason.get("Item") else None
            for position, reason in enumerate(reasons)
            if reason.get("Code") == "ConditionalCheckFailed"
        }
        if failed:
            raise ConditionFailed(failed) from error


def _is_passing(error: Any) -> bool:
    code = error.response["Error"]["Code"]
    if code == "TransactionCanceledException":
        codes = {r.get("Code") for r in error.response.get("CancellationReasons", [])}
        return bool(
            codes & {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
        )
    return code in {
        "TransactionConflictException",
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
    }


def _only(names: Sequence[str]) -> dict[str, Any]:
    """What limits an answer to these attributes."""
    if not names:
        return {}
    places = {f"#o{number}": name for number, name in enumerate(names)}
    return {"ProjectionExpression": ", ".join(places), "ExpressionAttributeNames": places}


def _encode(values: Mapping[str, Any]) -> dict[str, Any]:
    from boto3.dynamodb.types import TypeSerializer

    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in values.items()}


def _decode(values: Mapping[str, Any]) -> Item:
    from boto3.dynamodb.types import TypeDeserializer

    deserialize = TypeDeserializer().deserialize
    return {name: _plain(deserialize(value)) for name, value in values.items()}


def _plain(value: Any) -> Any:
    """Decimals to int, Binary to bytes; the tables hold no fractions."""
    from decimal import Decimal

    from boto3.dynamodb.types import Binary

    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value)  # type: ignore[call-overload]
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, set):
        return {_plain(v) for v in value}
    return value
