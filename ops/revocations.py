"""Places of those who bought no training in time: counted, asked for, and taken back by two.

One operator asks, which fixes the list; another confirms, which takes the places back in one signed
note. A purchase that comes in between changes the list, and it has to be asked for again.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import asdict, dataclass

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    ConditionFailed,
    Item,
    Update,
    all_of,
    equals,
    missing,
)
from functions.programme.draw.allocation import Outcome
from functions.programme.purchases import Counts, last_day, standing
from functions.programme.times import DAY, wib_date
from functions.programme.waves import gate_name
from functions.select.notes import Changes
from ops import audit
from ops.audit import Act
from ops.changes import UNBOUGHT, Warrant, read, settled, take_back
from ops.errors import Refused
from ops.purchases import bought_on
from ops.waves import find

# A request that nobody confirmed by then has to be made anew.
ASKED_FOR = DAY


@dataclass(frozen=True)
class Due:
    """Who may be revoked now: their entries, and how all who hold a place stand."""

    entries: tuple[Item, ...]
    counts: Counts

    @property
    def digest(self) -> str:
        """Names the list without telling who is on it: SHA-256 of the indexes, hex."""
        indexes = sorted(entry["index"] for entry in self.entries)
        return hashlib.sha256(",".join(map(str, indexes)).encode()).hexdigest()


def count(runtime: Runtime, wave: int) -> Due:
    """Go through a wave's entries, once; before the last day is over nobody is due."""
    return _count(runtime, find(runtime, wave))


def ask(runtime: Runtime, operator: str, wave: int) -> Due:
    """Ask for the places to be taken back; another operator must confirm. Raises Refused."""
    item = settled(runtime, wave)
    due = _count(runtime, _after_last_day(runtime, item))
    if not due.entries:
        raise Refused(f"nobody of wave {wave} is due")
    asked = {"by": operator, "at": runtime.clock(), "digest": due.digest}
    change = Update(
        "waves",
        {"wave": wave},
        set={"revoke_asked": asked},
        when=all_of(equals("phase", "announced"), missing("change")),
    )
    act = Act(operator, "revoke_ask", f"wave/{wave}", (f"entries {len(due.entries)}",))
    try:
        audit.write(runtime, act, change)
    except ConditionFailed as failure:
        raise Refused("another operator was quicker: repeat the command") from failure
    return due


def confirm(runtime: Runtime, operator: str, wave: int) -> Changes:
    """Take back what another operator asked for; repeated, it finishes what was cut off.

    Raises Refused when nobody asked within a day, or the list is not the same any more.
    """
    halfway = "change" in find(runtime, wave)
    item = settled(runtime, wave)
    asked, now = item.get("revoke_asked"), runtime.clock()
    if asked is None and (halfway or "purchases" in item):
        return read(runtime, wave)
    if asked is None or now >= asked["at"] + ASKED_FOR:
        raise Refused(f"nobody has asked to revoke places of wave {wave} in the last day")
    if asked["by"].casefold() == operator.casefold():
        raise Refused(f"{operator} has asked for it: another operator must confirm")
    due = _count(runtime, _after_last_day(runtime, item))
    if due.digest != asked["digest"]:
        raise Refused("the list has changed since it was asked for: look at it, and ask again")
    return take_back(
        runtime,
        operator,
        item,
        [(entry, UNBOUGHT) for entry in due.entries],
        _warrant(item, asked, due.counts),
    )


def _warrant(item: Item, asked: Item, counts: Counts) -> Warrant:
    """The wave keeps the counts, and how many were revoked in all."""
    before = item.get("purchases", {}).get("revoked", 0)
    return Warrant(
        act="revoke",
        details=(f"asked by {asked['by']}",),
        set={"purchases": {**asdict(counts), "revoked": before + counts.due}},
        remove=("revoke_asked",),
        when=all_of(
            equals("revoke_asked.by", asked["by"]),
            equals("revoke_asked.digest", asked["digest"]),
        ),
    )


def _after_last_day(runtime: Runtime, item: Item) -> Item:
    """The wave, once those who were told with its announcement can buy no more. Raises Refused."""
    last = last_day(item["announced_at"])
    if wib_date(runtime.clock()) <= last:
        raise Refused(
            f"too early: recipients of wave {item['wave']} may buy until {last}, in Jakarta"
        )
    return item


def _count(runtime: Runtime, item: Item) -> Due:
    """Every place that somebody holds, against the purchases. Raises Refused."""
    wave, now = item["wave"], runtime.clock()
    if "announced_at" not in item:
        raise Refused(f"wave {wave} is {item['phase']}: its places are not given yet")
    counts: Counter[str] = Counter()
    due: list[Item] = []
    for shard in range(item["shards"]):
        held = _held(runtime, gate_name(wave, shard))
        days = bought_on(runtime, wave, (entry["nik_mac"] for entry in held))
        for entry in held:
            told_at = entry["promoted_at"] if "promoted_at" in entry else item["announced_at"]
            state = standing(told_at, days.get(entry["nik_mac"]), now)
            counts[state] += 1
            if state in ("due", "late"):
                due.append(entry)
    found = Counts(
        held=counts.total(),
        bought=counts["bought"],
        waiting=counts["waiting"],
        late=counts["late"],
        due=len(due),
    )
    return Due(tuple(due), found)


def _held(runtime: Runtime, gate: str) -> list[Item]:
    """The entries of a gate that hold a place, as far as they are needed."""
    names = ("index", "gate", "applicant", "nik_mac", "promoted_at")
    return [
        {name: entry[name] for name in names if name in entry}
        for entry in runtime.tables.query("entries", gate)
        if entry.get("outcome") == Outcome.SELECTED and "removed_at" not in entry
    ]
