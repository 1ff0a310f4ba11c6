"""The state machine may run twice, late, half or not at all: the wave's own item decides."""

from __future__ import annotations

import pytest

from functions.programme.times import MINUTE, SECOND
from functions.select import lease as leases
from functions.select import phases
from functions.select.lease import LEASE, take
from functions.select.turn import StepBlocked
from tests.select.world import World


@pytest.fixture
def world():
    made = World()
    made.create()
    for number in range(4):
        made.enter(number)
    made.to_close()
    return made


def tick_alone(world):
    """The schedule, while the machine does nothing."""
    phases.advance_all(world.runtime, world.outside)


def runs(world):
    return world.runtime.machines.runs


def event(world, **changes):
    (given,) = [given for _, given, _ in runs(world).values()]
    return {name: given[name] for name in ("wave", "phase", "fence")} | changes


def test_ticks_while_a_run_is_under_way_leave_the_wave_alone(world):
    tick_alone(world)
    before = world.wave()
    world.clock.advance(10 * MINUTE)
    for _ in range(3):
        tick_alone(world)
    assert world.wave() == before and len(runs(world)) == 1
    world.run_machines()
    assert world.phase() == "roster_published"


def test_a_run_that_was_noted_and_never_started_is_started_by_the_next_tick(world):
    tick_alone(world)
    noted = dict(runs(world))
    runs(world).clear()
    world.clock.advance(MINUTE)
    tick_alone(world)
    assert runs(world) == noted


def test_a_run_that_came_to_nothing_is_followed_by_one_under_another_fence(world):
    tick_alone(world)
    (first,) = runs(world).values()
    first[2] = "failed"
    world.tick()
    assert world.phase() == "roster_published"
    fences = [given["fence"] for _, given, _ in runs(world).values()]
    assert len(fences) == 2 and fences[0] < fences[1]


def test_runs_that_fail_again_and_again_come_ever_more_slowly(world):
    applicant = next(iter(world.people))
    gate = world.entries()[applicant]["gate"]
    world.tables.items["entries"].pop((gate, applicant))
    begun = []
    for minute in range(60):
        count = len(runs(world))
        try:
            world.tick()
        except StepBlocked:
            assert len(runs(world)) == count + 1
            begun.append(minute)
        world.clock.advance(MINUTE)
    assert begun == [0, 1, 3, 7, 15, 31]


def test_calls_of_a_run_that_was_given_up_change_nothing(world):
    tick_alone(world)
    old = event(world)
    for run in runs(world).values():
        run[2] = "failed"
    tick_alone(world)
    before = world.wave(), dict(world.tables.items["gates"])
    for shard in range(2):
        world.call("", {**old, "command": "functions.select.worker.on_shard", "shard": shard})
    world.call("", {**old, "command": "functions.select.worker.on_end"})
    assert (world.wave(), dict(world.tables.items["gates"])) == before


def test_the_end_of_a_run_does_not_move_a_wave_of_which_a_shard_is_left(world):
    tick_alone(world)
    given = event(world)
    world.call("", {**given, "command": "functions.select.worker.on_shard", "shard": 0})
    with pytest.raises(StepBlocked, match="1 gates are not frozen"):
        world.call("", {**given, "command": "functions.select.worker.on_end"})
    assert world.phase() == "closed"
    world.run_machines()
    assert world.phase() == "roster_published"


def test_every_call_may_come_twice_and_in_any_order(world):
    tick_alone(world)
    given = event(world)
    for shard in (1, 1, 0, 1, 0):
        world.call("", {**given, "command": "functions.select.worker.on_shard", "shard": shard})
    for _ in range(2):
        world.call("", {**given, "command": "functions.select.worker.on_end"})
    head = world.wave()["roster_head"]
    world.run_machines()
    assert world.wave()["roster_head"] == head


def test_the_wave_of_a_dead_worker_is_free_when_its_lease_ends(world):
    assert take(world.runtime, 1, "open") is not None
    world.clock.advance(LEASE - 1)
    world.tick()
    assert world.phase() == "open"
    world.clock.advance(1)
    world.tick()
    assert world.phase() == "roster_published"
    assert LEASE < MINUTE


def test_a_worker_that_lives_keeps_its_lease_however_long_it_computes(world, monkeypatch):
    monkeypatch.setattr(leases, "RENEWED_EVERY", SECOND // 100)
    lease = take(world.runtime, 1, "open")
    with lease.kept():
        for _ in range(3):
            world.clock.advance(LEASE - 1)
            until = world.clock.now + LEASE
            while world.wave()["lease_until_at"] < until:
                pass
            assert take(world.runtime, 1, "open") is None
    world.clock.advance(LEASE)
    assert take(world.runtime, 1, "open") is not None
