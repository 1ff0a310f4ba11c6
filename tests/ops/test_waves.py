"""Announcing a wave: its order of writes, what is refused, and a second try after a crash."""

from __future__ import annotations

import pytest

from functions.cloud.tables import Put
from functions.programme.draw.params import parse_params
from functions.programme.draw.pins import parse_pins
from functions.programme.draw.published import PARAMS
from functions.programme.draw.rounds import check_delay, round_time
from functions.programme.times import HOUR, SECOND
from functions.select.folder import read_public
from ops import pins, waves
from ops.errors import Refused
from ops.moments import parse_moment, parse_pool
from tests.fakes import FakeTables, fake_runtime
from tests.select.world import (
    CLOSES_AT,
    DRAW_DELAY,
    OPENS_AT,
    FakeWitnesses,
    World,
    beacon_pins,
    publish_pins,
)


@pytest.fixture
def world():
    return World()


def test_a_wave_is_announced_in_its_public_file_and_open_at_every_gate(world):
    world.create(shards=4, provinces=["91", "92"], pools=[("timur", 2, ["91"])])
    params = parse_params(read_public(world.runtime.files, 1, PARAMS))
    assert (params.quota, params.reserve, params.pools[0].seats) == (3, 1, 2)
    assert params.opens_at * SECOND == OPENS_AT
    gates = world.tables.items["gates"]
    assert set(gates) == {("1#0",), ("1#1",), ("1#2",), ("1#3",)}
    assert all(gate["open"] and gate["entries"] == 0 for gate in gates.values())
    assert world.phase() == "open"
    assert world.wave()["params"] == params.to_bytes()


def test_the_round_is_the_first_that_the_rule_allows(world):
    world.create(draw_after_seconds=1000)
    found, pinned = parse_params(world.wave()["params"]), parse_pins(world.pins())
    check_delay(pinned, found)
    at = round_time(pinned, found.round)
    assert at >= found.closes_at + 1000 > at - pinned.beacon.period


def test_without_a_wish_the_draw_is_as_soon_as_the_pins_allow(world):
    world.create()
    pinned = parse_pins(world.pins())
    found = parse_params(world.wave()["params"])
    assert round_time(pinned, found.round) - found.closes_at in range(DRAW_DELAY, DRAW_DELAY + 3)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"wave": 0}, "number"),
        ({"quota": 0}, "quota"),
        ({"reserve": -1}, "reserve"),
        ({"closes_at": OPENS_AT}, "opens before|open before"),
        ({"opens_at": OPENS_AT - HOUR}, "past"),
        ({"shards": 3}, "power of two"),
        ({"shards": 2048}, "power of two"),
        ({"draw_after_seconds": DRAW_DELAY - 1}, "pins ask"),
        ({"provinces": ["00"]}, "province code"),
        ({"pools": [("timur", 4, ["91"])]}, "more seats"),
        ({"pools": [("timur", 0, ["91"])]}, "one seat"),
        ({"pools": [("timur", 1, [])]}, "one province"),
        ({"pools": [("a", 1, ["91"]), ("b", 1, ["91"])]}, "one pool only"),
        ({"pools": [("a", 1, ["91"]), ("a", 1, ["92"])]}, "params_pools"),
        ({"pools": [("a", 1, ["91"])], "provinces": ["31"]}, "among the wave's"),
        ({"quota": 2**32}, "json_value"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_written(world, changes, reason):
    with pytest.raises(Refused, match=reason):
        world.create(**changes)
    assert not world.tables.items["waves"] and not world.tables.items["gates"]


def test_a_wave_needs_pins():
    with pytest.raises(Refused, match="no pins"):
        waves.create(
            fake_runtime(), wave=1, quota=1, reserve=0, opens_at=OPENS_AT, closes_at=CLOSES_AT
        )


def test_the_same_command_again_changes_nothing(world):
    world.create()
    applicant = world.enter(1)
    before = world.wave(), dict(world.tables.items["gates"])
    world.create()
    assert (world.wave(), dict(world.tables.items["gates"])) == before
    assert applicant in world.entries()


@pytest.mark.parametrize("change", [{"quota": 4}, {"shards": 4}, {"provinces": ["91"]}])
def test_a_wave_that_exists_never_changes(world, change):
    world.create()
    with pytest.raises(Refused, match="other parameters"):
        world.create(**change)


class Dying(FakeTables):
    """Tables that go away at the n-th write."""

    left = -1

    def write(self, *actions):
        if self.left == 0:
            raise InterruptedError
        self.left -= 1
        super().write(*actions)


@pytest.mark.parametrize("writes", range(7))
def test_a_wave_that_was_interrupted_is_not_open_and_is_finished_by_the_same_command(writes):
    world = World(tables=Dying())
    world.tables.left = writes
    try:
        world.create(shards=4)
        finished = True
    except InterruptedError:
        finished = False
    assert finished == (writes >= 6)
    stored = world.tables.get("waves", {"wave": 1})
    assert stored is None or stored["phase"] == ("open" if finished else "planned")
    world.tables.left = -1
    world.create(shards=4)
    assert len(world.tables.items["gates"]) == 4 and world.phase() == "open"
    assert stored is None or world.wave()["freeze_key"] == stored["freeze_key"]
    world.enter(1)


def test_pins_are_published_once(world):
    runtime = world.runtime
    assert publish_pins(runtime) == world.pins()
    with pytest.raises(Refused, match="other pins"):
        publish_pins(runtime, quorum=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quorum": 4}, "json_value"),
        ({"witnesses": ["nonsense"]}, "key_malformed"),
        ({"beacon": {**beacon_pins(), "public_key": "00" * 96}}, "beacon_key"),
        ({"beacon": {**beacon_pins(), "chain": "xyz"}}, "not usable"),
        ({"beacon": {**beacon_pins(), "scheme": "other"}}, "scheme"),
        ({"beacon": {}}, "not usable"),
        ({"family_limit": 0}, "json_value"),
    ],
)
def test_pins_that_no_verifier_would_accept_are_refused(change, reason):
    given = {
        "witnesses": [str(witness.verifier) for witness in FakeWitnesses.signers],
        "quorum": 2,
        "beacon": beacon_pins(),
    }
    runtime = fake_runtime()
    with pytest.raises(Refused, match=reason):
        pins.publish(runtime, **{**given, **change})
    assert pins.find(runtime) is None


def test_quicknet_is_pinned_by_default_values_that_are_a_key():
    data = pins.publish(fake_runtime(), witnesses=[], quorum=0, beacon=pins.QUICKNET)
    assert parse_pins(data).margin_seconds == 86_400


def test_a_closing_time_may_be_said_in_wib_or_utc_but_not_without_a_zone():
    assert parse_moment("2026-01-09 12:00 WIB") == parse_moment("2026-01-09T05:00:00Z")
    for text in ("2026-01-09 12:00", "2026-01-09T12:00:00", "tomorrow", "2026-02-30T00:00:00Z"):
        with pytest.raises(Refused):
            parse_moment(text)


def test_a_pool_is_written_as_name_seats_and_provinces():
    assert parse_pool("timur:5000:91,92") == ("timur", 5000, ["91", "92"])
    for text in ("timur", "timur:5000", "timur:many:91", ":1:91"):
        with pytest.raises(Refused):
            parse_pool(text)


def test_a_gate_that_is_there_keeps_its_count(world):
    gate = {"gate": "1#0", "open": True, "opens_at": 0, "closes_at": 1, "entries": 5}
    world.tables.write(Put("gates", gate))
    world.create()
    assert world.tables.get("gates", {"gate": "1#0"})["entries"] == 5
