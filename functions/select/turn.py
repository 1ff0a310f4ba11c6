"""What every phase of a wave has at hand, and how it goes through the shards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

from functions.cloud.beacons import Beacons, HttpBeacons
from functions.cloud.config import Config
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.cloud.witnesses import HttpWitnesses, Witnesses
from functions.programme.draw.params import Params, check_policy, parse_params
from functions.programme.draw.pins import Pins, parse_pins
from functions.programme.times import MINUTE
from functions.programme.waves import gate_name
from functions.select.folder import read_pins
from functions.select.lease import Lease

# A Lambda lives for 15 minutes; what is not begun by then is left to the next tick.
TURN = 10 * MINUTE


class StepBlocked(Exception):
    """A step found something that a person must look at; the phase stays as it is."""


@dataclass(frozen=True)
class Outside:
    """Those outside of the programme whose word the draw needs, and how hard to work.

    `at_once`: how many shards are done side by side.
    """

    witnesses: Witnesses
    beacons: Beacons
    at_once: int = 1


def outside_of(config: Config, at_once: int = 1) -> Outside:
    """Witnesses and beacon relays of this stage, over HTTP."""
    return Outside(HttpWitnesses(config.witness_urls), HttpBeacons(config.beacon_urls), at_once)


@dataclass(frozen=True)
class Turn:
    """One worker's turn at one wave; no shard is begun after `ends_at` but the first."""

    lease: Lease
    outside: Outside
    ends_at: int

    @property
    def runtime(self) -> Runtime:
        """The ports."""
        return self.lease.runtime

    @property
    def item(self) -> Item:
        """The wave, as it was when the lease was taken or last written."""
        return self.lease.item

    @property
    def wave(self) -> int:
        """The wave's number."""
        return self.lease.wave

    @cached_property
    def params(self) -> Params:
        """What was announced of the wave."""
        return parse_params(self.item["params"])

    @cached_property
    def pins(self) -> Pins:
        """The stage's pins. Raises VerificationError if the wave was announced under others."""
        pins = parse_pins(read_pins(self.runtime.files))
        check_policy(self.params, pins)
        return pins

    @property
    def gates(self) -> list[str]:
        """Keys of the wave's gates."""
        return [gate_name(self.wave, shard) for shard in range(self.item["shards"])]

    def gate(self, name: str) -> Item:
        """A gate. Raises StepBlocked if it is not there: the wave was never wholly made."""
        gate = self.runtime.tables.get("gates", {"gate": name})
        if gate is None:
            raise StepBlocked(f"gate {name} is missing")
        return gate

    def with_lease(self, lease: Lease) -> Turn:
        """The same turn after a write of the wave."""
        return replace(self, lease=lease)

    def each(self, step: Callable[[int], None], shards: Sequence[int]) -> bool:
        """Do `step` for every shard that can still be begun; whether that was all of them.

        A step must be safe to repeat. A blocked shard does not hold up the others: its
        StepBlocked is raised when all had their turn.
        """
        blocked: list[StepBlocked] = []

        def guarded(shard: int) -> None:
            try:
                step(shard)
            except StepBlocked as error:
                blocked.append(error)

        size = self.outside.at_once
        for first in range(0, len(shards), size):
            if first and self.runtime.clock() >= self.ends_at:
                break
            self.lease.renew()
            _side_by_side(guarded, shards[first : first + size])
        else:
            if not blocked:
                return True
        if blocked:
            raise blocked[0]
        return False


def _side_by_side(step: Callable[[int], None], shards: Sequence[int]) -> None:
    if len(shards) == 1:
        step(shards[0])
        return
    with ThreadPoolExecutor(len(shards)) as pool:
        list(pool.map(step, shards))
