"""Each minute the tick tells the edge whom to let in, from the flag and what was registered."""

from __future__ import annotations

import pytest

from functions.cloud.flags import KEY
from functions.cloud.meter import count
from functions.cloud.tables import Update
from functions.programme.admission import EVERYONE
from functions.programme.times import HOUR, MINUTE
from functions.verify import admission, worker
from functions.verify.worker import TickFailed
from tests.fakes import fake_runtime

SHARE = EVERYONE // 5


@pytest.fixture
def runtime():
    return fake_runtime()


def open_room(runtime, rate=10, lasts=HOUR):
    now = runtime.clock()
    flag = {"until_at": now + lasts, "by": "sri", "set_at": now, "rate": rate, "share": SHARE}
    runtime.tables.write(Update("flags", KEY, set={"waiting_room": flag}))


def a_minute(runtime, people=0):
    for number in range(people):
        count(runtime.tables, runtime.clock(), f"{number % 16:x}0", "registered")
    runtime.clock.advance(MINUTE)
    admission.follow(runtime)
    return runtime.edge.told[-1] if runtime.edge.told else None


def test_without_the_flag_the_edge_is_told_nothing(runtime):
    assert a_minute(runtime, 50) is None
    assert runtime.tables.get("figures", admission.STATE) is None


def test_the_room_begins_with_the_operators_share_until_the_flag_ends(runtime):
    open_room(runtime)
    until = runtime.clock() + HOUR
    assert a_minute(runtime) == {"share": SHARE, "span": 300, "until": until}


def test_too_many_registrations_lower_the_share_and_few_raise_it(runtime):
    open_room(runtime, rate=1)
    first = a_minute(runtime)["share"]
    lower = a_minute(runtime, 240)["share"]
    assert lower < first
    assert a_minute(runtime, 6)["share"] > lower


def test_registrations_are_counted_once_across_the_windows_of_the_figures(runtime):
    """At just the rate the share stays, in whichever minute a window of five ends."""
    open_room(runtime, rate=1)
    a_minute(runtime)
    shares = {a_minute(runtime, 60)["share"] for _ in range(12)}
    assert shares == {SHARE}


def test_when_the_flag_ends_everyone_is_let_in_and_that_is_told_once(runtime):
    open_room(runtime, lasts=3 * MINUTE)
    for _ in range(4):
        last = a_minute(runtime)
    assert last["share"] == EVERYONE
    told = len(runtime.edge.told)
    a_minute(runtime)
    assert len(runtime.edge.told) == told


def test_what_the_edge_did_not_take_is_told_again_by_the_next_tick(runtime):
    open_room(runtime)
    runtime.edge.broken = OSError("store")
    runtime.clock.advance(MINUTE)
    with pytest.raises(TickFailed, match="door"):
        worker.handle_tick(runtime)
    assert runtime.tables.get("figures", admission.STATE) is None
    runtime.edge.broken = None
    assert a_minute(runtime)["share"] == SHARE


def test_a_rate_that_is_set_anew_begins_with_its_own_share(runtime):
    open_room(runtime)
    for _ in range(3):
        a_minute(runtime, 5_000)
    runtime.clock.advance(1)
    open_room(runtime, rate=500)
    assert a_minute(runtime)["share"] == SHARE


def test_of_two_ticks_at_once_one_writes(runtime, monkeypatch):
    open_room(runtime)
    a_minute(runtime)
    kept = runtime.tables.get("figures", admission.STATE)
    runtime.clock.advance(MINUTE)
    telling = runtime.edge.tell

    def another_first(door):
        monkeypatch.setattr(runtime.edge, "tell", telling)
        admission.follow(runtime)
        telling(door)

    monkeypatch.setattr(runtime.edge, "tell", another_first)
    assert admission.follow(runtime) is None
    assert runtime.tables.get("figures", admission.STATE)["at"] == kept["at"] + MINUTE
