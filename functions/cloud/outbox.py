"""The outbox: a message is written in the same transaction as the change it tells of.

Rows hold template, language and sealed parameters; the text is made when it is
sent, by verify's worker. Both verify and select write rows; the queues carry ids. Codes by SMS have
a queue of their own: they are useless after ten minutes, and mails may wait for days.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.cloud.queues import QueueRefused, Queues
from functions.cloud.tables import Item, Put, missing
from functions.cloud.vault import Vault
from functions.programme.times import DAY, SECOND

KEEP = 35 * DAY
LETTERS, CODES = "outbox", "codes"
# Codes by mail stay with the mails: they are good for a day, they are half of all mails, and SES's
# rate holds up both alike.
BY_SMS = frozenset({"phone_code", "change_code"})

log = logging.getLogger("gelombang.outbox")


@dataclass(frozen=True)
class Letter:
    """A mail or SMS to be sent.

    Goes to an applicant's proved address or number, or to `to` where there is none
    yet. `message` is the row's id: random, or made from the event it tells of, so
    that the event is told once. `challenge` is the proof that the mail asks for, and `to_mac`
    the mac of its address: who waits for the mail is told when it cannot arrive.
    """

    message: str
    channel: str
    template: str
    applicant: str = ""
    to: str = ""
    language: str = ""
    challenge: str = ""
    to_mac: str = ""
    parameters: Mapping[str, str | int] = field(default_factory=dict)


def row(vault: Vault, letter: Letter, now: int) -> Put:
    """The action that puts a letter into the outbox, once."""
    item: Item = {
        "message": letter.message,
        "channel": letter.channel,
        "template": letter.template,
        "state": "waiting",
        "tries": 0,
        "created_at": now,
        "due_at": now,
        "expires": (now + KEEP) // SECOND,
        "unsent": letter.message[-1],
        "parameters": vault.seal(
            "outbox", letter.message, "parameters", json.dumps(dict(letter.parameters))
        ),
    }
    for name in ("applicant", "language", "challenge", "to_mac"):
        if value := getattr(letter, name):
            item[name] = value
    if letter.to:
        item["to"] = vault.seal("outbox", letter.message, "to", letter.to)
    return Put("outbox", item, when=missing("message"))


def queue_of(template: str) -> str:
    """Which queue brings a letter to the worker."""
    return CODES if template in BY_SMS else LETTERS


def hurry(queues: Queues, *messages: str, queue: str = LETTERS) -> None:
    """Ask for one to ten rows to be sent now. If the queue is down, the schedule finds them."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        queues.send(queue, *({"message": message} for message in messages))
    except (BotoCoreError, ClientError, QueueRefused) as error:
        log.warning("%s: queue refused messages, left to the schedule: %s", queue, error)
