"""Flags: what operators stop for a while, each setting a record of the audit chain."""

from __future__ import annotations

from typing import Any

from functions.cloud.flags import KEY
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, equals, missing
from functions.programme.admission import EVERYONE, FEWEST
from functions.programme.flags import FLAGS, REST, is_running, needs_another
from functions.programme.times import MINUTE, iso
from ops import audit
from ops.audit import Act
from ops.errors import Refused

# Of the waiting room: people a second, and the share that is let in first, in millionths.
RATES, SHARES = range(1, 100_001), range(FEWEST, EVERYONE + 1)


def listed(runtime: Runtime) -> list[tuple[str, Item | None]]:
    """Every flag, with what was written of it while it runs."""
    item, now = _read(runtime), runtime.clock()
    return [(name, item[name] if is_running(item.get(name), now) else None) for name in FLAGS]


def set_flag(
    runtime: Runtime, operator: str, name: str, minutes: int, reason: str, **more: int
) -> Item:
    """Set a flag for so many minutes. Raises Refused.

    `more`: of the waiting room `rate`, people a second, and `share`, millionths to begin with.
    """
    _check(name, minutes, more)
    now, before = runtime.clock(), _read(runtime).get(name)
    if before is not None and needs_another(name, before, operator, now):
        raise Refused(
            f"{operator} has set {name} last: another operator may set it again, "
            f"or {operator} from {iso(before['until_at'] + REST)} on"
        )
    written = {
        "until_at": now + minutes * MINUTE,
        "by": operator,
        "reason": reason,
        "set_at": now,
        **more,
    }
    details = (reason, f"minutes={minutes}", *(f"{key}={value}" for key, value in more.items()))
    _write(runtime, Act(operator, "flag_set", f"flag/{name}", details), name, before, written)
    return written


def clear(runtime: Runtime, operator: str, name: str, reason: str) -> None:
    """End a flag now; anyone may. Raises Refused."""
    now, before = runtime.clock(), _read(runtime).get(name)
    if before is None or not is_running(before, now):
        raise Refused(f"{name} is not set")
    act = Act(operator, "flag_clear", f"flag/{name}", (reason,))
    _write(runtime, act, name, before, {**before, "until_at": now, "cleared_by": operator})


def _check(name: str, minutes: int, more: dict[str, int]) -> None:
    longest = FLAGS[name].longest // MINUTE
    if not 1 <= minutes <= longest:
        raise Refused(f"{name} is set for 1 to {longest} minutes")
    if name != "waiting_room":
        if more:
            raise Refused(f"{name} has no {' and no '.join(more)}")
        return
    if set(more) != {"rate", "share"}:
        raise Refused("the waiting room needs --rate, people a second, and --share, a percentage")
    if more["rate"] not in RATES or more["share"] not in SHARES:
        raise Refused("a rate is 1 to 100,000 people a second, a share 0.01 to 100 percent")


def _read(runtime: Runtime) -> Item:
    return runtime.tables.get("flags", KEY) or {}


def _write(runtime: Runtime, act: Act, name: str, before: Any, written: Item) -> None:
    same = missing(name) if before is None else equals(name, before)
    change = Update("flags", KEY, set={name: written}, when=same)
    try:
        audit.write(runtime, act, change)
    except ConditionFailed as failure:
        raise Refused(f"somebody else has changed {name} meanwhile") from failure
