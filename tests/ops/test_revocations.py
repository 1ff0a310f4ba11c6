"""Purchases, revocations by two operators, and places that are given on: once, and in time."""

from __future__ import annotations

import copy

import pytest

from functions.cloud.tables import Put, Update
from functions.programme.audit import check
from functions.programme.purchases import DAYS_TO_BUY, Counts, last_day, standing
from functions.programme.times import DAY, HOUR, MINUTE, SECOND, from_iso, wib_date
from ops import audit, changes_applied
from ops.changes import promote, remove
from ops.errors import Refused
from ops.purchases import bought_on, import_purchases
from ops.returned import returned
from ops.revocations import Due, ask, confirm, count
from tests.select.world import World, nik_of

PEOPLE = 8
LATER = DAYS_TO_BUY + 1


@pytest.fixture(scope="module")
def announced():
    """Wave 1 with three places and two reserves, announced."""
    made = World()
    made.create(quota=3, reserve=2)
    for number in range(PEOPLE):
        made.enter(number)
    made.finish()
    return made


@pytest.fixture
def world(announced):
    """The announced wave, as it was for the test before."""
    tables, files = announced.tables, announced.runtime.files
    kept = copy.deepcopy((tables.items, files.objects, announced.clock.now))
    yield announced
    tables.items, files.objects, announced.clock.now = kept


def by_outcome(world, outcome):
    """Applicants by rank."""
    found = [e for e in world.entries().values() if e["outcome"] == outcome]
    return [e["applicant"] for e in sorted(found, key=lambda e: e["rank"])]


def buy(world, tmp_path, *rows, dry_run=False, wave=1):
    path = tmp_path / "sold.csv"
    path.write_text("\n".join(("nik,bought_on", *(",".join(row) for row in rows))) + "\n")
    return import_purchases(world.runtime, "sri", path, wave, dry_run=dry_run)


def nik(world, applicant):
    return world.people[applicant][0]


def day(world, days):
    return wib_date(world.wave()["announced_at"] + days * DAY).isoformat()


def revoke(world):
    ask(world.runtime, "sri", 1)
    return confirm(world.runtime, "budi", 1)


def letters(world):
    return [row for row in world.tables.scan("outbox") if row["template"] == "removed"]


def test_the_last_day_ends_at_midnight_in_jakarta():
    told = from_iso("2020-11-20T16:30:00Z")  # 23.30 in Jakarta
    assert last_day(told).isoformat() == "2020-12-20"
    last = from_iso("2020-12-20T16:59:59Z")
    assert standing(told, None, last) == "waiting"
    assert standing(told, None, last + SECOND) == "due"
    assert standing(told, "2020-12-20", last + DAY) == "bought"
    assert standing(told, "2020-12-21", last + DAY) == "late"


def test_each_wrong_row_of_purchases_is_named_and_a_dry_run_writes_nothing(world, tmp_path):
    first, second, third = by_outcome(world, 1)
    world.clock.advance(2 * DAY)
    rows = [
        (nik(world, first), day(world, 0)),
        (nik(world, second), "2019-01-01"),
        (nik(world, third), day(world, 3)),
        (nik(world, by_outcome(world, 2)[0]), day(world, 1)),
        (nik_of(99), day(world, 1)),
        (nik(world, first), day(world, 1)),
        ("12345", day(world, 1)),
    ]
    before = copy.deepcopy(world.tables.items)
    tried = buy(world, tmp_path, *rows, dry_run=True)
    assert world.tables.items == before
    done = buy(world, tmp_path, *rows)
    assert done == tried and done.counts == {"new": 1, "wrong": 6}
    assert done.errors == [
        (3, "before_announcement"),
        (4, "in_future"),
        (5, "not_a_recipient"),
        (6, "not_a_recipient"),
        (7, "nik_twice"),
        (8, "nik_format"),
    ]
    with pytest.raises(Refused, match="not announced"):
        buy(world, tmp_path, *rows, wave=2)


def test_an_earlier_day_is_believed_and_a_later_one_changes_nothing(world, tmp_path):
    first = by_outcome(world, 1)[0]
    mac = world.entries()[first]["nik_mac"]
    world.clock.advance(9 * DAY)
    for days, code in ((5, "new"), (6, "same"), (5, "same"), (2, "new")):
        assert buy(world, tmp_path, (nik(world, first), day(world, days))).counts == {code: 1}
    assert bought_on(world.runtime, 1, [mac]) == {mac: day(world, 2)}


