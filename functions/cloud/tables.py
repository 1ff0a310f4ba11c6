"""The tables: a small port, and DynamoDB behind it.

Rules and use cases speak to tables in the words of this module: an item is a
dict, a write is one or several actions, each with its condition. The port is
narrow on purpose, so that `tests/fakes.py` can be exact about it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

Item = dict[str, Any]
Key = Mapping[str, Any]

# Name -> (partition key, sort key or None). docs/data.md describes each.
KEYS: dict[str, tuple[str, str | None]] = {
    "accounts": ("applicant", None),
    "claims": ("claim", None),
    "challenges": ("challenge", None),
    "sessions": ("applicant", "session"),
    "readiness": ("applicant", None),
    "tests": ("applicant", None),
    "photos": ("applicant", "photo"),
    "waves": ("wave", None),
    "gates": ("gate", None),
    "entries": ("gate", "applicant"),
    "ledgers": ("subject", "member"),
    "outbox": ("message", None),
    "limits": ("limit", None),
}
# Index name -> (partition key, sort key). All attributes are projected.
INDEXES: dict[str, tuple[str, str]] = {"unsent": ("unsent", "due_at")}

CONFLICT_TRIES = 6
CONFLICT_PAUSE_SECONDS = 0.03


@dataclass(frozen=True)
class Condition:
    """One comparison on an item, or several joined by `all` or `any`."""

    op: str
    name: str = ""
    value: Any = None
    parts: tuple[Condition, ...] = ()


def exists(name: str) -> Condition:
    return Condition("exists", name)


def missing(name: str) -> Condition:
    return Condition("missing", name)


def equals(name: str, value: Any) -> Condition:
    return Condition("=", name, value)


def differs(name: str, value: Any) -> Condition:
    return Condition("<>", name, value)


def less(name: str, value: int | str) -> Condition:
    return Condition("<", name, value)


def at_most(name: str, value: int | str) -> Condition:
    return Condition("<=", name, value)


def greater(name: str, value: int | str) -> Condition:
    return Condition(">", name, value)


def at_least(name: str, value: int | str) -> Condition:
    return Condition(">=", name, value)


def contains(name: str, member: str | int) -> Condition:
    return Condition("contains", name, member)


def size_less(name: str, value: int) -> Condition:
    return Condition("size<", name, value)


def all_of(*parts: Condition) -> Condition:
    return Condition("all", parts=parts)


def any_of(*parts: Condition) -> Condition:
    return Condition("any", parts=parts)


@dataclass(frozen=True)
class Put:
    """Write a whole item."""

    table: str
    item: Item
    when: Condition | None = None


@dataclass(frozen=True)
class Update:
    """Change attributes of one item, made if it does not exist.

    `set` and `remove` take paths (`answers.3`); `add` raises numbers or adds to
    string or number sets; `discard` takes members out of sets.
    """

    table: str
    key: Key
    set: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Any] = field(default_factory=dict)
    discard: Mapping[str, Any] = field(default_factory=dict)
    remove: Sequence[str] = ()
    when: Condition | None = None


@dataclass(frozen=True)
class Delete:
    """Remove one item."""

    table: str
    key: Key
    when: Condition | None = None


@dataclass(frozen=True)
class Check:
    """Let the transaction succeed only if the condition holds for an item."""

    table: str
    key: Key
    when: Condition


Action = Put | Update | Delete | Check


class ConditionFailed(Exception):
    """A condition did not hold; nothing was written.

    `failed` maps the position of each action that failed to the item as it
    stands (None when there is none).
    """

    def __init__(self, failed: dict[int, Item | None]):
        super().__init__(f"condition of action {sorted(failed)} failed")
        self.failed = failed


class Busy(Exception):
    """Others kept writing the same items, or the table is throttled; try again."""


class Tables(Protocol):
    """What the rooms may ask of tables. Reads are strongly consistent."""

    def get(self, table: str, key: Key) -> Item | None: ...

    def query(
        self, table: str, partition: Any, *, backwards: bool = False, limit: int | None = None
    ) -> Iterator[Item]:
        """Items of one partition in the order of the sort key, paged as needed."""
        ...

    def query_index(
        self, table: str, index: str, partition: Any, *, up_to: int, limit: int
    ) -> list[Item]:
        """At most `limit` items of an index with sort key <= up_to, oldest first.

        An index follows its table within moments, not at once.
        """
        ...

    def scan(self, table: str) -> Iterator[Item]:
        """Every item; only for tables that stay small, such as waves."""
        ...

    def write(self, *actions: Action) -> None:
        """Do all actions or none. Raises ConditionFailed or Busy."""
        ...

    def update(self, action: Update) -> Item:
        """One update that returns the item after it. Raises ConditionFailed or Busy."""
        ...


class DynamoTables:
    """`Tables` on DynamoDB."""

    def __init__(self, clients: Any, prefix: str):
        self._clients = clients
        self._prefix = prefix

    @property
    def _client(self) -> Any:
        return self._clients("dynamodb")

    def get(self, table: str, key: Key) -> Item | None:
        answer = self._client.get_item(
            TableName=self._prefix + table, Key=_encode(key), ConsistentRead=True
        )
        return _decode(answer["Item"]) if "Item" in answer else None

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
        time.sleep(random.uniform(0, CONFLICT_PAUSE_SECONDS * 2**turn))  # noqa: S311
    raise Busy() from last


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
