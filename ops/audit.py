"""The operators' audit chain in its table: what is done is recorded in the same transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Action, Busy, ConditionFailed, Item, Put, missing
from functions.programme import audit
from functions.programme.audit import Broken, Record
from ops.errors import Refused

CHAIN = "operators"
# Operators at work at once follow one another within a few tries.
TRIES = 25
NOTED = re.compile(r"(\d+):([0-9a-f]{64})")


@dataclass(frozen=True)
class Act:
    """Who does what with which thing; `about` and `details` are ids and codes, not personal."""

    who: str
    what: str
    about: str
    details: tuple[str, ...] = ()


def write(runtime: Runtime, act: Act, *actions: Action) -> Record:
    """Do all actions and record the act, or nothing. Raises ConditionFailed of an action, Busy."""
    for _ in range(TRIES):
        record = audit.following(_last(runtime), at=runtime.clock(), **asdict(act))
        item = _item(record)
        try:
            runtime.tables.write(*actions, Put("audit", item, when=missing("number")))
        except ConditionFailed as failure:
            if failure.failed.get(len(actions)) == item:
                return record  # it went through before, and only the answer was lost
            if set(failure.failed) != {len(actions)}:
                raise
            continue  # another operator's record has taken the number
        return record
    raise Busy


def records(runtime: Runtime) -> Iterator[Record]:
    """The chain from its beginning."""
    yield from map(_record, runtime.tables.query("audit", CHAIN))


def newest(runtime: Runtime, count: int) -> list[Record]:
    """The last records, oldest of them first."""
    found = runtime.tables.query("audit", CHAIN, backwards=True, limit=count)
    return [_record(item) for item in found][::-1]


def verify(runtime: Runtime, noted: Iterable[str] = ()) -> Record | None:
    """The head of the chain if it holds, None while it is empty. Raises Refused.

    `noted`: heads written down earlier, as `number:hash`.
    """
    heads = {}
    for text in noted:
        match = NOTED.fullmatch(text)
        if match is None:
            raise Refused(f"{text!r} is not a head such as 17:9f…, a number and 64 hex digits")
        heads[int(match[1])] = match[2]
    try:
        return audit.check(records(runtime), heads)
    except Broken as error:
        raise Refused(f"the audit chain is broken: {error}") from error


def _last(runtime: Runtime) -> Record | None:
    return next(iter(newest(runtime, 1)), None)


def _item(record: Record) -> Item:
    return {"chain": CHAIN, **asdict(record), "details": list(record.details)}


def _record(item: Item) -> Record:
    fields = {name: value for name, value in item.items() if name != "chain"}
    try:
        return Record(**{**fields, "details": tuple(item["details"])})
    except (TypeError, KeyError) as error:
        raise Refused(
            f"the audit chain is broken: record {item['number']}: is not a record"
        ) from error