def test_more_purchases_than_one_call_takes_are_all_entered(world, tmp_path, monkeypatch):
    monkeypatch.setattr("ops.lists.TOGETHER", 2)
    rows = [(nik(world, one), day(world, 0)) for one in by_outcome(world, 1)]
    assert buy(world, tmp_path, *rows).counts == {"new": 3}
    world.clock.advance(LATER * DAY)
    assert count(world.runtime, 1).counts.bought == 3


def test_nobody_alone_can_revoke(world):
    world.clock.advance(LATER * DAY)
    with pytest.raises(Refused, match="nobody has asked"):
        confirm(world.runtime, "budi", 1)
    ask(world.runtime, "sri", 1)
    for same in ("sri", "SRI"):
        with pytest.raises(Refused, match="another operator must confirm"):
            confirm(world.runtime, same, 1)
    with pytest.raises(Refused, match="wave revoke"):
        remove(world.runtime, "sri", 1, [(by_outcome(world, 1)[0], "no_training_bought")])
    world.clock.advance(DAY)
    with pytest.raises(Refused, match="in the last day"):
        confirm(world.runtime, "budi", 1)
    assert letters(world) == []


def asked(world):
    """What stands there when somebody has asked, for nobody."""
    return {"by": "ani", "at": world.clock(), "digest": Due((), Counts()).digest}


def test_before_the_day_is_over_nobody_can_be_revoked(world):
    world.clock.now = from_iso(f"{day(world, DAYS_TO_BUY)}T16:59:59Z")
    assert (counts := count(world.runtime, 1).counts).waiting == counts.held == 3
    for name, early in (("sri", ask), ("budi", confirm)):
        world.tables.write(Update("waves", {"wave": 1}, set={"revoke_asked": asked(world)}))
        with pytest.raises(Refused, match="too early: recipients of wave 1 may buy until"):
            early(world.runtime, name, 1)
    world.clock.advance(SECOND)
    assert count(world.runtime, 1).counts.due == 3


def test_a_purchase_that_comes_in_meanwhile_makes_the_operators_ask_again(world, tmp_path):
    first = by_outcome(world, 1)[0]
    world.clock.advance(LATER * DAY)
    ask(world.runtime, "sri", 1)
    buy(world, tmp_path, (nik(world, first), day(world, 4)))
    with pytest.raises(Refused, match="the list has changed"):
        confirm(world.runtime, "budi", 1)
    assert len(revoke(world).standing.removed) == 2
    assert world.tables.get("readiness", {"applicant": first})["recipient_of"] == 1
    assert world.wave()["purchases"]["bought"] == 1 and world.wave()["purchases"]["revoked"] == 2


def test_a_revocation_that_was_cut_off_is_finished_by_the_same_command_and_told_once(
    world, monkeypatch
):
    world.clock.advance(LATER * DAY)
    real, calls = changes_applied.remove_entry, []

    def cut(*given):
        if len(calls) == 1:
            calls.append("killed")
            raise RuntimeError("killed")
        calls.append(given)
        real(*given)

    monkeypatch.setattr("ops.changes.remove_entry", cut)
    ask(world.runtime, "sri", 1)
    with pytest.raises(RuntimeError):
        confirm(world.runtime, "budi", 1)
    assert len(letters(world)) == 1 and "change" in world.wave()
    for _ in range(2):
        assert len(confirm(world.runtime, "budi", 1).standing.removed) == 3
    assert len(letters(world)) == 3 and "change" not in world.wave()
    found = list(audit.records(world.runtime))
    check(found)
    assert [(one.who, one.what) for one in found] == [("sri", "revoke_ask"), ("budi", "revoke")]
    with pytest.raises(Refused, match="nobody of wave 1 is due"):
        ask(world.runtime, "sri", 1)


