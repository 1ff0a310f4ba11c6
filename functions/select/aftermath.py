"""What is left to do when a wave is over: tell of a void one, report on an announced one.

It comes after the phases, with a lease of its own, and what fails here is tried again by a later
tick: it holds up no wave, and changes no result.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy, Item
from functions.programme.times import MINUTE
from functions.select import reporting, voiding
from functions.select.lease import Lease, LeaseLost, take

# A tick has 15 minutes, of which the phases may have used 10.
TIME = 3 * MINUTE

# Phase -> the attribute that says it is done, and the work: True when all of it is.
Work = Callable[[Lease, int], bool]
LEFT: dict[str, tuple[str, Work]] = {
    "void": ("void_told_at", voiding.tell),
    "announced": ("reported_at", reporting.report_on),
}

log = logging.getLogger("gelombang.select.aftermath")


def tend(runtime: Runtime) -> None:
    """Do what is left of every wave that is over. Never raises for one wave's sake."""
    ends_at = runtime.clock() + TIME
    for item in sorted(runtime.tables.scan("waves"), key=lambda one: int(one["wave"])):
        if item["phase"] not in LEFT or LEFT[item["phase"]][0] in item:
            continue
        try:
            _tend(runtime, item, ends_at)
        except (LeaseLost, Busy) as error:
            log.info("wave %s: left to another turn: %s", item["wave"], error)
        except Exception as error:  # noqa: BLE001 - an announced result stands whatever fails here
            failure = type(error).__name__
            log.error(
                "wave %s is %s, and not all is done: %s", item["wave"], item["phase"], failure
            )


def _tend(runtime: Runtime, item: Item, ends_at: int) -> None:
    lease = take(runtime, item["wave"], item["phase"])
    if lease is None:
        return
    done, work = LEFT[item["phase"]]
    try:
        if work(lease, ends_at):
            lease.save({done: runtime.clock()})
    finally:
        lease.release()
