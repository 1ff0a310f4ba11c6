"""Objection, void, report, removal and promotion over the cloud's own interfaces, on moto."""

from __future__ import annotations

import json

from functions.cloud.tables import Put
from functions.programme.audit import check
from functions.programme.times import DAY, HOUR, SECOND
from functions.select.aftermath import tend
from functions.select.beside import BIAS, find_beside
from functions.select.entries import entry_of, find_entry
from functions.select.objections import object_to
from ops import audit, objections
from ops.changes import promote, remove
from ops.void import ask, confirm
from tests.select.test_wave_on_moto import world

__all__ = ["world"]  # the fixture
PEOPLE = 6


def test_what_surrounds_a_draw_works_on_the_cloud(world):
    runtime = world.runtime
    world.create(quota=2, reserve=2)
    people = [world.enter(n) for n in range(PEOPLE)]
    world.to_close()
    world.tick()
    wave, entry = entry_of(runtime, people[0], 1)
    object_to(runtime, wave, entry, reason="other", text="Mohon diperiksa.", request_key="k" * 36)
    case = objections.take_next(runtime, "sri")
    assert case.text == "Mohon diperiksa." and case.ledgers["family_recipients"] == 0
    assert objections.take_next(runtime, "budi") is None
    given = (case.name, "dismissed", "record_right", "Sudah cocok.")
    assert objections.answer(runtime, "sri", *given) == "dismissed"
    assert find_entry(runtime, people[0], 1)["objection"]["sentence"] == "Sudah cocok."

    world.to_draw()
    world.tick()
    assert world.phase() == "announced"
    tend(runtime)
    assert json.loads(find_beside(runtime.files, 1, BIAS))["ranked"] == PEOPLE
    for applicant, (nik, _) in world.people.items():
        claim = {"claim": f"nik#{runtime.vault.mac('nik', nik)}", "applicant": applicant}
        world.tables.write(Put("claims", claim))
    by_rank = sorted(world.entries().values(), key=lambda one: one["rank"])
    lost, _, waiting, second = (one["applicant"] for one in by_rank[:4])
    nik = world.people[lost][0]
    remove(runtime, "sri", 1, [(nik, "false_declaration"), (waiting, "declined")])
    changes = promote(runtime, "sri", 1, (world.clock() + DAY) // SECOND)
    assert changes.standing.promoted == (world.entries()[second]["index"],)
    assert world.tables.get("readiness", {"applicant": second})["recipient_of"] == 1
    assert "recipient_of" not in world.tables.get("readiness", {"applicant": lost})
    ledgers = {item["subject"].split("#")[0] for item in world.tables.scan("ledgers")}
    assert ledgers == {"recipient", "family", "blacklisted"}
    check(audit.records(runtime))


def test_a_wave_is_ended_on_the_cloud(world):
    world.create(closes_at=world.clock() + HOUR)
    applicant = world.enter(1)
    world.to_close()
    world.tick()
    ask(world.runtime, "sri", 1, "authority", "By order of the court.")
    confirm(world.runtime, world.witnesses, "budi", 1)
    tend(world.runtime)
    assert world.phase() == "void" and "void_told_at" in world.wave()
    assert "open_waves" not in world.tables.get("readiness", {"applicant": applicant})
    rows = [r["template"] for r in world.tables.scan("outbox")]
    assert sorted(rows) == ["joined", "wave_void"]
