"""Delivery: one row of the outbox becomes one mail or SMS.

The text is made first; then the row is claimed, handed to the provider, and marked.
A row that stays claimed was interrupted at the provider, and one whose answer was lost may have
been taken. Told twice, most messages do no harm and are sent again; an outcome is told at most
once, so it is given up as `unsure`, until the provider's own events say more (mail_events.py).
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Any

from functions.cloud.mail import SendFailed
from functions.cloud.meter import count
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Condition,
    ConditionFailed,
    Item,
    Update,
    all_of,
    any_of,
    equals,
    less,
)
from functions.programme.figures import letter_names
from functions.programme.times import DAY, HOUR, MINUTE
from functions.verify import accounts, notes
from functions.verify.writing import Mail, write_mail, write_sms

# A claim older than this was interrupted: no provider call lasts so long.
CLAIM_LIFE = 5 * MINUTE
FIRST_PAUSE, LONGEST_PAUSE = MINUTE, HOUR
# An SMS is looked at again after so long while operators have stopped SMS.
HELD = 5 * MINUTE
MOST_TRIES = 12
# What is useless later is not sent later.
USEFUL_FOR = {
    "phone_code": 10 * MINUTE,
    "change_code": 10 * MINUTE,
    "confirm_email": DAY,
    "change_email": DAY,
    "reset_password": HOUR,
}
AT_MOST_ONCE = "outcome_"

log = logging.getLogger("gelombang.delivery")


@dataclass(frozen=True)
class Ready:
    """A message whose receiver and words are known; `to_mac` of an account's mailbox."""

    to: str
    words: Mail | str
    to_mac: str | None


class NoReceiver(Exception):
    """The row names an applicant without an address or number."""


class Unreachable(Exception):
    """Mail to the account's address came back, or was complained of."""


def deliver(runtime: Runtime, message: str) -> None:
    """Send one row, unless it was sent, is being sent, or came too late.

    A refusal that passes puts it back with a pause; another one ends it as `failed`.
    """
    row = runtime.tables.get("outbox", {"message": message})
    if row is None or row["state"] not in ("waiting", "sending"):
        return
    now = runtime.clock()
    if now >= row["created_at"] + USEFUL_FOR.get(row["template"], 35 * DAY):
        _end(runtime, row, now, "too_late")
        return
    if row["channel"] == "sms" and runtime.flags.running("sms"):
        _hold(runtime, row, now)
        return
    try:
        ready = _compose(runtime, row)
    except NoReceiver:
        _end(runtime, row, now, "no_receiver")
        return
    except Unreachable:
        _end(runtime, row, now, "unreachable")
        return
    mark = runtime.random(16).hex()
    if not _claim(runtime, row, now, mark, ready.to_mac):
        return
    _hand_over(runtime, {**row, "claimed_by": mark, "tries": row["tries"] + 1}, ready)


def _hold(runtime: Runtime, row: Item, now: int) -> None:
    """While operators have stopped SMS the tick brings the row again, which is no try."""
    _change(runtime, row, equals("state", "waiting"), set={"due_at": now + HELD})


def _compose(runtime: Runtime, row: Item) -> Ready:
    to, language, to_mac = _receiver(runtime, row)
    sealed = row["parameters"]
    parameters = json.loads(runtime.vault.open("outbox", row["message"], "parameters", sealed))
    write: Any = write_sms if row["channel"] == "sms" else write_mail
    return Ready(to, write(runtime.config, row["template"], language, parameters), to_mac)


def _receiver(runtime: Runtime, row: Item) -> tuple[str, str, str | None]:
    """The address or number, and the language: of the row, else of the account, with the mac of
    its mailbox. Raises NoReceiver, Unreachable."""
    account = None
    if "to" not in row or "language" not in row:
        account = runtime.tables.get("accounts", {"applicant": row.get("applicant", "nobody")})
    language = row.get("language") or (account or {}).get("language", "id")
    if "to" in row:
        return runtime.vault.open("outbox", row["message"], "to", row["to"]), language, None
    field = "phone" if row["channel"] == "sms" else "email"
    if account is None or field not in account:
        raise NoReceiver(row["message"])
    if field == "email" and accounts.unreachable(account):
        raise Unreachable(row["message"])
    to = runtime.vault.open("accounts", row["applicant"], field, account[field])
    return to, language, account.get("email_mac") if field == "email" else None


