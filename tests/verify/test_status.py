"""The public status: what was counted in the rooms arrives, once, and names nobody."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions.cloud.meter import count
from functions.cloud.outbox import Letter, row
from functions.cloud.tables import Busy
from functions.programme.figures import WINDOW
from functions.programme.times import DAY, HOUR, MINUTE, SECOND
from functions.upload.checking import check_photo
from functions.upload.photo.verdict import Verdict
from functions.verify.delivery import deliver
from functions.verify.posting import post
from functions.verify.status import FILE, TOTAL, publish
from functions.verify.worker import TickFailed, handle_tick
from tests.fakes import FakeTables, fake_runtime
from tests.verify.people import EMAIL, join_programme, last_letter, register


@pytest.fixture
def runtime():
    return fake_runtime()


def status(runtime):
    publish(runtime)
    return json.loads(runtime.files.read("site", FILE))


def register_many(runtime, number, shards="0123456789abcdef"):
    for n in range(number):
        count(runtime.tables, runtime.clock(), f"0{shards[n % 16]}", "registered")


def test_a_service_that_nobody_used_has_a_status(runtime):
    told = status(runtime)
    assert told["registrations"] == {"total": None, "last_hour": None}
    assert told["mail"]["oldest_seconds"] == 0
    assert told["waves"] == []


def test_accounts_photos_and_letters_are_counted_where_they_happen(runtime):
    for n in range(10):
        join_programme(runtime, email=f"orang{n}@contoh.id")
        runtime.clock.advance(20 * SECOND)
        deliver(runtime, last_letter(runtime)["message"])
    applicant = "a" * 32
    for n in range(20):
        photo = f"{n:032x}"
        runtime.tables.items["photos"][applicant, photo] = {
            "applicant": applicant,
            "photo": photo,
            "kind": "selfie",
            "state": "waiting",
            "created_at": runtime.clock() - 50 * SECOND,
        }
        key = f"{applicant}/{photo}"
        version = runtime.files.write("incoming", key, b"x", content_type="image/jpeg")
        verdict = Verdict(True) if n % 2 else Verdict(False, ("blurred", "glare"))
        check_photo(runtime, lambda data, kind, given=verdict: given, key, version)
    told = status(runtime)
    assert told["registrations"] == {"total": 10, "last_hour": 10}
    assert told["photos"]["accepted"] == told["photos"]["refused"] == 10
    assert told["photos"]["reasons"] == [{"reason": "blurred", "count": 10}]
    assert told["photos"]["half_seconds"] == 60
    assert told["mail"]["sent"] == 10
    assert told["mail"]["half_seconds"] == 30
    text = runtime.files.read("site", FILE).decode()
    assert "contoh" not in text and EMAIL not in text and applicant not in text


def test_mails_of_confirmation_are_counted_for_good_proved_or_not(runtime):
    applicant = join_programme(runtime)
    deliver(runtime, last_letter(runtime)["message"])
    register(runtime, email="budi@contoh.id", key="8" * 16)
    deliver(runtime, last_letter(runtime)["message"])
    notice = Letter("e" * 32, "mail", "password_changed", applicant=applicant, to=EMAIL)
    post(runtime, notice)
    deliver(runtime, notice.message)
    runtime.clock.advance(4 * WINDOW)
    publish(runtime)
    total = runtime.tables.get("figures", TOTAL)
    assert (total["confirm_sent"], total["registered"]) == (2, 1)
    assert not [name for name in total if name.startswith("mail_")]


def test_the_hour_forgets_and_the_total_does_not(runtime):
    register_many(runtime, 40)
    assert status(runtime)["registrations"] == {"total": 40, "last_hour": 40}
    for _ in range(14):
        runtime.clock.advance(WINDOW)
        register_many(runtime, 1)
        assert status(runtime)["registrations"]["total"] >= 40
    assert status(runtime)["registrations"] == {"total": 54, "last_hour": 12}


def test_the_total_catches_up_after_a_day_without_ticks_and_counts_nothing_twice(runtime):
    register_many(runtime, 30)
    status(runtime)
    for _ in range(24):
        runtime.clock.advance(HOUR)
        register_many(runtime, 1)
    runtime.clock.advance(2 * HOUR)
    for _ in range(30):
        told = status(runtime)
    assert told["registrations"]["total"] == 54


def test_two_ticks_at_once_add_a_window_once(runtime):
    register_many(runtime, 30)
    status(runtime)
    runtime.clock.advance(2 * HOUR)
    stale = runtime.tables.get("figures", {"figure": "total"})

    class Late(FakeTables):
        def get(self, table, key, *, only=()):
            return stale if table == "figures" else super().get(table, key, only=only)

    late = Late()
    late.items = runtime.tables.items
    publish(runtime)
    publish(fake_runtime(tables=late, clock=runtime.clock, files=runtime.files))
    assert json.loads(runtime.files.read("site", FILE))["registrations"]["total"] == 30
    assert status(runtime)["registrations"]["total"] == 30


def test_the_longest_waiting_letter_is_found_in_any_part_of_the_index(runtime):
    for number, age in (("0a", 3 * MINUTE), ("1f", 7 * MINUTE), ("25", MINUTE)):
        letter = Letter(number, "sms", "phone_code", to="+628120000000", language="id")
        runtime.tables.write(row(runtime.vault, letter, runtime.clock() - age))
    told = status(runtime)
    assert told["sms"]["oldest_seconds"] == 420
    assert told["mail"]["oldest_seconds"] == 0


def test_a_count_that_cannot_be_written_does_not_fail_the_work():
    class Refusing(FakeTables):
        def update(self, action):
            if action.table == "figures":
                raise Busy()
            return super().update(action)

    runtime = fake_runtime(tables=Refusing())
    join_programme(runtime)
    deliver(runtime, last_letter(runtime)["message"])
    assert len(runtime.mailer.sent) == 1


def test_the_tick_of_every_minute_writes_the_status(runtime):
    handle_tick(runtime)
    assert json.loads(runtime.files.read("site", FILE))["taken_at"] == "2026-01-05T05:00:00Z"


def test_after_a_day_without_a_tick_no_tick_reads_more_than_two_hours(runtime):
    register_many(runtime, 30)
    publish(runtime)
    runtime.clock.advance(5 * HOUR)
    register_many(runtime, 40)
    runtime.clock.advance(19 * HOUR)
    read, real = [], runtime.tables.get_many
    runtime.tables.get_many = lambda table, keys: read.append(len(keys)) or real(table, keys)
    ticks = 0
    while status(runtime)["registrations"]["total"] != 70:
        ticks += 1
        assert ticks < 30 and sum(read) <= 2 * 192, "each tick adds an hour"
        read.clear()


def test_a_status_that_cannot_be_written_holds_up_nothing_else_of_the_tick(runtime):
    class Broken(type(runtime.files)):
        def write(self, bucket, *rest, **more):
            if bucket == "site":
                raise Busy()
            return super().write(bucket, *rest, **more)

    runtime = replace(runtime, files=Broken())
    with pytest.raises(TickFailed, match=r"^status$"):
        handle_tick(runtime)
    begun = [item["case"] for item in runtime.tables.items["cases"].values()]
    assert begun == ["retention#2026-01-05"]


def test_counts_leave_the_table_after_a_week_but_not_the_total(runtime):
    register_many(runtime, 1)
    publish(runtime)
    items = runtime.tables.items["figures"].values()
    (item,) = (item for item in items if item["figure"] != "total")
    assert item["expires"] * SECOND > runtime.clock() + 7 * DAY - WINDOW
    assert "expires" not in runtime.tables.get("figures", {"figure": "total"})
