"""One worker at a time on a wave: a lease with a fencing number.

A worker that was paused may wake up after its lease ended and another took over. It cannot
do harm, because every write of a phase carries the number it took, and that is then
an old one.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from functions.programme.times import MINUTE

LEASE = 2 * MINUTE


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
        """Keep the lease for another while. Raises LeaseLost."""
        self._update({"lease_until_at": self.runtime.clock() + LEASE})

    def save(self, attributes: Mapping[str, Any]) -> Lease:
        """Note what a step has found, in the same phase. Raises LeaseLost."""
        return Lease(self.runtime, self._update(attributes))

    def move(self, phase: str, attributes: Mapping[str, Any] | None = None) -> Lease:
        """The compare-and-set to the next phase. Raises LeaseLost."""
        return Lease(self.runtime, self._update({**(attributes or {}), "phase": phase}))

    def release(self) -> None:
        """Let the next worker in at once. Losing the lease before is no error."""
        try:
            self._update({"lease_until_at": 0})
        except LeaseLost:
            return

    def _update(self, attributes: Mapping[str, Any]) -> Item:
        change = Update("waves", {"wave": self.wave}, set=attributes, when=self.holds)
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
