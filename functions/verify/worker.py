"""Events of verify: letters, codes and mail events from their queues, the tick of every minute."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from functions.cloud.outbox import hurry, queue_of
from functions.cloud.runtime import Runtime, current
from functions.cloud.tables import ConditionFailed, Item, Update, equals
from functions.programme.times import MINUTE
from functions.verify import admission, erasure, mail_events, overdue, retention
from functions.verify.delivery import deliver
from functions.verify.status import publish

# A row is the queue's for so long before the tick puts it there again.
PATIENCE = 5 * MINUTE
# Rows looked at in a tick, for each of the sixteen parts of the index.
PER_PART = 100
PARTS = "0123456789abcdef"

log = logging.getLogger("gelombang.verify")


class TickFailed(Exception):
    """Steps of a tick broke; the message names them."""


def on_outbox(event: dict[str, Any], context: object) -> dict[str, Any]:
    """SQS, both queues of the outbox: send the rows whose ids come; only what broke comes back."""
    runtime = current()
    return {"batchItemFailures": handle_batch(runtime, event["Records"])}


def on_mail_event(event: dict[str, Any], context: object) -> dict[str, Any]:
    """SQS: take in what became of mails; only what broke comes back."""
    return {"batchItemFailures": handle_mail_events(current(), event["Records"])}


def on_tick(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Schedule: put overdue rows of the outbox on the queue, then what can wait a little."""
    return handle_tick(current())


def handle_tick(runtime: Runtime) -> dict[str, Any]:
    """The letters come first: nothing must hold them up. Then the public status, the waiting room,
    what applicants have asked to be deleted, what is kept no longer, and what waits too long.

    A step that breaks holds up none of the others. Raises TickFailed at the end, which the
    function's errors count and the schedule tries again.
    """
    done, failed = {}, []
    for name, step in STEPS.items():
        try:
            done[name] = step(runtime)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other steps go on
            # The message of an error may hold personal data; its kind does not.
            log.error("tick, %s: %s", name, type(error).__name__)
            failed.append(name)
    if failed:
        raise TickFailed(", ".join(failed))
    return done


def handle_batch(runtime: Runtime, records: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Deliver each record of a queue of the outbox."""
    return _each("outbox", records, lambda told: deliver(runtime, told["message"]))


def handle_mail_events(runtime: Runtime, records: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Take in each record of the queue of mail events."""
    return _each("mail event", records, lambda told: mail_events.take(runtime, told))


def _each(
    what: str, records: list[dict[str, Any]], work: Callable[[dict[str, Any]], None]
) -> list[dict[str, str]]:
    """Work on each record by itself, so that a bad one does not hold up the others."""
    failures = []
    for record in records:
        try:
            work(json.loads(record["body"]))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's alone
            # The message of an error may hold personal data; its kind does not.
            log.error("%s record %s: %s", what, record["messageId"], type(error).__name__)
            failures.append({"itemIdentifier": record["messageId"]})
    return failures


def sweep(runtime: Runtime) -> int:
    """Queue rows that are due and that the queue has had time for; returns how many."""
    due_by = runtime.clock() - MINUTE
    queued = 0
    for part in PARTS:
        rows = runtime.tables.query_index("outbox", "unsent", part, up_to=due_by, limit=PER_PART)
        for row in rows:
            if _postpone(runtime, row):
                hurry(runtime.queues, row["message"], queue=queue_of(row["template"]))
                queued += 1
    return queued


def _postpone(runtime: Runtime, row: Item) -> bool:
    """Whether this tick is the one that queues the row; two ticks at once share the rows."""
    later = Update(
        "outbox",
        {"message": row["message"]},
        set={"due_at": runtime.clock() + PATIENCE},
        when=equals("due_at", row["due_at"]),
    )
    try:
        runtime.tables.write(later)
    except ConditionFailed:
        return False
    return True


STEPS: dict[str, Callable[[Runtime], object]] = {
    "queued": sweep,
    "status": publish,
    "door": admission.follow,
    "erased": erasure.run_due,
    "retention": retention.run_due,
    "overdue": overdue.tell,
}
