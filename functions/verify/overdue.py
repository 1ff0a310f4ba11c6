"""Overdue: work that waits longer than it should, told in the log once a minute.

Each line `overdue: <name>` is counted by a metric filter of infra/template.yaml, whose alarm has
its page in docs/runbook/. A look costs some forty queries of indexes that hold just what waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from functions.cloud.runtime import Runtime
from functions.programme import recovery
from functions.programme.photos import KINDS
from functions.programme.times import DAY, HOUR
from functions.verify import disputes, retention
from functions.verify.status import oldest_letters

# From when on someone is called. Letters are tried again for some hours; an objection has to be
# answered before the round, two days after the list; the rest keeps one person from joining.
LETTERS = 2 * HOUR
OBJECTIONS = 6 * HOUR
REVIEWS = 2 * DAY
DISPUTES = 3 * DAY
# After the 48 hours that a recovery has to wait; it lapses by itself after fourteen days.
RECOVERIES = 3 * DAY
MOST_RECOVERIES = 200

log = logging.getLogger("gelombang.overdue")


def tell(runtime: Runtime) -> list[str]:
    """The names of what is overdue, each told in the log."""
    found = [name for name, is_overdue in WATCHED.items() if is_overdue(runtime)]
    for name in found:
        log.warning("overdue: %s", name)
    return found


def _letters(runtime: Runtime) -> bool:
    now = runtime.clock()
    return any(at <= now - LETTERS for at in oldest_letters(runtime, now).values())


def _reviews(runtime: Runtime) -> bool:
    return any(_waits(runtime, "photos", "in_review", kind, REVIEWS) for kind in KINDS)


def _objections(runtime: Runtime) -> bool:
    """Only while the list is published: after the round no answer changes it."""
    return any(
        _waits(runtime, "objections", "objecting", str(wave["wave"]), OBJECTIONS)
        for wave in runtime.tables.scan("waves")
        if wave["phase"] == "roster_published"
    )


def _disputes(runtime: Runtime) -> bool:
    return _waits(runtime, "cases", "due", disputes.WAITS, DISPUTES)


def _recoveries(runtime: Runtime) -> bool:
    now = runtime.clock()
    found = runtime.tables.query_index(
        "cases", "due", "recovery", up_to=now - RECOVERIES, limit=MOST_RECOVERIES
    )
    return any(item["asked_at"] > now - recovery.OPEN for item in found)


def _waits(runtime: Runtime, table: str, index: str, partition: str, longest: int) -> bool:
    up_to = runtime.clock() - longest
    return bool(runtime.tables.query_index(table, index, partition, up_to=up_to, limit=1))


WATCHED: dict[str, Callable[[Runtime], bool]] = {
    "outbox": _letters,
    "reviews": _reviews,
    "objections": _objections,
    "disputes": _disputes,
    "recoveries": _recoveries,
    "retention": retention.unfinished,
}
