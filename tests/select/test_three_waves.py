"""A family across three waves: what it received before leaves it less room."""

from __future__ import annotations

from functions.programme.times import HOUR, SECOND
from functions.select.entries import find_entry
from tests.select.world import World


def hold(world, wave, applicants, **more):
    """One whole wave that these people join."""
    now = world.clock()
    world.create(wave, opens_at=now + SECOND, closes_at=now + HOUR, **more)
    for applicant in applicants:
        world.join(applicant, wave)
    world.clock.now = now + HOUR
    world.tick()
    assert world.phase(wave) == "roster_published"
    records = {a: find_entry(world.runtime, a, wave)["record"] for a in applicants}
    world.to_draw(wave)
    world.tick()
    assert world.phase(wave) == "announced"
    outcomes = {a: find_entry(world.runtime, a, wave)["outcome"] for a in applicants}
    return records, outcomes


def taken(outcomes):
    return [a for a, outcome in outcomes.items() if outcome["outcome"] == "selected"]


def test_a_family_has_room_for_two_then_one_then_none():
    world = World()
    family = [world.person(n, family=1) for n in range(5)]
    stranger = world.person(9)

    records, outcomes = hold(world, 1, family, quota=1, reserve=0)
    assert {(r["room"], r["shared_by"]) for r in records.values()} == {(2, 5)}
    assert len({r["group"] for r in records.values()}) == 1
    (first,) = taken(outcomes)

    left = [a for a in family if a != first]
    records, outcomes = hold(world, 2, [*left, stranger], quota=5, reserve=5)
    assert {(records[a]["room"], records[a]["shared_by"]) for a in left} == {(1, 4)}
    assert (records[stranger]["group"], records[stranger]["shared_by"]) == (0, 0)
    assert sorted(outcomes[a]["outcome"] for a in left) == ["family_limit"] * 3 + ["selected"]
    second = next(a for a in taken(outcomes) if a != stranger)

    left = [a for a in left if a != second]
    records, outcomes = hold(world, 3, left, quota=5)
    for applicant in left:
        assert records[applicant]["status"] == 1 and records[applicant]["room"] == 0
        assert outcomes[applicant]["reasons"] == ["family_limit"]
    assert taken(outcomes) == []
    recipients = {
        world.tables.get("readiness", {"applicant": a}).get("recipient_of") for a in family
    }
    assert recipients == {1, 2, None}


def test_one_member_alone_needs_no_group_though_a_relative_received():
    world = World()
    first, second = world.person(1, family=1), world.person(2, family=1)
    hold(world, 1, [first], quota=1)
    records, outcomes = hold(world, 2, [second], quota=1)
    assert records[second]["group"] == 0 and taken(outcomes) == [second]


def test_the_reason_of_an_exclusion_is_in_no_public_file():
    world = World()
    official, other = world.person(1, official=True), world.person(2)
    records, _ = hold(world, 1, [official, other], quota=1)
    assert records[official]["reasons"] == ["official"]
    for key, versions in world.runtime.files.objects.items():
        if key[1].startswith("undian/"):
            assert not any(b"official" in data for _, data in versions)
