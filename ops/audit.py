"""The operators' audit chain in its table: what is done is recorded in the same transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from functions.cloud import chain
from functions.cloud.chain import JOBS, OPERATORS, Act
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Action
from functions.programme import audit
from functions.programme.audit import Broken, Record
from ops.errors import Refused

__all__ = ["CHAIN", "JOBS", "Act", "newest", "records", "verify", "write"]

CHAIN = OPERATORS
NOTED = re.compile(r"(\d+):([0-9a-f]{64})")


def write(runtime: Runtime, act: Act, *actions: Action) -> Record:
    """Do all actions and record the act, or nothing. Raises ConditionFailed of an action, Busy."""
    try:
        return chain.append(runtime.tables, OPERATORS, runtime.clock(), act, *actions)
    except ValueError as error:
        raise Refused(f"the audit chain is broken: {error}") from error


def records(runtime: Runtime, name: str = OPERATORS) -> Iterator[Record]:
    """A chain from its beginning. Raises Refused."""
    try:
        yield from chain.records(runtime.tables, name)
    except ValueError as error:
        raise Refused(f"the audit chain is broken: {error}") from error


def newest(runtime: Runtime, count: int, name: str = OPERATORS) -> list[Record]:
    """The last records, oldest of them first. Raises Refused."""
    try:
        return chain.newest(runtime.tables, name, count)
    except ValueError as error:
        raise Refused(f"the audit chain is broken: {error}") from error


def verify(runtime: Runtime, noted: Iterable[str] = (), name: str = OPERATORS) -> Record | None:
    """The head of a chain if it holds, None while it is empty. Raises Refused.

    `noted`: heads written down earlier, as `number:hash`.
    """
    heads = {}
    for text in noted:
        match = NOTED.fullmatch(text)
        if match is None:
            raise Refused(f"{text!r} is not a head such as 17:9f…, a number and 64 hex digits")
        heads[int(match[1])] = match[2]
    try:
        return audit.check(records(runtime, name), heads)
    except Broken as error:
        raise Refused(f"the audit chain is broken: {error}") from error
