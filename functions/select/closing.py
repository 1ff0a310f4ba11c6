"""open → closed: shut every gate, so that nobody joins any more."""

from __future__ import annotations

from functions.cloud.tables import ConditionFailed, Update, equals
from functions.select.turn import StepBlocked, Turn


def close(turn: Turn) -> Turn | None:
    """Close a wave whose time has come; None before that, or when gates are left.

    Each gate already refuses by its own clock; shutting it makes the refusal final, whatever
    clock a later join has. Shutting twice does nothing, so it needs no fence.
    """
    if turn.runtime.clock() < turn.item["closes_at"]:
        return None

    def shut(name: str) -> None:
        gate = {"gate": name}
        change = Update("gates", gate, set={"open": False}, when=equals("open", True))
        try:
            turn.runtime.tables.write(change)
        except ConditionFailed as error:
            if error.failed[0] is None:
                raise StepBlocked(f"gate {name} is missing") from error

    if not turn.each(shut, turn.gates):
        return None
    return turn.with_lease(turn.lease.move("closed"))
