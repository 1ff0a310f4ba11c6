"""Joining: what is acknowledged, what is refused, and with which code."""

from __future__ import annotations

import json

import pytest

from functions.cloud.tables import Busy, Update
from functions.programme.draw.commitment import verify_receipt
from functions.programme.draw.params import parse_params
from functions.programme.draw.pins import parse_pins
from functions.programme.times import SECOND, iso
from functions.select.entries import find_entry, list_entries
from functions.web.errors import Conflict, NotFound
from tests.fakes import FakeTables
from tests.select.world import CLOSES_AT, OPENS_AT, World


@pytest.fixture
def world():
    made = World()
    made.create()
    return made


def refusal(world, applicant, **call):
    with pytest.raises(Conflict) as failure:
        world.join(applicant, **call)
    return failure.value.code, failure.value.params


def test_a_receipt_verifies_with_the_pinned_key_and_the_applicants_own_numbers(world):
    applicant = world.enter(1)
    nik, kk = world.people[applicant]
    params = parse_params(world.wave()["params"])
    key = parse_pins(world.pins()).receipts
    found = verify_receipt(world.answers[applicant]["receipt"], key, params.digest, nik, kk)
    assert found.wave == 1 and found.joined_at == OPENS_AT // SECOND


def test_a_join_counts_at_the_gate_notes_itself_and_writes_one_mail(world):
    applicant = world.enter(1)
    readiness = world.tables.get("readiness", {"applicant": applicant})
    (entry,) = world.entries().values()
    assert world.tables.get("gates", {"gate": entry["gate"]})["entries"] == 1
    assert readiness["open_waves"] == {1}
    assert readiness["entries"] == {"1": readiness["shard"]}
    (row,) = world.tables.items["outbox"].values()
    assert (row["template"], row["channel"], row["applicant"]) == ("joined", "mail", applicant)
    assert world.runtime.queues.sent == [("outbox", {"message": row["message"]})]


def test_nothing_of_an_entry_shows_nik_kk_or_salt(world):
    applicant = world.enter(1)
    nik, kk = world.people[applicant]
    stored = str(world.tables.items["entries"]) + str(world.tables.items["outbox"])
    for secret in (nik, kk, world.answers[applicant]["receipt"]["salt"]):
        assert secret not in stored


def test_the_same_request_again_gets_the_same_receipt(world):
    applicant = world.enter(1)
    assert world.join(applicant) == world.answers[applicant]
    (entry,) = world.entries().values()
    assert world.tables.get("gates", {"gate": entry["gate"]})["entries"] == 1


def test_a_retry_after_the_close_still_gets_the_receipt(world):
    applicant = world.enter(1)
    world.to_close()
    world.tick()
    assert world.join(applicant) == world.answers[applicant]


def test_a_second_request_is_told_that_the_entry_is_there(world):
    applicant = world.enter(1)
    assert refusal(world, applicant, key="b" * 36) == ("already_joined", {})


def test_an_unknown_wave_is_not_found(world):
    applicant = world.person(1)
    for wave in (7, 2**40):
        with pytest.raises(NotFound):
            world.join(applicant, wave)


@pytest.mark.parametrize(
    ("at", "code"),
    [(OPENS_AT - 1, "wave_not_open"), (CLOSES_AT, "wave_closed"), (CLOSES_AT + 1, "wave_closed")],
)
def test_a_wave_is_open_from_its_opening_until_just_before_its_close(world, at, code):
    applicant = world.person(1)
    world.clock.now = at
    assert refusal(world, applicant) == (code, {})
    assert world.entries() == {}


@pytest.mark.parametrize("at", [OPENS_AT, CLOSES_AT - 1])
def test_the_first_and_the_last_millisecond_count(world, at):
    world.clock.now = at
    world.enter(1)
    assert len(world.entries()) == 1


def test_a_shut_gate_refuses_a_join_whose_own_clock_is_late(world):
    world.to_close()
    world.tick()
    applicant = world.person(1)
    world.clock.now = CLOSES_AT - 5_000
    assert refusal(world, applicant) == ("wave_closed", {})


def test_a_wave_that_is_not_wholly_made_takes_nobody(world):
    world.create(2, opens_at=OPENS_AT + 1000)
    world.tables.write(Update("waves", {"wave": 2}, set={"phase": "planned"}))
    assert refusal(world, world.person(1), wave=2) == ("wave_not_open", {})


@pytest.mark.parametrize("step", ["email", "phone", "profile", "ktp", "selfie", "test"])
def test_who_lacks_a_step_is_told_which(world, step):
    assert refusal(world, world.person(1, **{step: None})) == ("not_ready", {"missing": [step]})


def test_a_recipient_does_not_join_again(world):
    assert refusal(world, world.person(1, recipient_of=3)) == ("already_recipient", {})


class Meddling(FakeTables):
    """Tables in which something happens just before the next transaction."""

    def __init__(self):
        super().__init__()
        self.meddle = None

    def write(self, *actions):
        meddle, self.meddle = self.meddle, None
        if meddle is not None:
            meddle()
        super().write(*actions)


