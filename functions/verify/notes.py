"""Notes: the last word on each kind of message, kept with the account for the dashboard."""

from __future__ import annotations

import logging

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Condition,
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
from functions.programme.times import iso

log = logging.getLogger("gelombang.delivery")


def leave(runtime: Runtime, row: Item, state: str, at: int, *, told: bool = False) -> None:
    """Note the state of a row of the outbox with its account, if it has one.

    `told` is the provider's word on the mail: it stands over what sending it had noted, and not
    over a later mail of the same kind. A note that cannot be left is no reason to send again.
    """
    if "applicant" not in row:
        return
    kind = f"{row['channel']}-{row['template']}"
    note = {"state": state, "at": at, "message": row["message"]}
    key = {"applicant": row["applicant"]}
    place = f"delivery.{kind}"
    free = _open_to_provider(place, row) if told else _open_to_sender(place, row)
    try:
        later = all_of(exists("delivery"), free)
        runtime.tables.write(Update("accounts", key, set={place: note}, when=later))
    except ConditionFailed:
        first = all_of(exists("applicant"), missing("delivery"))
        try:
            runtime.tables.write(
                Update("accounts", key, set={"delivery": {kind: note}}, when=first)
            )
        except ConditionFailed:
            log.info("outbox %s: no note is left, or the account is gone", row["message"])


def _open_to_sender(place: str, row: Item) -> Condition:
    """Nothing is known yet of this row, but that it waits."""
    return any_of(
        missing(place),
        differs(f"{place}.message", row["message"]),
        equals(f"{place}.state", "waiting"),
    )


def _open_to_provider(place: str, row: Item) -> Condition:
    return any_of(
        missing(place),
        equals(f"{place}.message", row["message"]),
        less(f"{place}.at", row["created_at"]),
    )


def shown(account: Item) -> list[dict[str, str]]:
    """{channel, template, state, at} of each kind of message, newest first."""
    found = sorted(account.get("delivery", {}).items(), key=lambda one: -one[1]["at"])
    return [_as_shown(kind, note) for kind, note in found]


def _as_shown(kind: str, note: Item) -> dict[str, str]:
    channel, _, template = kind.partition("-")
    at = iso(note["at"])
    return {"channel": channel, "template": template, "state": note["state"], "at": at}
