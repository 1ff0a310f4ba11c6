"""A deploy in the middle of a wave: items as the code before wrote them, worked on by today's."""

from __future__ import annotations

import pytest

from functions.cloud.tables import Update
from functions.programme.readiness import said
from functions.programme.times import MINUTE
from functions.select import aftermath
from functions.select.entries import find_entry
from functions.select.turn import StepBlocked
from functions.verify import me, statements
from functions.verify.delivery import deliver
from tests.fakes import fake_runtime
from tests.faults import promises
from tests.faults.promises import Told
from tests.select.world import World
from tests.verify.people import PROFILE, join_programme, last_letter, register

# What came later, by table: an item of before has none of it (docs/data.md).
LATER = {
    "entries": ("traits",),
    "accounts": ("sex", "delivery", "changed_by", "language", "phone_proof"),
    "readiness": ("withdrawn", "nik_photo_mac", "ktp_nik_mac"),
    "waves": ("run", "lease_until_at"),
    "outbox": ("claimed_by",),
}


def older(tables, *names):
    """Take out of the items of these tables what the code before did not write."""
    for name in names:
        for item in tables.items[name].values():
            for attribute in LATER[name]:
                item.pop(attribute, None)


def statements_in_accounts(runtime):
    """Move profile and declaration to where the code before kept them."""
    for (applicant,), ready in runtime.tables.items["readiness"].items():
        account = runtime.tables.items["accounts"][(applicant,)]
        for step in ("profile", "declaration"):
            sealed = ready.pop(said(step), None)
            if sealed is not None:
                text = runtime.vault.open("readiness", applicant, said(step), sealed)
                account[step] = runtime.vault.seal("accounts", applicant, step, text)


@pytest.fixture
def world():
    made = World()
    made.create(quota=3, reserve=1)
    return made


def told_of(world):
    told = Told(1)
    for applicant, answer in world.answers.items():
        told.acknowledged[applicant] = answer["receipt"]["commitment"]
    return told


def kept(world):
    return promises.broken(world.runtime, told_of(world), world.witnesses.given)


def test_entries_of_before_and_of_today_are_drawn_and_reported_together(world):
    for number in range(4):
        world.enter(number, family=number // 2)
    older(world.tables, "entries", "accounts", "readiness", "waves")
    for number in range(4, 8):
        world.enter(number, family=number // 2)
    world.finish()
    aftermath.tend(world.runtime)
    assert kept(world) == []
    assert "reported_at" in world.wave()
    for applicant in world.people:
        assert find_entry(world.runtime, applicant, 1)["outcome"]


def test_who_made_statements_to_the_code_before_joins_and_sees_them(world):
    applicant = world.person(1, province="91", official=True)
    statements_in_accounts(world.runtime)
    assert world.join(applicant)["exclusions"] == ["official"]
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    statements.put_profile(runtime, applicant, PROFILE)
    statements_in_accounts(runtime)
    assert me.show(runtime, applicant)["profile"] == PROFILE
    assert me.show(runtime, applicant)["declaration"] is None
    statements.put_profile(runtime, applicant, {**PROFILE, "current_address": None})
    assert me.show(runtime, applicant)["profile"]["current_address"] is None


def test_records_told_by_the_code_before_are_shown_and_announced(world):
    people = [world.enter(number, family=1) for number in range(4)]
    world.to_close()
    world.tick()
    for entry in world.tables.items["entries"].values():
        entry["record"].pop("shared_by", None)
    assert find_entry(world.runtime, people[0], 1)["record"]["shared_by"] == 0
    older(world.tables, "waves")
    world.to_draw()
    world.tick()
    assert kept(world) == []


def test_a_gate_that_the_code_before_counted_without_weights_stops_the_freeze_loudly(world):
    world.enter(1)
    for gate in world.tables.items["gates"].values():
        gate.pop("weights", None)
    world.to_close()
    with pytest.raises(StepBlocked, match="gates are not frozen"):
        world.tick()
    assert world.phase() == "closed"


def test_an_account_and_a_letter_of_before_are_read_and_sent():
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    register(runtime, email="budi@contoh.id", key="k" * 16)
    message = last_letter(runtime)["message"]
    claimed = {"state": "sending", "claimed_at": runtime.clock() - 6 * MINUTE}
    runtime.tables.write(Update("outbox", {"message": message}, set=claimed))
    older(runtime.tables, "accounts", "readiness", "outbox")
    runtime.tables.items["accounts"][(applicant,)]["language"] = "id"
    assert me.show(runtime, applicant)["delivery"] == []
    deliver(runtime, message)
    assert runtime.tables.get("outbox", {"message": message})["state"] == "sent"
