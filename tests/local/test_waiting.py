"""The waiting room of one machine: its switch, and what the local server knows of it."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import Client

from functions.programme.admission import EVERYONE
from functions.programme.times import HOUR, MINUTE
from functions.verify import admission
from infra.door import INSIDE, RETURN
from infra.serving import site_headers
from local.pages import waiting_room
from local.static import Static
from local.waiting import Gate, door_of
from ops import flags
from tests.fakes import fake_runtime


@pytest.fixture
def runtime():
    return fake_runtime()


def posted(runtime, percent):
    with Flask("local").test_request_context(method="POST", json={"percent": percent}):
        return waiting_room(runtime).status_code


def test_the_switch_opens_the_room_with_the_next_tick_and_closes_it(runtime):
    assert posted(runtime, 10) == 200
    admission.follow(runtime)
    door = door_of(runtime)
    assert door is not None and door.share == EVERYONE // 10
    runtime.clock.advance(1)
    assert posted(runtime, 25) == 200, "the room may be turned as often as one likes"
    runtime.clock.advance(MINUTE)
    admission.follow(runtime)
    assert door_of(runtime).share == EVERYONE // 4
    assert posted(runtime, 100) == 200
    runtime.clock.advance(MINUTE)
    admission.follow(runtime)
    assert door_of(runtime) is None


def test_newcomers_are_told_a_time_that_stays_and_whoever_is_inside_comes_in(runtime, tmp_path):
    for name in ("", "tunggu/"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "index.html").write_text(f"page {name}")
    gate = Gate(lambda: door_of(runtime), chance=lambda: 0.5)
    site = Client(Static(tmp_path, runtime.files, site_headers(""), gate))
    assert site.get("/").text == "page "
    posted(runtime, 10)
    admission.follow(runtime)
    waits = site.get("/")
    assert (waits.status_code, waits.headers["Location"]) == (302, "/tunggu/")
    told = site.get_cookie(RETURN)
    assert told is not None
    site.get("/")
    assert site.get_cookie(RETURN).value == told.value
    assert site.get("/tunggu/").text == "page tunggu/"
    site.set_cookie(INSIDE, "1")
    assert site.get("/").text == "page "


def test_the_room_closes_by_itself(runtime):
    posted(runtime, 10)
    admission.follow(runtime)
    runtime.clock.advance(HOUR)
    assert door_of(runtime) is None


@pytest.mark.parametrize("percent", [0, 101, "x", None])
def test_a_percentage_that_is_none_changes_nothing(runtime, percent):
    assert posted(runtime, percent) == 400
    assert all(item is None for _, item in flags.listed(runtime))


def test_a_room_that_is_not_open_cannot_be_closed(runtime):
    assert posted(runtime, 100) == 409
