"""Mail events: what became of a mail after SES had taken it.

The rules of infra/template.yaml make of each event of SES a message `{"event", "message": [row]}`:
the row of the outbox, and never an address. Events may come twice, late, in any order, or about a
row that is gone. So a row moves only upwards in `ORDER`, by a condition, and each step of taking an
event may be done again.
"""

from __future__ import annotations

import logging
from typing import Any

from functions.cloud.meter import count
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    ConditionFailed,
    Item,
    Update,
    all_of,
    any_of,
    differs,
    equals,
    exists,
    less,
    missing,
)
from functions.programme.figures import letter_names
from functions.verify import notes
from functions.verify.delivery import spent

# Each may follow those before it: a mailbox takes a mail and sends it back later, or its owner
# complains. Whatever sending had noted, `unsure` too, comes before all of them.
ORDER = ("delivered", "undelivered", "bounced", "complained")
# What these say of the address itself; `undelivered` is a full mailbox or a server that is down.
UNREACHABLE = ("bounced", "complained")
SHOWN = {"delivered": "delivered", "undelivered": "failed"}

log = logging.getLogger("gelombang.delivery")


class UnknownEvent(Exception):
    """The queue holds what no rule of the template writes."""


def take(runtime: Runtime, told: dict[str, Any]) -> None:
    """Take in one event: the row, the address it went to, the dashboard. Raises UnknownEvent."""
    event, (message,) = told["event"], told["message"]
    if event not in ORDER:
        raise UnknownEvent(event)
    row = runtime.tables.get("outbox", {"message": message})
    now = runtime.clock()
    if row is None or row["channel"] != "mail" or not _mark_row(runtime, row, event, now):
        return
    if row["state"] in ("waiting", "sending"):
        # The event was quicker than the worker that sent the mail, or that worker died.
        count(runtime.tables, now, message, *letter_names(row, _sent_at(row)))
    if event in UNREACHABLE:
        log.warning("outbox %s: %s", message, event)
        _mark_address(runtime, row, event, now)
    notes.leave(runtime, row, SHOWN.get(event, "unreachable"), now, told=True)


def _mark_row(runtime: Runtime, row: Item, event: str, now: int) -> bool:
    """Whether the row stands at the event now: nothing is known that comes after it. An event that
    comes again, after a worker that died at it, is taken again.

    A row that was claimed and never marked, or given up as `unsure`, has been sent after all.
    """
    later = [differs("state", state) for state in ORDER[ORDER.index(event) + 1 :]]
    marked = Update(
        "outbox",
        {"message": row["message"]},
        set={"state": event, "told_at": now, "sent_at": _sent_at(row)},
        remove=[*spent(row), *(name for name in ("reason", "failed_at") if name in row)],
        when=all_of(exists("state"), *later),
    )
    try:
        runtime.tables.write(marked)
    except ConditionFailed:
        return False
    return True


def _mark_address(runtime: Runtime, row: Item, why: str, now: int) -> None:
    """Mark what the mail was sent for, while its address is still the one that the mail went to:
    the proof that waits for an answer, or the account, unless the mailbox has answered since."""
    if "to_mac" not in row:
        return
    if "challenge" in row:
        mark = Update(
            "challenges",
            {"challenge": row["challenge"]},
            set={"unreachable": {"why": why, "at": now}},
            when=all_of(equals("subject_mac", row["to_mac"]), missing("used_at")),
        )
    else:
        mark = Update(
            "accounts",
            {"applicant": row["applicant"]},
            set={"unreachable": {"mac": row["to_mac"], "why": why, "at": now}},
            when=all_of(
                equals("email_mac", row["to_mac"]),
                any_of(missing("email_at"), less("email_at", _sent_at(row))),
            ),
        )
    try:
        runtime.tables.write(mark)
    except ConditionFailed:
        log.info("outbox %s: the address has changed or answered since", row["message"])


def _sent_at(row: Item) -> int:
    known = (row[name] for name in ("sent_at", "claimed_at", "created_at") if name in row)
    return int(next(known))
