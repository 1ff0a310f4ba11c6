"""Ports in memory: exact about conditions and transactions, quick, and nothing more.

`tests/cloud/test_tables_contract.py` holds the fake tables to what DynamoDB does.
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from functions.cloud.config import Config
from functions.cloud.files import FileMissing, PostForm
from functions.cloud.mail import SendFailed
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    INDEXES,
    KEYS,
    Action,
    Condition,
    ConditionFailed,
    Delete,
    Item,
    Key,
    Put,
    Update,
)
from functions.cloud.vault import KEY_ID_BYTES, SealingVault
from functions.web.counting import DRAW_BYTES

# Which table each index belongs to; tests that make tables by hand need it.
INDEXED = {"unsent": "outbox", "in_review": "photos", "objecting": "objections", "due": "cases"}

# Bytes that DynamoDB takes as partition and as sort key; none is empty.
LONGEST_KEYS = (2048, 1024)

NOON = 1_767_589_200_000  # 2026-01-05T05:00:00Z: 12.00 WIB on a Monday

CONFIG = Config(
    stage="test",
    account="123456789012",
    region="ap-southeast-3",
    endpoint=None,
    origin="https://gelombang.example",
    programme="Gelombang",
    mail_from="no-reply@gelombang.example",
    sms_provider="sns",
    sms_gateway_url="",
    beacon_urls=(),
    witness_urls=(),
    trusted_hops=1,
)


class FakeClock:
    """A clock that moves when told to; milliseconds."""

    def __init__(self, now: int = NOON):
        self.now = now

    def __call__(self) -> int:
        return self.now

    def advance(self, milliseconds: int) -> None:
        self.now += milliseconds


class FakeRandom:
    """Bytes that differ at each call and are the same in each run."""

    def __init__(self, seed: str = "gelombang"):
        self._seed = seed
        self._calls = 0
        self._lock = threading.Lock()

    def __call__(self, count: int) -> bytes:
        with self._lock:
            self._calls += 1
            return hashlib.shake_256(f"{self._seed}/{self._calls}".encode()).digest(count)


class Drawn(FakeRandom):
    """Randomness by which every request is drawn for a count by samples, or none."""

    def __init__(self, every: bool = True):
        super().__init__()
        self.every = every

    def __call__(self, count: int) -> bytes:
        if count != DRAW_BYTES:
            return super().__call__(count)
        return bytes(DRAW_BYTES) if self.every else b"\1".rjust(DRAW_BYTES, b"\0")


class FakeTables:
    """`Tables` in memory; writes are atomic under one lock."""

    def __init__(self) -> None:
        self.items: dict[str, dict[tuple[Any, ...], Item]] = {name: {} for name in KEYS}
        self._lock = threading.RLock()

    def get(self, table: str, key: Key, *, only: Sequence[str] = ()) -> Item | None:
        with self._lock:
            found = copy.deepcopy(self.items[table].get(_key(table, key)))
        return None if found is None else _part(found, only)

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        if len({_key(table, key) for key in keys}) < len(keys):
            raise ValueError("a key stands twice")
        with self._lock:
            found = (self.items[table].get(_key(table, key)) for key in keys)
            return [copy.deepcopy(item) for item in found if item is not None]

    def query(
        self, table: str, partition: Any, *, backwards: bool = False, limit: int | None = None
    ) -> Iterator[Item]:
        with self._lock:
            keys = sorted((k for k in self.items[table] if k[0] == partition), reverse=backwards)
            found = [copy.deepcopy(self.items[table][k]) for k in keys[:limit]]
        yield from found

    def query_index(
        self, table: str, index: str, partition: Any, *, up_to: int, limit: int
    ) -> list[Item]:
        first, second = INDEXES[index]
        with self._lock:
            found = [
                item
                for item in self.items[table].values()
                if item.get(first) == partition and second in item and item[second] <= up_to
            ]
            return copy.deepcopy(sorted(found, key=lambda item: item[second])[:limit])

    def scan(self, table: str) -> Iterator[Item]:
        with self._lock:
            found = copy.deepcopy(list(self.items[table].values()))
        yield from found

    def scan_page(
        self, table: str, after: Key | None, *, limit: int, only: Sequence[str] = ()
    ) -> tuple[list[Item], Key | None]:
        with self._lock:
            start = None if after is None else _key(table, after)
            keys = [k for k in sorted(self.items[table]) if start is None or k > start][:limit]
            items = [copy.deepcopy(self.items[table][k]) for k in keys]
        names = [name for name in KEYS[table] if name is not None]
        parts = [_part(item, only) for item in items]
        if len(keys) < limit:
            return parts, None
        return parts, {name: items[-1][name] for name in names}

    def write(self, *actions: Action) -> None:
        with self._lock:
            targets = [(a.table, _key(a.table, _place(a))) for a in actions]
            if len(set(targets)) < len(targets):
                raise ValueError("a transaction cannot touch one item twice")
            failed = {}
            for position, (action, (table, key)) in enumerate(zip(actions, targets, strict=True)):
                old = self.items[table].get(key)
                if action.when is not None and not holds(action.when, old or {}):
                    failed[position] = copy.deepcopy(old)
            if failed:
                raise ConditionFailed(failed)
            for action, (table, key) in zip(actions, targets, strict=True):
                self._apply(action, table, key)

    def update(self, action: Update) -> Item:
        with self._lock:
            self.write(action)
            return copy.deepcopy(self.items[action.table][_key(action.table, action.key)])

    def _apply(self, action: Action, table: str, key: tuple[Any, ...]) -> None:
        if isinstance(action, Put):
            self.items[table][key] = copy.deepcopy(dict(action.item))
        elif isinstance(action, Update):
            item = self.items[table].setdefault(key, dict(action.key))
            _change(item, action)
        elif isinstance(action, Delete):
            self.items[table].pop(key, None)


def _place(action: Action) -> Key:
    return action.item if isinstance(action, Put) else action.key


def _part(item: Item, only: Sequence[str]) -> Item:
    return {name: value for name, value in item.items() if not only or name in only}


def _key(table: str, key: Key) -> tuple[Any, ...]:
    found = tuple(key[name] for name in KEYS[table] if name is not None)
    for value, most in zip(found, LONGEST_KEYS, strict=False):
        if isinstance(value, str) and not 0 < len(value.encode()) <= most:
            raise ValueError("a table takes no such key")
    return found


def _find(item: Mapping[str, Any], path: str) -> Any:
    value: Any = item
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value


def holds(condition: Condition, item: Mapping[str, Any]) -> bool:
    """Whether a condition is true of an item ({} for none), as DynamoDB sees it."""
    if condition.op == "all":
        return all(holds(part, item) for part in condition.parts)
    if condition.op == "any":
        return any(holds(part, item) for part in condition.parts)
    found = _find(item, condition.name)
    if condition.op in ("exists", "missing"):
        return (found is not None) == (condition.op == "exists")
    if condition.op == "<>":
        return bool(found != condition.value)
    if found is None:
        return False
    comparisons = {
        "=": lambda: found == condition.value,
        "<": lambda: found < condition.value,
        "<=": lambda: found <= condition.value,
        ">": lambda: found > condition.value,
        ">=": lambda: found >= condition.value,
        "contains": lambda: condition.value in found,
        "size<": lambda: len(found) < condition.value,
    }
    return bool(comparisons[condition.op]())


def _change(item: Item, action: Update) -> None:
    for path, value in action.set.items():
        *above, name = path.split(".")
        target = item
        for step in above:
            target = target[step]
        target[name] = copy.deepcopy(value)
    for path in action.remove:
        *above, name = path.split(".")
        target = item
        for step in above:
            target = target[step]
        target.pop(name, None)
    for name, value in action.add.items():
        if isinstance(value, set):
            item[name] = item.get(name, set()) | value
        else:
            item[name] = item.get(name, 0) + value
    for name, value in action.discard.items():
        left = item.get(name, set()) - value
        if left:
            item[name] = left
        else:
            item.pop(name, None)


class FakeFiles:
    """`Files` in memory, with versions."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], list[tuple[str, bytes]]] = {}
        self.states: dict[str, str] = {}  # tag of each version that has one
        self._count = 0

    def post_form(
        self, bucket: str, key: str, *, content_type: str, max_bytes: int, seconds: int
    ) -> PostForm:
        fields = {"key": key, "Content-Type": content_type, "max": str(max_bytes)}
        return PostForm(f"https://{bucket}.example/", fields)

    def write(
        self, bucket: str, key: str, data: bytes, *, content_type: str, state: str | None = None
    ) -> str:
        self._count += 1
        version = f"v{self._count}"
        self.objects.setdefault((bucket, key), []).append((version, data))
        if state is not None:
            self.states[version] = state
        return version

    def write_parts(
        self, bucket: str, key: str, parts: Iterator[bytes], *, content_type: str
    ) -> None:
        self.write(bucket, key, b"".join(parts), content_type=content_type)

    def mark(self, bucket: str, key: str, version: str, state: str) -> None:
        self.read(bucket, key, version=version)
        self.states[version] = state

    def size(self, bucket: str, key: str, version: str | None = None) -> int:
        return len(self.read(bucket, key, version=version))

    def read(
        self, bucket: str, key: str, *, version: str | None = None, span: range | None = None
    ) -> bytes:
        versions = self.objects.get((bucket, key), [])
        found = [data for name, data in versions if version in (None, name)]
        if not found:
            raise FileMissing(key)
        return found[-1] if span is None else found[-1][span.start : span.stop]

    def delete(self, bucket: str, key: str, version: str | None = None) -> None:
        kept = [v for v in self.objects.get((bucket, key), []) if version not in (None, v[0])]
        if kept:
            self.objects[bucket, key] = kept
        else:
            self.objects.pop((bucket, key), None)

    def versions(self, bucket: str, prefix: str) -> list[tuple[str, str]]:
        return [
            (key, version)
            for (held, key), versions in sorted(self.objects.items())
            if held == bucket and key.startswith(prefix)
            for version, _ in versions
        ]

    def names(self, bucket: str, prefix: str) -> list[str]:
        return sorted(k for b, k in self.objects if b == bucket and k.startswith(prefix))


