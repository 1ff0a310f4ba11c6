"""Operators stop something for a while: one pulls the brake, another keeps it pulled."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from functions.programme.flags import FLAGS, REST
from functions.programme.times import HOUR, MINUTE
from ops import audit, flags
from ops.commands import cli
from ops.errors import Refused
from tests.fakes import fake_runtime

ROOM = {"rate": 300, "share": 220_000}


@pytest.fixture
def runtime():
    return fake_runtime()


def put(runtime, name="sms", who="sri", minutes=30):
    more = ROOM if name == "waiting_room" else {}
    return flags.set_flag(runtime, who, name, minutes, "provider", **more)


def running(runtime):
    return {name for name, item in flags.listed(runtime) if item is not None}


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_is_set_by_one_person_at_once_and_ends_by_itself(runtime, name):
    put(runtime, name)
    assert running(runtime) == {name}
    runtime.clock.advance(30 * MINUTE)
    assert running(runtime) == set()


@pytest.mark.parametrize("name", FLAGS)
def test_no_flag_is_set_for_longer_than_its_kind_allows(runtime, name):
    longest = FLAGS[name].longest // MINUTE
    for minutes in (0, longest + 1):
        with pytest.raises(Refused, match=f"1 to {longest} minutes"):
            put(runtime, name, minutes=minutes)
    put(runtime, name, minutes=longest)


@pytest.mark.parametrize("name", ["registrations", "sms", "read_only"])
def test_nobody_holds_the_programme_alone(runtime, name):
    """Neither by setting it again, nor by clearing it first, nor in other letters."""
    put(runtime, name)
    for who in ("sri", "Sri"):
        with pytest.raises(Refused, match="another operator"):
            put(runtime, name, who)
    flags.clear(runtime, "sri", name, "over")
    with pytest.raises(Refused, match="another operator"):
        put(runtime, name)
    put(runtime, name, "budi")
    runtime.clock.advance(30 * MINUTE)
    put(runtime, name, "sri")


def test_after_an_hours_rest_the_same_person_may_set_it_again(runtime):
    put(runtime)
    runtime.clock.advance(30 * MINUTE + REST - 1)
    with pytest.raises(Refused):
        put(runtime)
    runtime.clock.advance(1)
    put(runtime)
    assert REST >= HOUR


def test_the_rate_of_the_waiting_room_is_turned_by_whoever_watches_it(runtime):
    for rate in (300, 500, 200):
        flags.set_flag(runtime, "sri", "waiting_room", 60, "load", rate=rate, share=500_000)
    ((_, item),) = [found for found in flags.listed(runtime) if found[1]]
    assert (item["rate"], item["share"]) == (200, 500_000)


@pytest.mark.parametrize(
    "more", [{}, {"rate": 300}, {"rate": 0, "share": 900}, {"rate": 300, "share": 1_000_001}]
)
def test_a_waiting_room_without_a_sensible_rate_is_refused(runtime, more):
    with pytest.raises(Refused, match=r"rate"):
        flags.set_flag(runtime, "sri", "waiting_room", 60, "load", **more)
    with pytest.raises(Refused, match="has no"):
        flags.set_flag(runtime, "sri", "sms", 60, "load", **ROOM)


def test_what_is_not_set_cannot_be_cleared(runtime):
    with pytest.raises(Refused, match="not set"):
        flags.clear(runtime, "sri", "sms", "over")
    put(runtime)
    flags.clear(runtime, "budi", "sms", "over")
    assert running(runtime) == set()
    with pytest.raises(Refused, match="not set"):
        flags.clear(runtime, "budi", "sms", "over")


def test_two_who_set_a_flag_at_once_are_told_apart(runtime, monkeypatch):
    before = flags._read(runtime)
    put(runtime, who="budi")
    monkeypatch.setattr(flags, "_read", lambda runtime: before)
    with pytest.raises(Refused, match="meanwhile"):
        put(runtime)


def test_each_setting_and_clearing_stands_in_the_audit_chain(runtime):
    put(runtime, "waiting_room")
    flags.clear(runtime, "budi", "waiting_room", "over")
    told = [(r.who, r.what, r.about, r.details) for r in audit.records(runtime)]
    details = ("provider", "minutes=30", "rate=300", "share=220000")
    assert told == [
        ("sri", "flag_set", "flag/waiting_room", details),
        ("budi", "flag_clear", "flag/waiting_room", ("over",)),
    ]
    audit.verify(runtime)


def test_the_commands_set_list_and_clear(runtime):
    def run(*words):
        done = CliRunner().invoke(cli, ["flags", *words], obj={"runtime": lambda: runtime})
        return done.exit_code, done.output

    sri = ("--reason", "load", "--operator", "sri")
    room = ("--minutes", "60", "--rate", "300", "--share", "22")
    assert run("set", "waiting_room", *room, *sri)[0] == 0
    assert "300 a second, until" in run("list")[1] and "sms  off" in run("list")[1]
    code, said = run("set", "sms", "--minutes", "9999", *sri)
    assert (code, said.count("\n")) == (1, 1)
    assert run("clear", "waiting_room", *sri) == (0, "waiting_room is off\n")
    assert run("set", "sms", "--minutes", "5", "--operator", "sri")[0] == 2, "without a reason"
