"""An opening day on paper: everyone is accounted for, and the presets end as they are described."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from functions.web.access import ACCESS
from ops.commands import cli
from ops.opening import costs, verdict
from ops.opening.journey import ME, STARTS, STEPS, JourneyChanged, counts_by_step
from ops.opening.measured import Measured, measured
from ops.opening.page import page
from ops.opening.quotas import CHECKED, LATENCIES, PRICES, QUOTAS
from ops.opening.settings import everyone, load
from ops.opening.simulation import Asked, simulate

# Hours after the last arrival: `ready` is seen to the end of the last one's journey.
DRAINS = {"default": 0.1, "ready": 1.1, "waiting": 0.2}


@pytest.fixture(scope="module")
def days():
    """The busiest minute of April 2020 in a short day, everyone going all the way."""
    return {
        name: simulate(Asked(120_000, 0.3, 80_000, seed=7, drain=hours), everyone(load(name)))
        for name, hours in DRAINS.items()
    }


@pytest.mark.parametrize("preset", ["default", "ready", "waiting"])
def test_all_who_came_are_accounted_for(days, preset):
    books = days[preset].books
    assert books.came == pytest.approx(120_000)
    assert abs(books.balance()) < 1e-6 * books.came
    assert min(vars(books).values()) > -1e-6


def test_a_fresh_account_breaks_at_its_mail_and_at_its_door(days):
    day = days["default"]
    broken = {one.name for one in day.breaks}
    assert not verdict.absorbed(day)
    assert {"SES sandbox", "API Gateway", "SSM reads at cold starts"} <= broken
    assert day.sent["mail confirm_email"] == 0


def test_the_ready_settings_absorb_the_busiest_minute(days):
    day = days["ready"]
    assert [test.name for test in verdict.tests(day) if not test.kept] == []
    assert day.refused == 0 and day.breaks == []
    assert day.waits["mail confirm_email"].quantile(1) <= 600
    assert day.books.joined == pytest.approx(120_000)


def test_the_waiting_room_lets_people_in_at_its_rate_and_refuses_nobody(days):
    day = days["waiting"]
    (room,) = (one for one in day.breaks)
    assert room.name == "waiting room" and day.told_to_return > 0
    assert day.refused == 0 and day.books.gone == 0
    registered = day.done["register"]
    assert registered <= day.settings.door.admission * (0.3 + 0.2) * 3600
    assert registered + day.books.outside == pytest.approx(120_000)


def test_the_same_seed_gives_the_same_day():
    small = Asked(20_000, 0.2, 10_000, seed=3, drain=0)
    first, again = (verdict.as_json(simulate(small, load("granted"))) for _ in range(2))
    assert first == again
    other = simulate(Asked(20_000, 0.2, 10_000, seed=4, drain=0), load("granted"))
    assert verdict.as_json(other)["refused"] != first["refused"]


def test_letters_that_a_provider_refuses_come_back_later_and_are_sent():
    settings = load("ready", ["mail.rate=20", "people.shares.confirm=0"])
    day = simulate(Asked(4_000, 0.2, 2_500, drain=0.2), settings)
    assert {one.name for one in day.breaks} == {"SES rate"}
    assert day.sent["mail confirm_email"] + day.waiting["mail confirm_email"] == pytest.approx(
        4_000
    )
    assert day.waits["mail confirm_email"].quantile(1) > 120


def test_codes_beyond_the_breaker_are_put_off_to_the_next_hour():
    settings = everyone(load("ready", ["sms.an_hour=1000"]))
    day = simulate(Asked(2_000, 0.2, 1_000, drain=0.2), settings)
    (broken,) = day.breaks
    assert broken.name == "SMS breaker"
    assert day.done["phone"] == pytest.approx(1_000)
    assert abs(day.books.balance()) < 1e-6


def test_sms_that_nobody_pays_for_are_not_sent():
    day = simulate(Asked(1_000, 0.2, 500, drain=0.2), everyone(load("ready", ["sms.spend=5"])))
    assert day.sent["sms phone_code"] == pytest.approx(5 / 0.025)
    assert day.books.letter_lost == pytest.approx(1_000 - 5 / 0.025)


def test_every_request_that_the_site_makes_belongs_to_a_step():
    counts = counts_by_step(measured())
    assert sum(sum(c.values()) for c in counts.values()) == sum(measured().journey.values())
    assert counts["register"]["POST /api/verify/accounts"] == 1
    assert all(counts[step.name][ME] == step.me for step in STEPS)
    changed = Measured({**measured().raw, "journey": {"GET /api/verify/export": 1}})
    with pytest.raises(JourneyChanged):
        counts_by_step(changed)


def test_every_route_of_the_journey_and_every_message_was_measured():
    served = {f"{method} {rule}" for method, rule in ACCESS}
    routes = set(measured().raw["routes"])
    assert set(measured().journey) <= routes & served
    assert set(STARTS.values()) <= routes


def test_every_known_value_has_a_source_and_says_how_it_was_seen():
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", CHECKED)
    for known in (*QUOTAS.values(), *PRICES.values()):
        assert known.source.startswith("https://") and known.value > 0
    assert {known.seen for known in LATENCIES.values()} == {"assumed"}


def test_the_bill_has_every_part_and_its_sum(days):
    lines = costs.bill(days["ready"])
    assert costs.total(lines) == pytest.approx(sum(costs.by_part(lines).values()))
    sms = next(line for line in lines if line.part == "SMS")
    assert sms.dollars == pytest.approx(days["ready"].sent["sms phone_code"] * 0.025)


def test_the_page_loads_and_runs_nothing(days):
    html = page(days["default"])
    assert html.count("<svg") >= 5 and "It breaks" in html
    assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=", html)


def run(*arguments):
    return CliRunner().invoke(cli, ["simulate", "--hours", "0.2", "--drain", "0", *arguments])


def test_the_command_says_what_breaks_and_writes_a_page(tmp_path):
    html = tmp_path / "day.html"
    done = run("--registrants", "3k", "--peak-minute", "2k", "--html", str(html))
    assert done.exit_code == 0, done.output
    assert "IT BREAKS" in done.output and "SES sandbox" in done.output
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_command_gives_json_with_the_tables_it_used():
    done = run("--registrants", "3k", "--peak-minute", "2k", "--json", "--preset", "ready")
    found = json.loads(done.output)
    assert found["people"]["came"] == pytest.approx(3_000)
    assert found["quotas"]["gateway_rate"]["value"] == 2_500


@pytest.mark.parametrize(
    "arguments",
    [("--preset", "none"), ("--set", "mail.speed=1"), ("--registrants", "many"),
     ("--registrants", "10", "--peak-minute", "20")],
)  # fmt: skip
def test_a_wrong_order_is_refused_in_one_line(arguments):
    done = run(*arguments)
    assert done.exit_code in (1, 2) and "Traceback" not in done.output