class FakeQueues:
    """`Queues` that keep what was sent as (queue, body)."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def send(self, queue: str, *bodies: Mapping[str, Any]) -> None:
        self.sent += [(queue, dict(body)) for body in bodies]


class FakeMachines:
    """`Machines` whose runs wait for `run_all`; `runs` maps name to [machine, input, state]."""

    def __init__(self) -> None:
        self.runs: dict[str, list[Any]] = {}

    def start(self, machine: str, name: str, given: Mapping[str, Any]) -> bool:
        run = self.runs.setdefault(name, [machine, dict(given), "running"])
        return bool(run[2] == "running")

    def run_all(self, work: Callable[[str, dict[str, Any]], Any]) -> None:
        """Let `work(machine, input)` do each waiting run; raises the first error after all.

        A run whose worker is killed (BaseException) still runs, for who comes after.
        """
        errors: list[Exception] = []
        for run in list(self.runs.values()):
            machine, given, state = run
            if state != "running":
                continue
            try:
                work(machine, given)
                run[2] = "succeeded"
            except Exception as error:  # noqa: BLE001 - a run fails with any error
                run[2] = "failed"
                errors.append(error)
        if errors:
            raise errors[0]


class FakeMailer:
    """`Mailer` that keeps mails; `failures` are raised first, in order."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.failures: list[SendFailed] = []

    def send(self, to: str, subject: str, text: str, html: str, *, message: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append({"to": to, "subject": subject, "text": text, "html": html})
        return f"mail-{len(self.sent)}"


class FakeSms:
    """`SmsSender` that keeps messages; `failures` are raised first, in order."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.failures: list[SendFailed] = []

    def send(self, to: str, text: str) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append({"to": to, "text": text})
        return f"sms-{len(self.sent)}"


class FakeEdge:
    """`Edge` that keeps what it was told; `broken` is raised instead."""

    def __init__(self) -> None:
        self.told: list[dict[str, int]] = []
        self.broken: Exception | None = None

    def tell(self, door: Mapping[str, int]) -> None:
        if self.broken is not None:
            raise self.broken
        self.told.append(dict(door))


class FakeVault(SealingVault):
    """A vault whose keys are made from their names; the sealing itself is the real one."""

    def key(self, purpose: str) -> bytes:
        return hashlib.sha256(f"key {purpose}".encode()).digest()

    def seed(self, name: str) -> bytes:
        return hashlib.sha256(f"seed {name}".encode()).digest()

    def _current_data_key(self) -> tuple[bytes, bytes]:
        key_id = b"\x01" * KEY_ID_BYTES
        return key_id, self._data_key(key_id)

    def _data_key(self, key_id: bytes) -> bytes:
        return hashlib.sha256(b"data" + key_id).digest()


def fake_runtime(**changes: Any) -> Runtime:
    """A runtime with every port in memory; name ports to replace them."""
    runtime = Runtime(
        config=CONFIG,
        clock=FakeClock(),
        random=FakeRandom(),
        tables=FakeTables(),
        files=FakeFiles(),
        queues=FakeQueues(),
        machines=FakeMachines(),
        mailer=FakeMailer(),
        sms=FakeSms(),
        vault=FakeVault(),
        edge=FakeEdge(),
    )
    return replace(runtime, **changes)
