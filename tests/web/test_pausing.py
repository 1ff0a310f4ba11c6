"""A flag stops just the requests it names, says for how long, and lets go by itself."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from functions.cloud.flags import FRESH, KEY
from functions.cloud.tables import Busy, Update
from functions.programme.flags import FLAGS
from functions.programme.times import HOUR, MINUTE, SECOND
from functions.web import pausing
from functions.web.access import ACCESS
from functions.web.application import create_app
from functions.web.endpoints import Reply, Room
from tests.fakes import CONFIG, FakeTables, fake_runtime

ORIGIN = {"Origin": CONFIG.origin}
WRITES = [route for route in ACCESS if route[0] != "GET"]


def written(runtime, name, lasts=HOUR):
    item = {"until_at": runtime.clock() + lasts, "by": "sri", "reason": "load"}
    runtime.tables.write(Update("flags", KEY, set={name: item}))
    return item


def stopped(runtime):
    found = set()
    for route in ACCESS:
        try:
            pausing.check(runtime, route)
        except pausing.Paused:
            found.add(route)
    return found


@pytest.mark.parametrize(
    ("flag", "routes"),
    [
        ("registrations", {("POST", "/api/verify/accounts")}),
        ("sms", {("POST", "/api/verify/phone"), ("POST", "/api/verify/phone/code")}),
        ("waiting_room", set()),
    ],
)
def test_a_flag_stops_what_it_names_and_nothing_else(flag, routes):
    runtime = fake_runtime()
    assert stopped(runtime) == set()
    runtime = fake_runtime(tables=runtime.tables)
    written(runtime, flag)
    assert stopped(runtime) == routes


def test_read_only_stops_every_write_but_coming_going_and_stopping_a_thief():
    runtime = fake_runtime()
    written(runtime, "read_only")
    assert {route for route in WRITES if route not in stopped(runtime)} == {
        ("POST", "/api/verify/sessions"),
        ("DELETE", "/api/verify/sessions"),
        ("POST", "/api/verify/recovery/stop"),
    }
    assert stopped(runtime) <= set(WRITES)


def registering(runtime):
    room, seen = Room("verify"), []

    def view(call):
        """Accept."""
        seen.append(call)
        return Reply(202, {})

    room.endpoint("POST", "/accounts", answers={202: None})(view)
    client = create_app(room, runtime).test_client()
    return seen, lambda: client.post("/api/verify/accounts", json={}, headers=ORIGIN)


def test_who_is_stopped_is_told_when_to_come_back_and_not_all_to_the_same_second():
    runtime = fake_runtime()
    written(runtime, "registrations", 30 * MINUTE)
    seen, ask = registering(runtime)
    answers = [ask() for _ in range(20)]
    assert {answer.status_code for answer in answers} == {503} and seen == []
    for answer in answers:
        error = answer.json["error"]
        assert error["code"] == "busy" and error["params"]["paused"] == "registrations"
        assert answer.headers["Retry-After"] == str(error["params"]["seconds"])
        assert 30 * 60 <= error["params"]["seconds"] <= 31 * 60
    assert len({answer.headers["Retry-After"] for answer in answers}) > 5


def test_a_flag_takes_hold_within_seconds_and_ends_by_itself():
    runtime = fake_runtime()
    seen, ask = registering(runtime)
    assert ask().status_code == 202
    written(runtime, "registrations", MINUTE)
    runtime.clock.advance(FRESH)
    assert ask().status_code == 503
    runtime.clock.advance(MINUTE - FRESH)
    assert ask().status_code == 202 and len(seen) == 2
    assert FRESH <= 15 * SECOND


class Counting(FakeTables):
    """Counts reads of the flags, and fails them with `broken`."""

    reads, broken = 0, None

    def get(self, table, key, *, only=()):
        if table == "flags":
            self.reads += 1
            if self.broken is not None:
                raise self.broken
        return super().get(table, key, only=only)


def test_the_flags_are_read_at_most_every_few_seconds_however_many_ask():
    runtime = fake_runtime(tables=Counting())
    for _ in range(100):
        runtime.flags.running("sms")
    assert runtime.tables.reads == 1
    runtime.clock.advance(FRESH)
    runtime.flags.running("read_only")
    assert runtime.tables.reads == 2


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")


@pytest.mark.parametrize("error", [Busy(), THROTTLED], ids=["busy", "throttled"])
def test_a_read_that_fails_leaves_what_was_known(error):
    runtime = fake_runtime(tables=Counting())
    written(runtime, "sms")
    assert runtime.flags.running("sms")
    runtime.tables.broken = error
    runtime.clock.advance(FRESH)
    assert runtime.flags.running("sms") and not runtime.flags.running("read_only")
    runtime.clock.advance(HOUR)
    assert not runtime.flags.running("sms"), "it ends by its time, whatever can be read"


def test_a_process_that_can_read_nothing_stops_nothing():
    tables = Counting()
    tables.broken = THROTTLED
    assert stopped(fake_runtime(tables=tables)) == set()


def test_every_flag_that_stops_a_route_is_one_that_operators_can_set():
    assert set(pausing.STOPS) <= set(FLAGS)
    assert all(route in ACCESS for routes in pausing.STOPS.values() for route in routes)
    assert set(ACCESS) >= pausing.STILL_WRITE
