"""Withdrawing from an open wave, and what the draw then counts."""

import pytest

from functions.select import withdrawing
from functions.web.errors import Conflict, NotFound
from tests.select.world import CLOSES_AT, World


@pytest.fixture
def world():
    world = World()
    world.create()
    return world


def withdraw(world, applicant, wave=1):
    return withdrawing.withdraw(world.runtime, applicant, wave)


def gates(world):
    found = [world.tables.get("gates", {"gate": f"1#{shard}"}) for shard in range(2)]
    return [(gate["entries"], gate.get("weights", 0)) for gate in found]


def test_a_withdrawal_undoes_the_join_in_entry_gate_and_readiness_and_is_told(world):
    before = gates(world)
    applicant = world.enter(1)
    assert gates(world) != before
    answer = withdraw(world, applicant)
    assert (answer["wave"], gates(world), world.entries()) == (1, before, {})
    readiness = world.tables.get("readiness", {"applicant": applicant})
    assert "open_waves" not in readiness
    assert readiness["entries"] == {}
    templates = [row["template"] for row in world.tables.scan("outbox")]
    assert templates == ["joined", "withdrawn"]
    assert withdraw(world, applicant) == answer
    assert gates(world) == before


def test_who_withdrew_may_join_again_and_a_late_repeat_of_the_first_join_does_not(world):
    applicant = world.enter(1)
    withdraw(world, applicant)
    with pytest.raises(Conflict) as error:
        world.join(applicant)
    assert error.value.code == "withdrawn"
    receipt = world.join(applicant, key="b" * 36)["receipt"]
    assert world.entries()[applicant]["entry"] == receipt["entry"]
    assert withdraw(world, applicant)
    assert world.join(applicant, key="c" * 36)


def test_after_the_close_an_entry_stands(world):
    applicant = world.enter(1)
    world.clock.now = CLOSES_AT
    with pytest.raises(Conflict) as error:
        withdraw(world, applicant)
    assert error.value.code == "wave_closed"
    assert applicant in world.entries()


def test_who_has_not_joined_has_nothing_to_take_back(world):
    with pytest.raises(NotFound):
        withdraw(world, world.person(1))
    with pytest.raises(NotFound):
        withdraw(world, world.person(2), wave=9)


def test_the_draw_counts_those_who_stayed(world):
    people = [world.enter(number) for number in range(1, 6)]
    withdraw(world, people[0])
    withdraw(world, people[1])
    world.join(people[1], key="b" * 36)
    world.finish()
    assert set(world.entries()) == set(people[1:])
    assert world.wave()["entries"] == 4
    assert all("outcome" in entry for entry in world.entries().values())


def test_a_withdrawal_whose_answer_was_lost_is_not_done_twice(world):
    applicant, other = world.enter(1), world.enter(2)
    readiness = world.tables.get("readiness", {"applicant": applicant})
    (entry,) = [e for e in world.entries().values() if e["applicant"] == applicant]
    withdraw(world, applicant)
    once = gates(world)
    withdrawing._try(world.runtime, readiness, entry, 1)
    assert gates(world) == once
    assert set(world.entries()) == {other}


def test_nobody_who_is_held_back_joins(world):
    for number, hold in enumerate(("leaving", "disputed"), 1):
        applicant = world.person(number, held={hold})
        with pytest.raises(Conflict) as error:
            world.join(applicant)
        assert error.value.code == f"held_{hold}"
    card = {"nik_photo_mac": "9", "held": {"contested"}}
    for number, (shown, code) in enumerate((("9", "held_contested"), ("8", "not_ready")), 3):
        with pytest.raises(Conflict) as error:
            world.join(world.person(number, ktp_nik_mac=shown, **card))
        assert error.value.code == code
    assert world.entries() == {}