def test_who_moved_up_later_has_as_many_days_from_then(world):
    first, second = by_outcome(world, 2)
    world.clock.advance(LATER * DAY)
    revoke(world)
    promote(world.runtime, "sri", 1, world.clock() // SECOND)
    world.clock.advance(DAYS_TO_BUY * DAY)
    counts = count(world.runtime, 1).counts
    assert (counts.held, counts.waiting, counts.due) == (2, 2, 0)
    world.clock.advance(DAY)
    assert len(revoke(world).standing.removed) == 5
    assert {world.entries()[one]["removed_for"] for one in (first, second)} == {
        "no_training_bought"
    }
    assert world.wave()["purchases"]["revoked"] == 5


def give(world, wave, *sources, quota=1, at=HOUR, operator="sri"):
    now = world.clock()
    world_times = {"opens_at": now + MINUTE, "closes_at": now + at}
    given = {"returned_from": sources, "operator": operator}
    world.create(wave, quota=quota, reserve=0, **world_times, **given)
    return world.wave(wave)


def test_places_that_a_reserve_may_still_have_are_not_given_away(world):
    with pytest.raises(Refused, match="none was taken back"):
        give(world, 2, 1)
    world.clock.advance(LATER * DAY)
    revoke(world)
    with pytest.raises(Refused, match="draw promote 1"):
        give(world, 2, 1)
    until = (world.clock() + DAY) // SECOND
    promote(world.runtime, "sri", 1, until)
    assert give(world, 2, 1)["returned_from"] == {"1": 1}


def test_before_the_published_date_nothing_is_given_while_a_reserve_waits(world):
    lost = by_outcome(world, 1)[0]
    until = (world.clock() + DAY) // SECOND
    promote(world.runtime, "sri", 1, until)
    remove(world.runtime, "sri", 1, [(lost, "declined")])
    with pytest.raises(Refused, match="may move up until"):
        give(world, 2, 1)
    world.clock.advance(DAY + SECOND)
    assert give(world, 2, 1, quota=0)["returned_from"] == {"1": 1}


def with_open_places(world):
    everyone = [(a, "declined") for a in by_outcome(world, 1) + by_outcome(world, 2)]
    remove(world.runtime, "sri", 1, everyone)
    assert world.wave()["after_draw"]["open_places"] == 3


def test_a_place_is_given_once_whatever_happens(world):
    with_open_places(world)
    with pytest.raises(Refused, match="--operator"):
        give(world, 2, 1, operator=None)
    first = give(world, 2, 1, quota=2)
    assert first["returned_from"] == {"1": 3} and world.wave()["given"] == {"2": 3}
    again = {name: first[name] for name in ("opens_at", "closes_at")}
    for _ in range(2):
        world.create(2, quota=2, reserve=0, returned_from=[1], operator="sri", **again)
    with pytest.raises(Refused, match="other parameters"):
        world.create(2, quota=5, reserve=0, **again)
    with pytest.raises(Refused, match="3 are given already"):
        give(world, 3, 1)
    (act,) = [one for one in audit.records(world.runtime) if one.what == "quota_returned"]
    assert (act.who, act.about, act.details) == ("sri", "wave/2", ("from 1 places 3",))


def test_two_operators_at_the_same_time_do_not_give_a_place_twice(world, monkeypatch):
    with_open_places(world)
    monkeypatch.setattr("ops.waves.returned", lambda *given: _meanwhile(world, *given))
    with pytest.raises(Refused, match="changed meanwhile"):
        give(world, 3, 1)
    assert world.tables.get("waves", {"wave": 3}) is None


def _meanwhile(world, runtime, wave, sources):
    """What was found, and another operator is quicker."""
    found = returned(runtime, wave, sources)
    world.tables.write(Update("waves", {"wave": 1}, set={"given": {"2": 3}}))
    return found


def test_what_a_void_wave_was_given_is_given_to_another(world):
    with_open_places(world)
    give(world, 2, 1)
    world.tables.write(Update("waves", {"wave": 2}, set={"phase": "void"}))
    assert give(world, 3, 1)["returned_from"] == {"1": 3}
    assert world.wave()["given"] == {"2": 3, "3": 3}


def test_a_person_who_bought_is_no_recipient_of_another_wave(world, tmp_path):
    first = by_outcome(world, 1)[0]
    key = {"subject": f"recipient#{world.entries()[first]['nik_mac']}", "member": "-"}
    world.tables.write(Put("ledgers", {**key, "wave": 7}))
    done = buy(world, tmp_path, (nik(world, first), day(world, 0)))
    assert done.errors == [(2, "not_a_recipient")]
