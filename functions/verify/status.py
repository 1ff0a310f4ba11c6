"""The public status: each minute the tick gathers the figures and writes `status.json`.

Read: the counts of an hour (192 small items), at most an hour's more for the total, sixteen
queries of the outbox's index, the few waves. No large table is scanned, however many people there
are, and however long no tick came.
"""

from __future__ import annotations

import json

from functions.cloud.meter import counts_of, figure
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, equals, missing
from functions.programme.figures import (
    SETTLED_AFTER,
    SHARDS,
    WINDOWS,
    lasting,
    report,
    summed,
    window_at,
)
from functions.programme.times import HOUR

FILE = "status/status.json"
TOTAL = {"figure": "total"}
PARTS = "0123456789abcdef"
# Letters looked at in each part of the index for the one that waits longest; a letter that is
# tried again later stands further back.
PER_PART = 20
# Windows that one tick adds to the total: it catches up an hour a minute.
AT_ONCE = 12


def publish(runtime: Runtime) -> None:
    """Write the status of now over the one before."""
    now = runtime.clock()
    current = window_at(now)
    total = _settled(runtime, current)
    # While the total catches up after hours without a tick, it lacks the windows in between.
    counts = windows(runtime, current - WINDOWS + 1, current)
    registered = total["registered"] + sum(
        found.get("registered", 0) for window, found in counts.items() if window > total["upto"]
    )
    hour = summed(counts.values())
    waves = list(runtime.tables.scan("waves"))
    content = report(now, hour, registered, oldest_letters(runtime, now), waves)
    data = json.dumps(content, separators=(",", ":")).encode()
    runtime.files.write("site", FILE, data, content_type="application/json")


def _settled(runtime: Runtime, current: int) -> Item:
    """The total, after the windows that are over were added to it, each once."""
    total = runtime.tables.get("figures", TOTAL)
    begins = current - WINDOWS
    known = total or {"registered": 0, "upto": begins}
    last = min(known["upto"] + AT_ONCE, current - SETTLED_AFTER)
    if last <= known["upto"]:
        return known
    counts = windows(runtime, known["upto"] + 1, last)
    added = summed((lasting(known), lasting(summed(counts.values()))))
    after = {**added, "upto": last}
    unchanged = missing("upto") if total is None else equals("upto", known["upto"])
    try:
        runtime.tables.write(Update("figures", TOTAL, set=after, when=unchanged))
    except ConditionFailed as error:
        # Another tick was first.
        return error.failed[0] or known
    return after


def windows(runtime: Runtime, first: int, last: int) -> dict[int, dict[str, int]]:
    """{window: counts} of the windows from `first` to `last`."""
    keys = [
        {"figure": figure(window, shard)}
        for window in range(first, last + 1)
        for shard in range(SHARDS)
    ]
    found: dict[int, dict[str, int]] = {}
    for item in runtime.tables.get_many("figures", keys):
        window = int(item["figure"].split("#")[0])
        found[window] = summed((found.get(window, {}), counts_of(item)))
    return found


def oldest_letters(runtime: Runtime, now: int) -> dict[str, int]:
    """{channel: when the letter that waits longest was written}."""
    oldest: dict[str, int] = {}
    for part in PARTS:
        for row in runtime.tables.query_index(
            "outbox", "unsent", part, up_to=now + HOUR, limit=PER_PART
        ):
            channel, at = row["channel"], row["created_at"]
            oldest[channel] = min(at, oldest.get(channel, at))
    return oldest
