"""An operator who edits tables and files by hand: each edit is found, by us or by anyone.

`draw verify` and the page in the browser find changed files (tests/programme/draw/); here it is the
tables behind them, up to an operator who mends the counters too.
"""

from __future__ import annotations

import json

import pytest

from functions.cloud.tables import Delete, Put, Update
from functions.programme.draw import proof as proofs
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.published import ROSTER
from functions.programme.draw.roster import parse_records
from functions.programme.tally import weight
from functions.select import entries, receipts
from functions.select.folder import read_public, write_public
from functions.select.proofs import find_proof
from functions.select.turn import StepBlocked
from tests.select.world import World


@pytest.fixture
def world():
    made = World()
    made.create(quota=1, reserve=1)
    for number in range(1, 6):
        made.enter(number)
    return made


@pytest.fixture
def victim(world):
    return next(iter(world.entries()))


def gate_of(world, applicant):
    return world.entries()[applicant]["gate"]


def taken_out(world, applicant):
    """The entry is deleted by hand, and its gate counts as if it had never been."""
    entry = world.entries()[applicant]
    place = {"gate": entry["gate"], "applicant": applicant}
    less = {"entries": -1, "weights": -weight(entry["commitment"])}
    world.tables.write(Delete("entries", place), Update("gates", {"gate": entry["gate"]}, add=less))


def look(world, receipt):
    """Where anyone finds a receipt on the public list."""
    files = {name: data for name, data in public(world).items() if name != ROSTER}
    return receipts.place_on_list(files, public(world)[ROSTER], world.pins(), receipt)


def public(world):
    return {
        name: read_public(world.runtime.files, 1, name)
        for name in ("params.json", "roster.head", ROSTER)
    }


def test_an_entry_deleted_by_hand_stops_the_freeze(world, victim):
    world.tables.write(Delete("entries", {"gate": gate_of(world, victim), "applicant": victim}))
    world.to_close()
    with pytest.raises(StepBlocked):
        world.tick()
    assert world.phase() == "closed"


def test_who_also_mends_the_counters_is_shown_up_by_the_receipt(world, victim):
    taken_out(world, victim)
    world.to_close()
    world.tick()
    assert world.phase() == "roster_published", "nothing of ours can tell any more"
    assert look(world, world.answers[victim]["receipt"]) is None
    for applicant in set(world.answers) - {victim}:
        place = look(world, world.answers[applicant]["receipt"])
        start = place * 40
        commitment = public(world)[ROSTER][start : start + 32]
        assert commitment.hex() == world.answers[applicant]["receipt"]["commitment"]


def test_so_is_who_puts_another_entry_in_its_place(world, victim):
    entry = world.entries()[victim]
    other = {**entry, "commitment": bytes(reversed(entry["commitment"]))}
    more = weight(other["commitment"]) - weight(entry["commitment"])
    world.tables.write(
        Put("entries", other), Update("gates", {"gate": entry["gate"]}, add={"weights": more})
    )
    world.to_close()
    world.tick()
    assert look(world, world.answers[victim]["receipt"]) is None


def test_a_receipt_that_nobody_signed_is_no_evidence(world, victim):
    taken_out(world, victim)
    world.to_close()
    world.tick()
    receipt = world.answers[victim]["receipt"]
    for change, code in (
        ({"commitment": "ab" * 32}, "receipt_signature"),
        ({"joined_at": "2026-01-05T05:02:00Z"}, "receipt_signature"),
        ({"wave": 2}, "receipt_wave"),
    ):
        with pytest.raises(VerificationError) as error:
            look(world, {**receipt, **change})
        assert (error.value.step, error.value.code) == ("receipt", code)


def test_the_command_tells_the_same_from_a_folder(world, victim, tmp_path, capsys):
    taken_out(world, victim)
    world.to_close()
    world.tick()
    for name, data in {**public(world), "pins.json": world.pins()}.items():
        (tmp_path / name).write_bytes(data)
    kept = next(applicant for applicant in world.answers if applicant != victim)
    for applicant in (victim, kept):
        (tmp_path / applicant).write_text(json.dumps(world.answers[applicant]["receipt"]))
    pinned = ["--pins", str(tmp_path / "pins.json")]
    assert receipts.main([str(tmp_path), str(tmp_path / victim), *pinned]) == 1
    assert receipts.main([str(tmp_path), str(tmp_path / kept)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("NOT LISTED: ") and told[0].endswith("keys pinned")
    assert told[1].startswith("listed: record ") and told[1].endswith("keys not pinned")
    roster = bytearray(public(world)[ROSTER])
    roster[0] ^= 1
    (tmp_path / ROSTER).write_bytes(roster)
    assert receipts.main([str(tmp_path), str(tmp_path / kept)]) == 1
    assert capsys.readouterr().out.startswith("FAILED roster: roster_root")
    (tmp_path / kept).write_text("[" * 100_000)
    assert receipts.main([str(tmp_path), str(tmp_path / kept)]) == 2
    assert receipts.main([str(tmp_path), str(tmp_path / "nobody")]) == 2


def proven(world, applicant):
    """What the public files prove of an applicant, by the proof that select hands out."""
    files = world.files()
    found = find_proof(world.runtime, applicant, 1)
    receipt = world.answers[applicant]["receipt"]
    return proofs.verify_proof(found, files, world.pins(), receipt, *world.people[applicant])


def test_edits_of_tables_after_the_freeze_change_no_list_and_contradict_the_proofs(world, victim):
    world.to_close()
    world.tick()
    before = public(world)
    place = {"gate": gate_of(world, victim), "applicant": victim}
    record = {**world.entries()[victim]["record"], "status": 1, "reasons": ["blacklisted"]}
    world.tables.write(Update("entries", place, set={"record": record, "exclusions": ["official"]}))
    world.to_draw()
    world.tick()
    assert public(world) == before
    assert {record.status for record in parse_records(before[ROSTER])} == {0}
    told = world.entries()
    loser = next(a for a, entry in told.items() if entry["outcome"] == 3)
    place = {"gate": told[loser]["gate"], "applicant": loser}
    world.tables.write(Update("entries", place, set={"outcome": 1}))
    shown = entries.find_entry(world.runtime, loser, 1)["outcome"]["outcome"]
    result = proven(world, loser).result
    assert (shown, entries.OUTCOMES[result.outcome]) == ("selected", "not_selected")


def test_a_public_list_edited_before_the_draw_stops_it(world):
    world.to_close()
    world.tick()
    data = bytearray(public(world)[ROSTER])
    data[len(data) // 2] ^= 1
    write_public(world.runtime.files, 1, ROSTER, bytes(data))
    world.to_draw()
    with pytest.raises((StepBlocked, VerificationError)):
        world.tick()
    assert world.phase() == "roster_published"
