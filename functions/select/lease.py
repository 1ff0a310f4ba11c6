"""One worker at a time on a wave: a lease with a fencing number.

A worker that was paused may wake up after its lease ended and another took over. It cannot
do harm, because every write of a phase carries the number it took, and that is then
an old one. So the lease itself need not be long to be safe: it only keeps two workers from
the same work. It lasts as long as its worker lives, who renews it again and again; a dead
worker's wave is free after LEASE, before the next minute's tick but one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Check,
    Condition,
    ConditionFailed,
    Item,
    Update,
    all_of,
    any_of,
    at_most,
    equals,
    missing,
)
from functions.programme.times import SECOND

# Three renewals may be lost, to a slow table or a long computation, before another worker begins
# the same work; a shorter lease could go from one healthy worker to the next and never end.
LEASE = 20 * SECOND
RENEWED_EVERY = 5 * SECOND

log = logging.getLogger("gelombang.select.lease")


class LeaseLost(Exception):
    """Another worker took the wave over, or it is in another phase by now; nothing was written."""


@dataclass(frozen=True)
class Lease:
    """The right to work on a wave while it is in `phase`. `item` is the wave as it was taken."""

    runtime: Runtime
    item: Item

    @property
    def wave(self) -> int:
        """The wave's number."""
        return int(self.item["wave"])

    @property
    def phase(self) -> str:
        """The phase for which the lease holds."""
        return str(self.item["phase"])

    @property
    def holds(self) -> Condition:
        """The condition that every write of a phase carries."""
        return all_of(equals("fence", self.item["fence"]), equals("phase", self.phase))

    def guard(self) -> Check:
        """The same as a part of a transaction on other items."""
        return Check("waves", {"wave": self.wave}, when=self.holds)

    def renew(self) -> None:
        """Keep the lease for another while, whatever the phase is by now. Raises LeaseLost."""
        until = {"lease_until_at": self.runtime.clock() + LEASE}
        self._update(until, equals("fence", self.item["fence"]))

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renew the lease from another thread for as long as this one is inside."""
        done = threading.Event()
        beat = threading.Thread(target=self._keep, args=(done,), daemon=True)
        beat.start()
        try:
            yield
        finally:
            done.set()
            beat.join()

    def _keep(self, done: threading.Event) -> None:
        while not done.wait(RENEWED_EVERY / SECOND):
            try:
                self.renew()
            except LeaseLost:
                return
            except Exception as error:  # noqa: BLE001 - the next renewal may succeed
                log.warning("wave %s: lease not renewed: %s", self.wave, type(error).__name__)

    def save(self, attributes: Mapping[str, Any]) -> Lease:
        """Note what a step has found, in the same phase. Raises LeaseLost."""
        return Lease(self.runtime, self._update(attributes))

    def move(self, phase: str, attributes: Mapping[str, Any] | None = None) -> Lease:
        """The compare-and-set to the next phase. Raises LeaseLost."""
        return Lease(self.runtime, self._update({**(attributes or {}), "phase": phase}))

    def confirm(self) -> None:
        """Raises LeaseLost if by now another worker has the wave, or it is in another phase."""
        if adopt(self.runtime, self.wave, self.phase, self.item["fence"]) is None:
            raise LeaseLost(f"wave {self.wave}: lease {self.item['fence']} is over")

    def release(self) -> None:
        """Let the next worker in at once. Losing the lease before is no error."""
        try:
            self._update({"lease_until_at": 0})
        except LeaseLost:
            return

    def _update(self, attributes: Mapping[str, Any], when: Condition | None = None) -> Item:
        change = Update("waves", {"wave": self.wave}, set=attributes, when=when or self.holds)
        try:
            return self.runtime.tables.update(change)
        except ConditionFailed as error:
            raise LeaseLost(f"wave {self.wave}: lease {self.item['fence']} is over") from error


def take(runtime: Runtime, wave: int, phase: str) -> Lease | None:
    """The lease of a wave in `phase`, or None when another worker has it or it moved on."""
    now = runtime.clock()
    change = Update(
        "waves",
        {"wave": wave},
        set={"lease_until_at": now + LEASE},
        add={"fence": 1},
        when=all_of(
            equals("phase", phase),
            any_of(missing("lease_until_at"), at_most("lease_until_at", now)),
        ),
    )
    try:
        return Lease(runtime, runtime.tables.update(change))
    except ConditionFailed:
        return None


def adopt(runtime: Runtime, wave: int, phase: str, fence: int) -> Lease | None:
    """The lease under which someone else began work on a wave, if it is still the last one."""
    item = runtime.tables.get("waves", {"wave": wave})
    if item is None or item["phase"] != phase or item.get("fence") != fence:
        return None
    return Lease(runtime, item)