@pytest.fixture
def meddled():
    made = World(tables=Meddling())
    made.create()
    return made


def changed(world, applicant, **attributes):
    change = Update("readiness", {"applicant": applicant}, set=attributes)
    return lambda: world.tables.write(change)


@pytest.mark.parametrize("step", ["identity", "profile", "declaration"])
def test_data_changed_in_the_middle_of_a_join_is_read_again(meddled, step):
    applicant = meddled.person(1)
    later = meddled.clock() + 1
    meddled.tables.meddle = lambda: meddled.person(1, official=True, province="91", **{step: later})
    assert meddled.join(applicant)["exclusions"] == ["official"]


def test_a_step_undone_in_the_middle_of_a_join_refuses_it(meddled):
    applicant = meddled.person(1)
    undo = Update("readiness", {"applicant": applicant}, remove=["ktp", "selfie"])
    meddled.tables.meddle = lambda: meddled.tables.write(undo)
    assert refusal(meddled, applicant) == ("not_ready", {"missing": ["ktp", "selfie"]})


def test_whoever_is_selected_in_the_middle_of_a_join_is_refused(meddled):
    applicant = meddled.person(1)
    meddled.tables.meddle = changed(meddled, applicant, recipient_of=9)
    assert refusal(meddled, applicant) == ("already_recipient", {})


def test_whoever_is_held_back_in_the_middle_of_a_join_is_refused(meddled):
    applicant = meddled.person(1)
    hold = Update("readiness", {"applicant": applicant}, add={"held": {"leaving"}})
    meddled.tables.meddle = lambda: meddled.tables.write(hold)
    assert refusal(meddled, applicant) == ("held_leaving", {})


def test_two_joins_with_one_key_make_one_entry_and_one_receipt(meddled):
    applicant = meddled.person(1)
    answers = []
    meddled.tables.meddle = lambda: answers.append(meddled.join(applicant))
    assert meddled.join(applicant) == answers[0]
    assert len(meddled.entries()) == 1


def test_a_try_that_succeeded_unnoticed_is_acknowledged_though_the_wave_closed_since(meddled):
    applicant = meddled.person(1)
    answers = []

    def succeed_and_close():
        answers.append(meddled.join(applicant))
        meddled.to_close()
        meddled.tick()
        meddled.clock.now = CLOSES_AT - 1

    meddled.tables.meddle = succeed_and_close
    assert meddled.join(applicant) == answers[0]


def test_a_join_that_began_before_the_close_and_ends_after_it_is_refused(world):
    applicant = world.person(1)
    times = iter([CLOSES_AT - 1])
    late = World.with_clock(world, lambda: next(times, CLOSES_AT))
    assert refusal(late, applicant) == ("wave_closed", {})
    assert world.entries() == {}


def test_two_joins_with_two_keys_make_one_entry(meddled):
    applicant = meddled.person(1)
    meddled.tables.meddle = lambda: meddled.join(applicant, key="b" * 36)
    assert refusal(meddled, applicant) == ("already_joined", {})


def test_the_close_in_the_middle_of_a_join_refuses_it(meddled):
    applicant = meddled.person(1)

    def close():
        meddled.to_close()
        meddled.tick()
        meddled.clock.now = CLOSES_AT - 1

    meddled.tables.meddle = close
    assert refusal(meddled, applicant) == ("wave_closed", {})
    assert meddled.entries() == {}


def test_a_crowd_at_the_gate_is_busy_and_never_closed(meddled):
    def crowd():
        raise Busy()

    meddled.tables.meddle = crowd
    with pytest.raises(Busy):
        meddled.join(meddled.person(1))


def test_what_speaks_against_an_entry_is_said_at_joining(world):
    world.create(2, provinces=["91"], opens_at=OPENS_AT + 1000)
    applicant = world.enter(
        1, 2, official=True, in_education=True, birth_date="2009-01-01", province="31"
    )
    assert world.answers[applicant]["exclusions"] == [
        "under_age",
        "official",
        "in_education",
        "outside_provinces",
    ]


def test_an_entry_knows_its_pool_by_province():
    world = World()
    world.create(pools=[("barat", 1, ["11"]), ("timur", 2, ["91", "92"])])
    pools = {province: world.enter(n, province=province) for n, province in enumerate(["92", "31"])}
    entries = world.entries()
    assert entries[pools["92"]]["pool"] == 2
    assert entries[pools["31"]]["pool"] == 0


def test_an_applicant_sees_the_own_entry_only(world):
    applicant, other = world.enter(1), world.person(2)
    shown = find_entry(world.runtime, applicant, 1)
    assert shown["receipt"] == world.answers[applicant]["receipt"]
    assert shown["record"] is None and shown["outcome"] is None
    assert [line["wave"] for line in list_entries(world.runtime, applicant)] == [1]
    assert list_entries(world.runtime, other) == []
    with pytest.raises(NotFound):
        find_entry(world.runtime, other, 1)
    json.dumps(shown)
    assert shown["joined_at"] == iso(OPENS_AT)
