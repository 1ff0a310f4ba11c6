"""The bias report as the worker makes it: after the announcement, once, without people."""

from __future__ import annotations

import json

import pytest

from functions.programme.bias import SLICES, SMALLEST
from functions.programme.times import MINUTE
from functions.select import reporting
from functions.select.aftermath import tend
from functions.select.beside import BIAS, BIAS_PICTURE, find_beside
from tests.select.world import CLOSES_AT, OPENS_AT, World

PEOPLE = 120


@pytest.fixture
def world():
    made = World()
    made.create(quota=20)
    step = (CLOSES_AT - OPENS_AT) // (PEOPLE + 1)
    for number in range(PEOPLE):
        made.clock.advance(step)
        made.enter(number, province="31" if number % 4 else "91", official=number == 7)
    made.finish()
    return made


def published(world, name=BIAS):
    return find_beside(world.runtime.files, 1, name)


def test_the_report_follows_the_announcement_and_changes_nothing_of_it(world):
    assert published(world) is None
    before = world.files()
    tend(world.runtime)
    found = json.loads(published(world))
    assert found["ranked"] == PEOPLE - 1
    assert len(found["tests"]) == 10
    assert published(world, BIAS_PICTURE).startswith(b"<svg")
    assert world.files() == before and world.phase() == "announced"
    for groups in found["groups"].values():
        assert all(group["entries"] >= SMALLEST for group in groups)
        assert sum(group["entries"] for group in groups) == PEOPLE - 1
    shown = published(world).decode()
    for nik, kk in world.people.values():
        assert nik not in shown and kk not in shown


def test_it_is_written_once(world):
    tend(world.runtime)
    objects = dict(world.runtime.files.objects)
    for _ in range(2):
        world.clock.advance(MINUTE)
        tend(world.runtime)
    assert world.runtime.files.objects == objects


def test_a_report_that_was_cut_off_counts_only_what_is_left(world, monkeypatch):
    counted = []
    real = reporting.count_shard

    def count(runtime, params, gate, ranked):
        if len(counted) == 1:
            counted.append("killed")
            raise RuntimeError("killed")
        counted.append(gate)
        return real(runtime, params, gate, ranked)

    monkeypatch.setattr(reporting, "count_shard", count)
    tend(world.runtime)
    assert published(world) is None
    world.clock.advance(5 * MINUTE)
    tend(world.runtime)
    assert counted == ["1#0", "killed", "1#1"]
    assert json.loads(published(world))["ranked"] == PEOPLE - 1


def test_joining_times_ages_and_regions_are_what_was_entered(world):
    tend(world.runtime)
    found = reporting.read_report(world.runtime, world.wave())
    assert {group.name for group in found.groups["age"]} == {"35-44"}
    assert len(found.groups["join_time"]) == 2
    tally, outcomes = reporting.count_shard(
        world.runtime, reporting.parse_params(world.wave()["params"]), "1#0", PEOPLE
    )
    assert all(0 <= int(value) < SLICES for value in tally.cells["join_time"])
    rest = world.wave()["outcomes"]
    assert sum(n for name, n in rest.items() if not name.startswith("excluded_")) == PEOPLE
    assert rest["selected"] == 20 and rest["excluded"] == rest["excluded_official"] == 1
    assert all(n <= rest[name] for name, n in outcomes.items())


def test_a_wave_without_entries_has_a_report_that_says_nothing():
    world = World()
    world.create()
    world.finish()
    tend(world.runtime)
    found = json.loads(published(world))
    assert found["ranked"] == 0 and {test["p"] for test in found["tests"]} == {None}
