"""The waiting room's door: each minute the tick tells the edge whom to let in.

Its state is one item of the figures: what the edge was told last, and how far registrations had
been counted then. While no operator has set the flag and everyone is let in, nothing is done.
"""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, equals, missing
from functions.programme.admission import (
    EVERYONE,
    SHORTEST,
    next_share,
    next_span,
    per_second,
)
from functions.programme.figures import window_at
from functions.verify.status import windows

STATE = {"figure": "door"}


def follow(runtime: Runtime) -> int | None:
    """Tell the edge the share of this minute, in millionths; None: there is nothing to tell.

    The edge is told first: a tick that dies between the two tells it again.
    """
    now = runtime.clock()
    flag = runtime.flags.running("waiting_room")
    before = runtime.tables.get("figures", STATE)
    if flag is None:
        if before is None or before["share"] >= EVERYONE:
            return None
        after = {**before, "share": EVERYONE, "until_at": now, "at": now}
    else:
        after = _turned(runtime, now, flag, before)
    runtime.edge.tell(told(after))
    state = {name: value for name, value in after.items() if name != "figure"}
    unchanged = missing("at") if before is None else equals("at", before["at"])
    try:
        runtime.tables.write(Update("figures", STATE, set=state, when=unchanged))
    except ConditionFailed:
        return None  # another tick was first
    return int(after["share"])


def told(state: Item) -> dict[str, int]:
    """What the edge has to know: `share`, millionths let in; `span`, seconds over which the
    others come back; `until`, from when on all are let in, milliseconds."""
    return {"share": state["share"], "span": state["span"], "until": state["until_at"]}


def _turned(runtime: Runtime, now: int, flag: Item, before: Item | None) -> Item:
    current = window_at(now)
    first = min(before["window"], current) if before else current
    counts = {w: c.get("registered", 0) for w, c in windows(runtime, first, current).items()}
    after = {
        "at": now,
        "until_at": flag["until_at"],
        "window": current,
        "counted": counts.get(current, 0),
        "set_at": flag["set_at"],
    }
    if before is None or before["set_at"] != flag["set_at"]:
        # Just set, or set anew: from the share that the operator gave.
        return {**after, "share": flag["share"], "span": 5 * SHORTEST}
    came = sum(counts.values()) - before["counted"]
    seen = per_second(came, now - before["at"])
    share = next_share(before["share"], flag["rate"], seen, now - flag["set_at"])
    return {**after, "share": share, "span": next_span(before["span"], share)}
