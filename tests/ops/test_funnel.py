"""The funnel of a wave: from what is counted, with what a scan would cost, and no person in it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from functions.cloud.tables import Put
from functions.programme.figures import lasting
from functions.programme.times import DAY, HOUR, MINUTE
from functions.select.aftermath import tend
from ops.commands import cli
from ops.funnel import cost_of_scan, gather
from ops.funnel_page import parts
from ops.revocations import ask, confirm
from tests.select.world import World

PEOPLE = 6
TOTAL = {
    "confirm_sent": 12_000,
    "registered": 9_000,
    "photo_accepted": 500,
    "photo_refused_blurred": 40,
}


@pytest.fixture(scope="module")
def world():
    """An announced wave with one official among six; the two selected buy nothing."""
    made = World()
    made.create(quota=2, reserve=1)
    for number in range(PEOPLE):
        made.enter(number, official=number == 0)
    made.person(PEOPLE, test=None)
    made.finish()
    made.create(2, opens_at=made.clock() + MINUTE, closes_at=made.clock() + HOUR)
    more = {"photo_refused_glare": 60}
    made.tables.write(Put("figures", {"figure": "total", "upto": 1, **TOTAL, **more}))
    return made


def steps(found):
    return {one.name: one.count for one in found}


def command(world, *words):
    given = {"runtime": lambda: world.runtime}
    done = CliRunner().invoke(cli, ["wave", "funnel", "1", *map(str, words)], obj=given)
    assert done.exit_code == 0, done.output
    return done.output


def test_before_the_report_outcomes_are_not_counted_and_nothing_is_guessed(world):
    found = gather(world.runtime, 1, scan=False)
    assert steps(found.joined) == {
        "joined": PEOPLE,
        **dict.fromkeys(("eligible", "selected", "on reserve", "not selected", "family limit")),
    }
    assert set(steps(found.after).values()) == {None, 0}
    everybody = steps(found.everybody)
    assert everybody.pop("address proved") == 9_000 and set(everybody.values()) == {None}


def test_after_it_all_steps_are_counted_from_joining_to_the_revocation(world):
    tend(world.runtime)
    found = gather(world.runtime, 1, scan=False)
    assert steps(found.joined) == {
        "joined": PEOPLE,
        "eligible": PEOPLE - 1,
        "selected": 2,
        "on reserve": 1,
        "not selected": 2,
        "family limit": 0,
    }
    assert found.excluded == {"official": 1}
    world.clock.advance(31 * DAY)
    ask(world.runtime, "sri", 1)
    confirm(world.runtime, "budi", 1)
    after = steps(gather(world.runtime, 1, scan=False).after)
    assert after["bought a training in time"] == 0 and after["revoked"] == 2


def test_a_wave_that_is_open_counts_its_gates(world):
    assert steps(gather(world.runtime, 2, scan=False).joined)["joined"] == 0


def test_photos_are_told_by_reason_most_first(world):
    found = gather(world.runtime, 1, scan=False)
    assert steps(found.photos) == {"accepted": 500, "refused": 100}
    assert list(found.refused_for.items()) == [("glare", 60), ("blurred", 40)]
    assert lasting({**TOTAL, "mail_30": 7, "photo_wait_5": 7}) == TOTAL


def test_a_scan_counts_the_steps_of_everybody(world, monkeypatch):
    monkeypatch.setattr("ops.funnel.PAGE", 2)
    found = steps(gather(world.runtime, 1, scan=True).everybody)
    assert found["address proved"] == found["declared"] == PEOPLE + 1
    assert found["test passed"] == found["ready to join"] == PEOPLE


def test_without_a_scan_its_cost_is_told(world):
    units, dollars = cost_of_scan(6_000_000)
    assert units == 585_938 and dollars == pytest.approx(0.0732, abs=1e-4)
    said = command(world)
    assert "about 879 read units, $0.00" in said and "phone proved" in said
    assert "879 read units" not in command(world, "--scan")


def test_shares_are_told_of_what_they_are_a_part_of(world):
    by_name = {part.title: part.whole for part in parts(gather(world.runtime, 1, scan=False))}
    assert by_name["Registrations so far"] == 12_000
    assert by_name["Photos so far"] == by_name["Photos refused, by the worst reason"] + 500 == 600
    assert by_name["Excluded, by reason (one may have several)"] == by_name["Wave 1"] == PEOPLE
    assert by_name["After the draw, of those selected"] == 2
    lines = command(world).splitlines()
    (told,) = (line.split() for line in lines if line.startswith("  refused"))
    assert told[:3] == ["refused", "100", "16.7%"]


def test_the_page_loads_nothing_and_has_a_bar_for_each_count(world, tmp_path):
    path = tmp_path / "funnel.html"
    said = json.loads(command(world, "--json", "--html", path))
    assert said["wave"] == 1 and said["joined"][0] == {"name": "joined", "count": PEOPLE}
    text = path.read_text()
    assert "http" not in text and "<script" not in text and "<link" not in text
    charts = [part.split("</svg>")[0] + "</svg>" for part in text.split("<figure>")[1:]]
    drawn = [ElementTree.fromstring("<svg" + one.split("<svg", 1)[1]) for one in charts]
    assert sum(len(one.findall("rect")) for one in drawn) >= len(said["everybody"]) + 6
    assert "6  100.0%" in text and "not counted" in text
    for applicant, numbers in world.people.items():
        assert not any(word in text + str(said) for word in (applicant, *numbers))
