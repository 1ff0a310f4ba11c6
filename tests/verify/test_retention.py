"""What is no longer to be kept goes by itself, and each day's run can be proved."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

import pytest

from functions.cloud import chain
from functions.cloud.tables import Put
from functions.programme import audit
from functions.programme import retention as rules
from functions.programme.times import DAY, HOUR, SECOND, WIB
from functions.verify import retention
from tests.fakes import FakeClock, fake_runtime
from tests.faults.fuse import Killed, fused_runtime, fuses


def at(*moment):
    return int(datetime(*moment, tzinfo=WIB).timestamp()) * SECOND


SUMMER = at(2026, 6, 1, 12)
NEXT_YEAR = at(2027, 1, 1)


@pytest.fixture
def runtime():
    runtime = fake_runtime(clock=FakeClock(SUMMER))
    runtime.tables.write(Put("waves", {"wave": 1, "closes_at": SUMMER}))
    return runtime


def photo(runtime, owner, state="accepted", kind="ktp", **more):
    """A photo with two versions in both buckets, and its owner's readiness."""
    name = f"{kind}-{owner}"
    item = {"applicant": owner, "photo": name, "kind": kind, "state": state}
    now = runtime.clock()
    runtime.tables.write(Put("photos", {**item, "created_at": now, "decided_at": now, **more}))
    for bucket in ("incoming", "photos"):
        for data in (b"one", b"two"):
            runtime.files.write(bucket, f"{owner}/{name}", data, content_type="image/jpeg")


def person(runtime, owner, **more):
    ready = {"applicant": owner, "ktp": f"ktp-{owner}", "ktp_nik_mac": "9", **more}
    runtime.tables.write(Put("readiness", ready))


def run_on(runtime, moment):
    runtime.clock.now = moment
    assert retention.run_due(runtime)
    return records(runtime)[-1].details


def records(runtime):
    found = list(chain.records(runtime.tables, chain.JOBS))
    assert audit.check(found) is (found[-1] if found else None)
    return found


def photos(runtime):
    stored = {key.split("/")[0] for _, key in runtime.files.objects}
    assert stored == {owner for owner, _ in runtime.tables.items["photos"]}
    return stored


def test_a_refused_photo_goes_after_seven_days_and_not_before(runtime):
    person(runtime, "a")
    photo(runtime, "a", state="refused", kind="selfie")
    assert run_on(runtime, SUMMER + 6 * DAY) == ()
    assert photos(runtime) == {"a"}
    assert run_on(runtime, SUMMER + 7 * DAY) == ("photo_refused:1",)
    assert photos(runtime) == set()


def test_photos_of_the_unselected_go_ninety_days_after_the_programme_year(runtime):
    person(runtime, "a", entries={"1": 0})
    photo(runtime, "a")
    run_on(runtime, NEXT_YEAR + 90 * DAY - DAY + 3 * HOUR)
    assert photos(runtime) == {"a"}
    assert run_on(runtime, NEXT_YEAR + 90 * DAY + 3 * HOUR) == ("photo_unselected:1",)
    assert photos(runtime) == set()
    ready = runtime.tables.get("readiness", {"applicant": "a"})
    assert not {"ktp", "ktp_nik_mac"} & set(ready)


def test_photos_of_recipients_are_kept_two_years_longer(runtime):
    person(runtime, "a", recipient_of=1, entries={"1": 0})
    photo(runtime, "a")
    run_on(runtime, NEXT_YEAR + 729 * DAY + 3 * HOUR)
    assert photos(runtime) == {"a"}
    assert run_on(runtime, NEXT_YEAR + 730 * DAY + 3 * HOUR) == ("photo_recipient:1",)


@pytest.mark.parametrize("why", [{"open_waves": {1}}, {"held": {"disputed"}}])
def test_nobodys_photo_goes_while_a_wave_or_an_officer_needs_it(runtime, why):
    person(runtime, "a", **why)
    photo(runtime, "a")
    run_on(runtime, NEXT_YEAR + 400 * DAY + 3 * HOUR)
    assert photos(runtime) == {"a"}


def test_a_photo_in_review_waits_for_its_person_and_one_without_owner_goes(runtime):
    person(runtime, "a")
    photo(runtime, "a", state="in_review")
    photo(runtime, "b")
    assert run_on(runtime, SUMMER + 30 * DAY) == ("photo_orphan:1",)
    assert photos(runtime) == {"a"}


def test_answers_objections_and_closed_requests_go_in_their_time(runtime):
    test = {"applicant": "a", "passed_at": SUMMER, "answers": {"1": 2}, "score": 15}
    objections = [
        {"applicant": "a", "wave": 1, "answered_at": SUMMER},
        {"applicant": "b", "wave": 1},
    ]
    runtime.tables.write(
        Put("tests", test),
        *(Put("objections", item) for item in objections),
        Put("cases", {"case": "deletion#a", "done_at": SUMMER}),
        Put("cases", {"case": "nik#b", "state": "waiting"}),
    )
    assert run_on(runtime, SUMMER + 365 * DAY - DAY) == ("test_answers:1",)
    kept = runtime.tables.get("tests", {"applicant": "a"})
    assert (kept["score"], kept["passed_at"], kept["answers"]) == (15, SUMMER, {})
    assert run_on(runtime, SUMMER + 365 * DAY) == ("case:1", "objection:1")
    assert [item["applicant"] for item in runtime.tables.scan("objections")] == ["b"]
    assert runtime.tables.get("cases", {"case": "nik#b"})


def test_there_is_one_run_a_day_from_two_in_the_morning(runtime):
    runtime.clock.now = at(2026, 6, 2, 1, 59)
    assert retention.run_due(runtime) is False
    assert records(runtime) == []
    run_on(runtime, at(2026, 6, 2, 2))
    assert retention.run_due(runtime) is False
    run_on(runtime, at(2026, 6, 3, 2))
    assert [r.about for r in records(runtime)] == ["retention#2026-06-02", "retention#2026-06-03"]


def test_a_run_goes_on_where_the_last_tick_stopped(runtime, monkeypatch):
    monkeypatch.setattr(retention, "PAGE", 2)
    monkeypatch.setattr(retention, "MOST_PAGES", 1)
    for number in range(5):
        photo(runtime, f"p{number}")
    ticks = 0
    while not retention.run_due(runtime):
        ticks += 1
        assert ticks < 20
    assert ticks > 3
    assert records(runtime)[-1].details == ("photo_orphan:5",)
    assert photos(runtime) == set()


def test_a_run_that_is_killed_at_any_call_is_finished_by_the_next_tick():
    for fuse, arm in fuses(fewest=8):
        runtime = fused_runtime(fuse, ("tables", "files"), clock=FakeClock(SUMMER))
        person(runtime, "a")
        photo(runtime, "a", state="refused", kind="selfie")
        runtime.clock.advance(8 * DAY)
        arm()
        with suppress(Killed):
            retention.run_due(runtime)
        fuse.arm(None)
        retention.run_due(runtime)
        assert photos(runtime) == set()
        assert len(records(runtime)) == 1


def test_two_workers_at_once_record_one_run(runtime):
    photo(runtime, "a")
    other = replace(runtime)
    assert retention.run_due(runtime)
    assert retention.run_due(other) is False
    assert len(records(runtime)) == 1


def test_the_year_ends_at_new_year_in_jakarta():
    assert rules.year_end(SUMMER) == NEXT_YEAR
    assert rules.year_end(NEXT_YEAR - 1) == NEXT_YEAR
    assert rules.year_end(NEXT_YEAR) == at(2028, 1, 1)
