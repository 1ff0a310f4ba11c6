"""What every phase of a wave has at hand, and how it does many small things side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

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
# Between two looks at the clock each thread has had so many things to do.
BATCHES_AT_ONCE = 16

Thing = TypeVar("Thing")
Found = TypeVar("Found")


class StepBlocked(Exception):
    """A step found something that a person must look at; the phase stays as it is."""


class StepUnfinished(Exception):
    """A step used up its time; what it did stands, and the next goes on from there."""


@dataclass(frozen=True)
class Outside:
    """Those outside of the programme whose word the draw needs, and how hard to work.

    `at_once`: how many requests a worker has under way side by side.
    """

    witnesses: Witnesses
    beacons: Beacons
    at_once: int = 1


def outside_of(config: Config, at_once: int = 1) -> Outside:
    """Witnesses and beacon relays of this stage, over HTTP."""
    return Outside(HttpWitnesses(config.witness_urls), HttpBeacons(config.beacon_urls), at_once)


@dataclass(frozen=True)
class Turn:
    """One worker's turn at one wave; little is begun after `ends_at`."""

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

    def each(self, step: Callable[[Thing], None], things: Sequence[Thing]) -> bool:
        """Do `step` for every thing that can still be begun; whether that was all of them.

        A step must be safe to repeat. One that is blocked does not hold up the others: its
        StepBlocked is raised when all had their turn.
        """
        blocked: list[StepBlocked] = []

        def guarded(thing: Thing) -> None:
            try:
                step(thing)
            except StepBlocked as error:
                blocked.append(error)

        batch = self.outside.at_once * BATCHES_AT_ONCE
        done = 0
        while done < len(things) and (not done or self.runtime.clock() < self.ends_at):
            self.side_by_side(guarded, things[done : done + batch])
            done += batch
        if blocked:
            raise blocked[0]
        return done >= len(things)

    def side_by_side(self, work: Callable[[Thing], Found], things: Iterable[Thing]) -> list[Found]:
        """What `work` gives for each thing, in order; `at_once` of them are under way."""
        if self.outside.at_once == 1:
            return [work(thing) for thing in things]
        with ThreadPoolExecutor(self.outside.at_once) as pool:
            return list(pool.map(work, things))
