"""A worker may die before or after any call to the cloud; the next one ends at the same result."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.fakes import FakeFiles, FakeMachines, FakeQueues, FakeTables
from tests.faults.fuse import Fuse, Fused, Killed, counted_alike
from tests.select.world import World

ENTRANTS = 6


class Stage:
    """A wave full of entries, that can be put back to the moment before its close."""

    def __init__(self) -> None:
        self.tables, self.files, self.queues = FakeTables(), FakeFiles(), FakeQueues()
        self.machines = FakeMachines()
        self.fuse = Fuse()
        self.world = World(
            tables=Fused(self.tables, self.fuse),
            files=Fused(self.files, self.fuse),
            queues=Fused(self.queues, self.fuse),
            machines=Fused(self.machines, self.fuse),
        )
        self.world.create(quota=3, reserve=1, pools=[("timur", 1, ["91"])])
        for number in range(ENTRANTS):
            details: dict[str, Any] = {"family": min(number, 3)}
            details["province"] = "91" if number % 2 else "31"
            details["official"] = number == 1
            self.world.enter(number, **details)
        self._kept = copy.deepcopy((self.tables.items, self.files.objects, self.world.clock.now))

    def rewind(self) -> None:
        items, objects, now = copy.deepcopy(self._kept)
        self.tables.items, self.files.objects, self.world.clock.now = items, objects, now
        self.queues.sent, self.machines.runs = [], {}
        self.world.witnesses.given = {}

    def run(self, given_up: bool = False) -> int:
        """To the announcement, with a new worker after each death; how many died.

        `given_up`: the machine has given up its run by then, so that the next is another one.
        """
        deaths = self._until("roster_published", self.world.to_close, given_up)
        return deaths + self._until("announced", self.world.to_draw, given_up)

    def _until(self, phase: str, move_clock: Any, given_up: bool) -> int:
        deaths = 0
        for _ in range(3):
            try:
                if not self.fuse.dead:
                    move_clock()
                self.world.tick()
            except Killed:
                deaths += 1
                self.fuse.arm(None)
                # The dead worker's lease ends; the clock stands, so that all bytes compare.
                self.tables.items["waves"][(1,)]["lease_until_at"] = 0
                move_clock()
                for run in self.machines.runs.values() if given_up else ():
                    run[2] = "failed"
            if self.tables.items["waves"][(1,)]["phase"] == phase:
                return deaths
        raise AssertionError(f"never {phase}")

    def result(self) -> dict[str, Any]:
        """All that must be the same whenever a worker died."""
        rows = self.tables.items["outbox"].values()
        told = ("record", "index", "outcome", "rank", "outcome_pool")
        gates = self.tables.items["gates"].values()
        return {
            "files": {key: v[-1][1] for key, v in self.files.objects.items()},
            "entries": {
                key: {name: entry[name] for name in told}
                for key, entry in self.tables.items["entries"].items()
            },
            "ledgers": self.tables.items["ledgers"],
            "readiness": self.tables.items["readiness"],
            "letters": sorted((r["message"], r["template"], r["channel"]) for r in rows),
            "gates": [(g["gate"], g["entries"], g["frozen"], g["open"]) for g in gates],
        }


@pytest.fixture(scope="module")
def stage():
    with counted_alike():
        yield Stage()


@pytest.fixture(scope="module")
def undisturbed(stage):
    stage.rewind()
    stage.fuse.arm(None)
    assert stage.run() == 0
    return stage.fuse.calls, stage.result()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_killed_at_any_call_is_followed_to_the_same_result(stage, undisturbed, after):
    calls, expected = undisturbed
    assert calls > 60
    for at in range(1, calls + 1):
        stage.rewind()
        stage.fuse.arm(at, after)
        # In turn the machine goes on with the run, or gives it up and the next tick begins another.
        assert stage.run(given_up=at % 2 == after) == 1, at
        assert stage.result() == expected, at


def test_no_outcome_is_hurried_twice_whoever_dies(stage, undisturbed):
    calls, _ = undisturbed
    for at in range(1, calls + 1, 7):
        stage.rewind()
        stage.fuse.arm(at, after=True)
        stage.run()
        hurried = [body["message"] for _, body in stage.queues.sent]
        assert len(hurried) == len(set(hurried))
