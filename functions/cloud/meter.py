"""Counting for the public figures, beside the work: a lost count never fails what is counted."""

from __future__ import annotations

import logging

from functions.cloud.tables import Busy, Item, Tables, Update
from functions.programme.figures import SHARDS, WINDOW, window_at
from functions.programme.times import DAY, SECOND

# The total takes windows over within minutes; this long it may be behind.
KEEP = 7 * DAY

log = logging.getLogger("gelombang.meter")


def count(tables: Tables, now: int, about: str, *names: str) -> None:
    """Count one event under each name in the running window.

    `about` is the id, in hex, of what the event is about; it only spreads the writes over shards.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    window = window_at(now)
    shard = int(about[:2], 16) % SHARDS
    expires = ((window + 1) * WINDOW + KEEP) // SECOND
    add = {f"counts_{name}": 1 for name in names}
    key = {"figure": figure(window, shard)}
    try:
        tables.update(Update("figures", key, set={"expires": expires}, add=add))
    except (Busy, BotoCoreError, ClientError) as error:
        log.warning("a count was lost: %s", type(error).__name__)


def figure(window: int, shard: int) -> str:
    """The key of the counts of one shard of a window."""
    return f"{window}#{shard}"


def counts_of(item: Item) -> dict[str, int]:
    """{name: count} of an item that `count` wrote."""
    prefix = "counts_"
    return {n.removeprefix(prefix): v for n, v in item.items() if n.startswith(prefix)}
