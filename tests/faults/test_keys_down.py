"""The key service is away: nothing is acknowledged, nothing is half done, and all goes on after."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from functions.programme.draw.published import ROSTER
from functions.programme.draw.roster import parse_records
from functions.select.folder import read_public
from functions.select.turn import StepBlocked
from tests.fakes import FakeVault
from tests.select.world import World

NEEDS_KEYS = ("seal", "open", "mac", "key", "seed")


class FarVault(FakeVault):
    """A vault all of whose keys are out of reach while it is `away`."""

    away = False

    def __getattribute__(self, name):
        if name in NEEDS_KEYS and super().__getattribute__("away"):
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "Decrypt")
        return super().__getattribute__(name)


@pytest.fixture
def stage():
    vault = FarVault()
    world = World(vault=vault)
    world.create()
    return world, vault


def stored(world):
    return {name: dict(items) for name, items in world.tables.items.items()}


def test_no_join_is_acknowledged_or_half_done_without_keys(stage):
    world, vault = stage
    applicant = world.person(1)
    before = stored(world)
    vault.away = True
    with pytest.raises(ClientError):
        world.join(applicant)
    assert stored(world) == before
    vault.away = False
    receipt = world.join(applicant)["receipt"]
    world.finish()
    roster = parse_records(read_public(world.runtime.files, 1, ROSTER))
    assert [record.commitment.hex() for record in roster] == [receipt["commitment"]]


def test_a_wave_waits_for_the_keys_in_whatever_phase_they_are_lost(stage):
    world, vault = stage
    for number in range(4):
        world.enter(number)
    for move in (world.to_close, world.to_draw):
        move()
        vault.away = True
        with pytest.raises((ClientError, StepBlocked)):
            world.tick()
        vault.away = False
        for _ in range(3):
            world.clock.advance(60_000)
            world.tick()
    assert world.phase() == "announced"
    assert all("outcome" in entry for entry in world.entries().values())
