"""Work that waits too long is told: each kind from its own age on, and no more once it is done."""

import pytest

from functions.cloud.tables import Put, Update
from functions.programme.times import DAY, HOUR, MINUTE
from functions.verify import overdue, retention
from tests.fakes import NOON, fake_runtime
from tests.verify.test_delivery import post

WHO = {"applicant": "a" * 32}


@pytest.fixture
def runtime():
    """Noon in Jakarta, with the day's run of retention behind it."""
    made = fake_runtime()
    while not retention.run_due(made):
        pass
    return made


def letter(runtime, at):
    message = post(runtime, "joined", f"{at:x}", **WHO, parameters={"wave": 1})
    about = {"created_at": at, "due_at": NOON + HOUR}
    runtime.tables.write(Update("outbox", {"message": message}, set=about))


def review(runtime, at):
    item = {**WHO, "photo": "p", "kind": "selfie", "state": "in_review", "in_review": "selfie"}
    runtime.tables.write(Put("photos", {**item, "review_asked_at": at}))


def objection(runtime, at, phase="roster_published"):
    runtime.tables.write(Put("waves", {"wave": 7, "phase": phase}))
    runtime.tables.write(Put("objections", {**WHO, "wave": 7, "objecting": "7", "objected_at": at}))


def case(waits, **more):
    def given(runtime, at):
        item = {"case": f"{waits}#1", "waits": waits, "due_at": at, "asked_at": at, **more}
        runtime.tables.write(Put("cases", item))

    return given


KINDS = [
    ("outbox", letter, 2 * HOUR),
    ("reviews", review, 2 * DAY),
    ("objections", objection, 6 * HOUR),
    ("disputes", case("dispute"), 3 * DAY),
    ("recoveries", case("recovery"), 3 * DAY),
]


@pytest.mark.parametrize(("name", "given", "longest"), KINDS, ids=[kind[0] for kind in KINDS])
def test_what_waits_is_told_from_its_age_on_and_not_before(runtime, name, given, longest, caplog):
    given(runtime, NOON - longest + MINUTE)
    assert overdue.tell(runtime) == []
    given(runtime, NOON - longest)
    assert overdue.tell(runtime) == [name]
    assert f"overdue: {name}" in caplog.text
    assert WHO["applicant"] not in caplog.text


def test_an_objection_after_the_round_calls_nobody(runtime):
    objection(runtime, NOON - 9 * DAY, phase="announced")
    assert overdue.tell(runtime) == []


def test_a_recovery_that_has_lapsed_calls_nobody(runtime):
    given = case("recovery", asked_at=NOON - 14 * DAY)
    given(runtime, NOON - 12 * DAY)
    assert overdue.tell(runtime) == []


def test_a_day_without_its_run_of_retention_is_told_from_six_in_the_morning_on(runtime):
    runtime.clock.now = NOON + DAY - 7 * HOUR  # 05.00 WIB
    assert overdue.tell(runtime) == []
    runtime.clock.advance(HOUR)
    assert overdue.tell(runtime) == ["retention"]
    assert retention.run_due(runtime)
    assert overdue.tell(runtime) == []


def test_every_kind_is_tried_here():
    assert set(overdue.WATCHED) == {"retention", *(name for name, *_ in KINDS)}
