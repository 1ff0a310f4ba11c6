"""Runs of the state machine that takes the shards of a wave through a phase.

A tick that finds a wave in such a phase takes its lease, notes in the wave item that a run was
begun under the lease's fence, and starts the machine under a name made from it. Ticks that follow
start it again under the same name, which does nothing while it runs: so a tick that died
in between is made good. Only when a run has ended, and the wave is still where it was, does
a tick take the lease anew, whose fence shuts out whatever of the old run is left, and
begin the next run.
"""

from __future__ import annotations

import logging
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme.times import MINUTE
from functions.select.turn import Turn

MACHINE = "waves"
# The second run comes at once, and later ones ever more slowly: what is wrong then a person must
# mend, who has been called by the first.
LONGEST_PAUSE = 32 * MINUTE

# How many shards are done at a time in each phase: about as many as a table takes writes of by
# default, 40,000 a second (docs/scale.md).
AT_ONCE = {"closed": 100, "drawn": 40}

log = logging.getLogger("gelombang.select.runs")


def begin(turn: Turn) -> None:
    """Let the machine take the shards of this wave through this phase. Raises LeaseLost."""
    phase, before = turn.lease.phase, turn.item.get("run", {})
    number = before["number"] + 1 if before.get("phase") == phase else 1
    run = {
        "phase": phase,
        "fence": turn.item["fence"],
        "number": number,
        "begun_at": turn.runtime.clock(),
    }
    lease = turn.lease.save({"run": run})
    _start(turn.runtime, lease.item)
    log.info("wave %s: run %s of phase %s", turn.wave, number, phase)


def waits(runtime: Runtime, item: Item) -> bool:
    """Whether a wave is to be left alone: its run is under way, or failed too short ago."""
    run = item.get("run")
    if run is None or (run["phase"], run["fence"]) != (item["phase"], item["fence"]):
        return False
    if _start(runtime, item):
        return True
    return runtime.clock() < run["begun_at"] + _pause(run["number"])


def _pause(number: int) -> int:
    """How long after the start of run `number` the next may begin, at the earliest."""
    return min(MINUTE << number - 1, LONGEST_PAUSE) if number > 1 else 0


def _start(runtime: Runtime, item: Item) -> bool:
    """Whether the wave's run is under way; it is now, if it was not begun before."""
    wave, run = item["wave"], item["run"]
    given: dict[str, Any] = {
        "wave": wave,
        "phase": run["phase"],
        "fence": run["fence"],
        "shards": list(range(item["shards"])),
        "at_once": AT_ONCE[run["phase"]],
    }
    name = f"wave-{wave}-{run['phase']}-{run['fence']}"
    return runtime.machines.start(MACHINE, name, given)
