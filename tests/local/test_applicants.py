"""Invented applicants: plausible to every rule, real to nobody, joined by the real join."""

import json
from collections import Counter
from datetime import date

import pytest

import ops.pins
import ops.waves
from functions.programme import identity
from functions.programme.readiness import missing
from functions.programme.times import HOUR
from functions.verify import statements
from functions.web.errors import Conflict
from local import applicants, pages
from local.institutions import WITNESSES, found
from local.setup import publish_pins
from tests.fakes import fake_runtime

TODAY = date(2026, 1, 5)


@pytest.fixture
def runtime(tmp_path):
    """A stage with an open wave."""
    runtime = fake_runtime()
    now = runtime.clock()
    publish_pins(runtime, found(tmp_path / "institutions.json", now // 1000))
    ops.waves.create(
        runtime, wave=1, quota=5, reserve=2, opens_at=now + 1000, closes_at=now + HOUR, shards=4
    )
    runtime.clock.advance(1000)
    return runtime


def test_invented_people_pass_the_rules_of_identity():
    for person in applicants.invented_people(50, TODAY):
        assert not identity.field_errors(
            person.nik, person.kk, person.birth_date, person.sex, TODAY
        )


def test_no_invented_number_can_belong_to_anyone():
    for person in applicants.invented_people(50, TODAY):
        assert person.nik[12] == person.kk[12] == "9"
        assert person.email.endswith(".example")


def test_families_have_one_to_four_members():
    people = list(applicants.invented_people(200, TODAY))
    sizes = Counter(Counter(person.kk for person in people).values())
    assert len(people) == 200
    assert set(sizes) <= {1, 2, 3, 4}
    assert len(sizes) > 1


def test_they_are_ready_and_have_joined_the_wave(runtime):
    assert applicants.add(runtime, 1, 6) == 6
    entries = list(runtime.tables.scan("entries"))
    assert len(entries) == 6
    for entry in entries:
        readiness = runtime.tables.get("readiness", {"applicant": entry["applicant"]})
        assert missing(readiness) == []
        assert readiness["entries"]
        assert entry["exclusions"] == []


def test_their_fields_open_like_those_of_anyone(runtime):
    (person,) = applicants.invented_people(1, TODAY)
    applicant = applicants.register(runtime, person)
    account = runtime.tables.get("accounts", {"applicant": applicant})
    opened = {
        name: runtime.vault.open("accounts", applicant, name, account[name])
        for name in ("name", "nik")
    }
    assert opened == {"name": person.name, "nik": person.nik}
    readiness = runtime.tables.get("readiness", {"applicant": applicant})
    profile = statements.opened(runtime, readiness, account, "profile")
    assert profile["address"]["district"] == person.district


def test_they_cannot_join_a_wave_that_is_closed(runtime):
    runtime.clock.advance(HOUR)
    with pytest.raises(Conflict, match="wave_closed"):
        applicants.add(runtime, 1, 1)


def test_the_pins_of_a_local_run_are_its_own(runtime):
    pins = json.loads(ops.pins.find(runtime))
    assert (len(pins["witnesses"]), pins["quorum"]) == (len(WITNESSES), 2)
    assert pins["draw_delay_seconds"] > pins["margin_seconds"]


def test_company_joins_before_the_clock_moves_so_that_a_person_can_lose(runtime):
    pages.add_others(runtime, {"until": "result", "others": "8"})
    assert len(list(runtime.tables.scan("entries"))) == 8
    for nobody in ({}, {"others": "0"}, {"others": "-1"}, {"others": "9999"}):
        pages.add_others(runtime, nobody)
    runtime.clock.advance(HOUR)
    pages.add_others(runtime, {"others": "3"})
    assert len(list(runtime.tables.scan("entries"))) == 8
