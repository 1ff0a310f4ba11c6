"""The tables: a small port. DynamoDB stands behind it in `dynamo.py`.

Rules and use cases speak to tables in the words of this module: an item is a
dict, a write is one or several actions, each with its condition. The port is
narrow on purpose, so that `tests/fakes.py` can be exact about it.
"""

from __future__ import annotations

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
    "objections": ("applicant", "wave"),
    "ledgers": ("subject", "member"),
    "outbox": ("message", None),
    "limits": ("limit", None),
    "audit": ("chain", "number"),
    "figures": ("figure", None),
    "cases": ("case", None),
    "flags": ("flag", None),
}
# Index name -> (partition key, sort key). All attributes are projected.
INDEXES: dict[str, tuple[str, str]] = {
    "unsent": ("unsent", "due_at"),
    "in_review": ("in_review", "review_asked_at"),
    "objecting": ("objecting", "objected_at"),
    "due": ("waits", "due_at"),
}


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

    def get(self, table: str, key: Key, *, only: Sequence[str] = ()) -> Item | None:
        """The item, or of its attributes `only` these: all that some roles may read."""
        ...

    def get_many(self, table: str, keys: Sequence[Key]) -> list[Item]:
        """The items of these different keys that exist, in any order. Raises Busy."""
        ...

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

    def scan_page(
        self, table: str, after: Key | None, *, limit: int, only: Sequence[str] = ()
    ) -> tuple[list[Item], Key | None]:
        """At most `limit` items in no order, and what to give as `after` for the next; None at
        the end. What is written meanwhile may be among them or not. `only` as in `get`.
        """
        ...

    def write(self, *actions: Action) -> None:
        """Do all actions or none. Raises ConditionFailed or Busy."""
        ...

    def update(self, action: Update) -> Item:
        """One update that returns the item after it. Raises ConditionFailed or Busy."""
        ...
