"""Audit chains in their table: what is done is recorded in the same transaction.

Operators write the chain `operators` (ops/audit.py), the scheduled jobs of verify's worker write
`jobs`. Only records are added, each bound to the one before it (programme/audit.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from functions.cloud.tables import Action, Busy, ConditionFailed, Item, Put, Tables, missing
from functions.programme import audit
from functions.programme.audit import Record

OPERATORS, JOBS = "operators", "jobs"
# Writers at work at once follow one another within a few tries.
TRIES = 25


@dataclass(frozen=True)
class Act:
    """Who does what with which thing; `about` and `details` are ids and codes, not personal."""

    who: str
    what: str
    about: str
    details: tuple[str, ...] = ()


def append(tables: Tables, chain: str, now: int, act: Act, *actions: Action) -> Record:
    """Do all actions and record the act, or nothing. Raises ConditionFailed of an action, Busy."""
    for _ in range(TRIES):
        last = next(iter(newest(tables, chain, 1)), None)
        record = audit.following(last, at=now, **asdict(act))
        item = {"chain": chain, **asdict(record), "details": list(record.details)}
        try:
            tables.write(*actions, Put("audit", item, when=missing("number")))
        except ConditionFailed as failure:
            if failure.failed.get(len(actions)) == item:
                return record  # it went through before, and only the answer was lost
            if set(failure.failed) != {len(actions)}:
                raise
            continue  # another writer's record has taken the number
        return record
    raise Busy()


def records(tables: Tables, chain: str) -> Iterator[Record]:
    """The chain from its beginning. Raises ValueError for what is not a record."""
    yield from map(_record, tables.query("audit", chain))


def newest(tables: Tables, chain: str, count: int) -> list[Record]:
    """The last records, oldest of them first. Raises ValueError for what is not a record."""
    found = tables.query("audit", chain, backwards=True, limit=count)
    return [_record(item) for item in found][::-1]


def _record(item: Item) -> Record:
    fields = {name: value for name, value in item.items() if name != "chain"}
    try:
        return Record(**{**fields, "details": tuple(item["details"])})
    except (TypeError, KeyError) as error:
        raise ValueError(f"record {item['number']}: is not a record") from error