def _claim(runtime: Runtime, row: Item, now: int, mark: str, to_mac: str | None) -> bool:
    """Whether this call may hand the row to the provider.

    By its mark a call knows its own claim again when the answer to it was lost.
    """
    interrupted = all_of(equals("state", "sending"), less("claimed_at", now - CLAIM_LIFE))
    if row["template"].startswith(AT_MOST_ONCE):
        _give_up(runtime, row, now, interrupted)
        free = equals("state", "waiting")
    else:
        free = any_of(equals("state", "waiting"), interrupted)
    claimed = Update(
        "outbox",
        {"message": row["message"]},
        set={
            "state": "sending",
            "claimed_at": now,
            "claimed_by": mark,
            "due_at": now + CLAIM_LIFE,
            **({"to_mac": to_mac} if to_mac else {}),
        },
        add={"tries": 1},
        when=free,
    )
    try:
        runtime.tables.write(claimed)
    except ConditionFailed as error:
        found = error.failed.get(0)
        return found is not None and found.get("claimed_by") == mark
    return True


def _give_up(runtime: Runtime, row: Item, now: int, interrupted: Condition) -> None:
    if row["state"] == "sending" and row["claimed_at"] < now - CLAIM_LIFE:
        _end(runtime, row, now, "unsure", interrupted)


def _hand_over(runtime: Runtime, row: Item, ready: Ready) -> None:
    try:
        if isinstance(ready.words, Mail):
            mail = ready.words
            provider_id = runtime.mailer.send(
                ready.to, mail.subject, mail.text, mail.html, message=row["message"]
            )
        else:
            provider_id = runtime.sms.send(ready.to, ready.words)
    except SendFailed as error:
        log.warning("outbox %s: provider refused: %s", row["message"], error)
        if error.unsure and row["template"].startswith(AT_MOST_ONCE):
            _end(runtime, row, runtime.clock(), "unsure", _mine(row))
        elif error.again and row["tries"] < MOST_TRIES:
            _put_back(runtime, row)
        else:
            _end(runtime, row, runtime.clock(), "refused", _mine(row))
        return
    _mark_sent(runtime, row, provider_id)


def pause(tries: int) -> int:
    """Milliseconds to wait after so many tries: 1, 2, 4 … minutes, at most an hour."""
    return min(FIRST_PAUSE * 2 ** (tries - 1), LONGEST_PAUSE)


def _put_back(runtime: Runtime, row: Item) -> None:
    now = runtime.clock()
    waiting = {"state": "waiting", "due_at": now + pause(row["tries"])}
    if _change(runtime, row, _mine(row), set=waiting):
        notes.leave(runtime, row, "waiting", now)


def _mark_sent(runtime: Runtime, row: Item, provider_id: str) -> None:
    now = runtime.clock()
    sent = {"state": "sent", "sent_at": now, "provider_id": provider_id}
    if _change(runtime, row, _mine(row), set=sent, remove=spent(row)):
        count(runtime.tables, now, row["message"], *letter_names(row, now))
        notes.leave(runtime, row, "sent", now)


def _end(runtime: Runtime, row: Item, now: int, reason: str, when: Condition | None = None) -> None:
    log.warning("outbox %s: failed: %s", row["message"], reason)
    failed = {"state": "failed", "failed_at": now, "reason": reason}
    unclaimed = any_of(equals("state", "waiting"), less("claimed_at", now - CLAIM_LIFE))
    if _change(runtime, row, when or unclaimed, set=failed, remove=spent(row)):
        notes.leave(runtime, row, "unreachable" if reason == "unreachable" else "failed", now)


def spent(row: Item) -> list[str]:
    """What a row need not keep: it leaves the index, and forgets receiver and words."""
    return [name for name in ("unsent", "to", "parameters") if name in row]


def _mine(row: Item) -> Condition:
    return all_of(equals("state", "sending"), equals("claimed_by", row["claimed_by"]))


def _change(runtime: Runtime, row: Item, when: Condition, **change: Any) -> bool:
    try:
        runtime.tables.write(Update("outbox", {"message": row["message"]}, when=when, **change))
    except ConditionFailed:
        return False
    return True
