"""A wave in a storm keeps the promises; and what would break them is noticed."""

from __future__ import annotations

import pytest

from functions.programme.times import MINUTE
from functions.select.turn import StepBlocked
from local.machine import MapFailed
from tests.faults import promises
from tests.faults.storm import Storm
from tests.faults.weather import CALM, Climate, Weather
from tests.select.world import World


@pytest.mark.parametrize("seed", [1, 2])
def test_a_wave_in_a_storm_keeps_every_promise(seed):
    report = Storm(seed, 40).run()
    assert report.violations == []
    assert sum(report.faults.values()) > 50 and report.acknowledged > 30


def test_in_calm_weather_nobody_has_to_repeat_anything():
    storm = Storm("calm", 20, CALM)
    report = storm.run()
    assert (report.violations, report.retries, report.unsure, report.deaths) == ([], 0, 0, 0)
    assert report.sent == len(list(storm.calm.tables.scan("outbox")))


def test_a_lost_entry_a_second_mail_and_a_second_list_are_noticed():
    storm = Storm("broken", 20, Climate(refused=0.01))
    assert storm.run().violations == []
    runtime, told = storm.calm, storm.told
    told.acknowledged["f" * 32] = "ff" * 32
    head = runtime.files.read("undian", "undian/1/roster.head")
    runtime.files.write("undian", "undian/1/roster.head", head + b"\n", content_type="text/plain")
    wrong = promises.broken(runtime, told, [("w", b"gelombang/roster/v1\n1\nx"), ("w", head)])
    assert "1 acknowledged entries are not on the roster" in wrong
    assert "roster.head was published with two contents" in wrong
    assert "a witness was shown two lists of one wave" in wrong
    mails = storm._mailer.sent
    assert promises.sent_twice(runtime, [*mails, mails[-1]])


@pytest.mark.parametrize("phase", ["closed", "drawn"])
def test_a_read_that_lacks_an_entry_stops_freeze_and_announcement(phase):
    weather = Weather(1)
    world = World()
    world.create(shards=1)
    for number in range(4):
        world.enter(number)
    calm = world.runtime
    if phase == "drawn":
        world.to_close()
        world.tick()
        world.to_draw()
    world.to_close()
    world.runtime = weather.around(calm)
    with weather.turned(Climate(short=1.0)), pytest.raises((StepBlocked, MapFailed)):
        world.tick()
    assert (world.phase(), weather.counts["short"] > 0) == (phase, True)
    world.clock.advance(2 * MINUTE)
    world.tick()
    assert world.phase() == ("announced" if phase == "drawn" else "roster_published")
