"""Ports in memory that count what a request would cost on AWS: calls, and capacity of the tables.

Capacity as DynamoDB's guide has it: a write unit for each begun KB of the larger of old and new
item, twice in a transaction; a read unit for each begun 4 KB read strongly; an index costs a unit
for each begun KB of an item that enters, leaves or changes in it, two when its place changes.
A limit that is counted by samples costs each request its share, so no request may be drawn here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from functions.cloud.files import PostForm
from functions.cloud.tables import INDEXES, Action, Check, Item, Key, Put, Update
from functions.programme.limits import LIMITS
from tests.fakes import (
    INDEXED,
    FakeFiles,
    FakeMailer,
    FakeQueues,
    FakeSms,
    FakeTables,
    FakeVault,
    _key,
    _place,
)

KB = 1024
# {name of a limit that is counted by samples: units of a request, on average}
SHARE = {limit.name: 1 / limit.sample for limit in LIMITS if limit.sample > 1}


@dataclass
class Meter:
    """What was used since the last `take`."""

    calls: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    written: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    indexed: Counter[str] = field(default_factory=Counter)

    def take(self) -> Meter:
        """What was counted, after which counting begins anew."""
        taken = Meter(self.calls, self.read, self.written, self.indexed)
        fresh = Meter()
        self.calls, self.read, self.written = fresh.calls, fresh.read, fresh.written
        self.indexed = fresh.indexed
        return taken


class CountedTables(FakeTables):
    """`FakeTables` that count."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def get(self, table: str, key: Key, *, only: Sequence[str] = ()) -> Item | None:
        found = super().get(table, key, only=only)
        self._read("get_item", table, [] if found is None else [found])
        if table == "limits":
            self.meter.written[table] += SHARE.get(key["limit"].split("#")[0], 0.0)
        return found

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        found = super().get_many(table, keys)
        self.meter.calls["batch_get_item"] += -(-len(keys) // 100)
        self.meter.read[table] += sum(units(item, 4 * KB) for item in found)
        return found

    def query(
        self, table: str, partition: Any, *, backwards: bool = False, limit: int | None = None
    ) -> Iterator[Item]:
        found = list(super().query(table, partition, backwards=backwards, limit=limit))
        self._read("query", table, found)
        yield from found

    def scan(self, table: str) -> Iterator[Item]:
        found = list(super().scan(table))
        self._read("scan", table, found)
        yield from found

    def write(self, *actions: Action) -> None:
        """One action is a call of its own; several, or a check, are a transaction."""
        alone = len(actions) == 1 and not isinstance(actions[0], Check)
        self.meter.calls[operation(actions[0]) if alone else "transact_write_items"] += 1
        before = [self._held(action) for action in actions]
        try:
            super().write(*actions)
        finally:
            for action, old in zip(actions, before, strict=True):
                self._written(action, old, self._held(action), 1 if alone else 2)

    def update(self, action: Update) -> Item:
        with self._lock:
            self.write(action)
            return dict(self.items[action.table][_key(action.table, action.key)])

    def _held(self, action: Action) -> Item | None:
        held = self.items[action.table].get(_key(action.table, _place(action)))
        return None if held is None else dict(held)

    def _read(self, call: str, table: str, found: list[Item]) -> None:
        self.meter.calls[call] += 1
        size = sum(len_of(item) for item in found)
        self.meter.read[table] += max(1, -(-size // (4 * KB)))

    def _written(self, action: Action, old: Item | None, new: Item | None, times: int) -> None:
        size = max(units(old, KB), units(new, KB), 1)
        self.meter.written[action.table] += size * times
        for index, names in INDEXES.items():
            if INDEXED[index] == action.table:
                self.meter.indexed[action.table] += index_units(names, old, new)


def operation(action: Action) -> str:
    """The call of DynamoDB that a single action becomes."""
    if isinstance(action, Put):
        return "put_item"
    return "update_item" if isinstance(action, Update) else "delete_item"


def index_units(names: tuple[str, str], old: Item | None, new: Item | None) -> int:
    """Write units of an index that holds whole items."""
    was = None if old is None or not set(names) <= set(old) else old
    now = None if new is None or not set(names) <= set(new) else new
    if was is None or now is None:
        return units(was, KB) + units(now, KB)
    if [was[name] for name in names] != [now[name] for name in names]:
        return units(was, KB) + units(now, KB)
    return units(now, KB) if was != now else 0


def units(item: Item | None, size: int) -> int:
    """Begun units of an item; none for no item."""
    return 0 if item is None else -(-len_of(item) // size)


def len_of(item: Item) -> int:
    """Bytes of an item as DynamoDB counts them: names and values. The 100 bytes that it needs for
    itself are of the storage that is paid for, not of the capacity."""
    serialize = TypeSerializer().serialize
    return sum(len(name) + _value(serialize(value)) for name, value in item.items())


def _value(typed: dict[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        return 2 + len(value) // 2
    if kind == "B":
        return len(bytes(value))
    if kind == "M":
        return 3 + sum(1 + len(name) + _value(each) for name, each in value.items())
    if kind == "L":
        return 3 + sum(1 + _value(each) for each in value)
    if kind in ("SS", "NS", "BS"):
        return sum(len(each) for each in value)
    return 1


class CountedQueues(FakeQueues):
    """A send is one call, whatever it carries."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def send(self, queue: str, *bodies: Any) -> None:
        self.meter.calls["send_message"] += 1
        super().send(queue, *bodies)


class CountedMailer(FakeMailer):
    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def send(self, to: str, subject: str, text: str, html: str, *, message: str) -> str:
        self.meter.calls["send_raw_email"] += 1
        return super().send(to, subject, text, html, message=message)


class CountedSms(FakeSms):
    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def send(self, to: str, text: str) -> str:
        self.meter.calls["publish"] += 1
        return super().send(to, text)


class CountedFiles(FakeFiles):
    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def post_form(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int
    ) -> PostForm:
        # Signed here, without a call.
        given: dict[str, Any] = {
            "content_type": content_type, "max_bytes": max_bytes, "seconds": seconds
        }  # fmt: skip
        return super().post_form(bucket, key, **given)

    def write(
        self, bucket: str, key: str, data: bytes, *, content_type: str, state: str | None = None
    ) -> str:
        self.meter.calls["put_object"] += 1
        return super().write(bucket, key, data, content_type=content_type, state=state)

    def size(self, bucket: str, key: str, version: str | None = None) -> int:
        self.meter.calls["head_object"] += 1
        held = super().read(bucket, key, version=version)
        return len(held)

    def read(
        self, bucket: str, key: str, *, version: str | None = None, span: range | None = None
    ) -> bytes:
        self.meter.calls["get_object"] += 1
        return super().read(bucket, key, version=version, span=span)

    def delete(self, bucket: str, key: str, version: str | None = None) -> None:
        self.meter.calls["delete_object"] += 1
        super().delete(bucket, key, version)


class WatchedVault(FakeVault):
    """Notes which keys were asked for: each is one read of SSM and one of KMS per process."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def key(self, purpose: str) -> bytes:
        self.asked.add(f"keys/{purpose}")
        return super().key(purpose)

    def seed(self, name: str) -> bytes:
        self.asked.add(f"seeds/{name}")
        return super().seed(name)

    def _current_data_key(self) -> tuple[bytes, bytes]:
        self.asked |= {"data-keys/current", "data-keys/id"}
        return super()._current_data_key()

    def _data_key(self, key_id: bytes) -> bytes:
        self.asked.add("data-keys/id")
        return super()._data_key(key_id)
