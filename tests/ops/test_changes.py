"""After the draw: places taken back, reserves that move up, and the auditor's file."""

from __future__ import annotations

import csv
import json
import stat

import pytest
from click.testing import CliRunner

from functions.cloud.tables import Put
from functions.programme.audit import check
from functions.programme.times import DAY, iso
from functions.select import notes
from functions.select.aftermath import tend
from functions.select.beside import find_beside
from functions.select.entries import find_entry
from ops import audit, changes_applied
from ops.audit_sample import write_sample
from ops.changes import promote, remove
from ops.commands import cli
from ops.errors import Refused
from tests.select.world import PUBLIC_FILES, World

PEOPLE = 9


@pytest.fixture
def world():
    made = World()
    made.create(quota=3, reserve=3)
    for number in range(PEOPLE):
        made.enter(number, family=number // 3)
    made.finish()
    for applicant, (nik, _) in made.people.items():
        claim = {"claim": f"nik#{made.runtime.vault.mac('nik', nik)}", "applicant": applicant}
        made.tables.write(Put("claims", claim))
    return made


def until(world):
    return (world.clock() + 60 * DAY) // 1000


def by_outcome(world, outcome):
    """Applicants by rank."""
    found = [e for e in world.entries().values() if e["outcome"] == outcome]
    return [e["applicant"] for e in sorted(found, key=lambda e: e["rank"])]


def letters(world, template):
    rows = [row for row in world.tables.scan("outbox") if row["template"] == template]
    return sorted((row["applicant"], row["channel"]) for row in rows)


def ledger(world, kind):
    return sum(key[0].startswith(kind) for key in world.tables.items["ledgers"])


def command(world, *words, **more):
    given = {"runtime": lambda: world.runtime}
    env = {"GELOMBANG_OPERATOR": "sri"}
    return CliRunner().invoke(cli, ["draw", *map(str, words)], obj=given, env=env, **more)


def checked(world, tmp_path):
    """What a stranger's check of the public folder says."""
    tmp_path.mkdir(exist_ok=True)
    names = [*PUBLIC_FILES, *(f"{k}-{n}.note" for k in ("removals", "promotions") for n in (1, 2))]
    for name in names:
        data = find_beside(world.runtime.files, 1, name)
        if data is not None:
            (tmp_path / name).write_bytes(data)
    (tmp_path / "pins.json").write_bytes(world.pins())
    return notes.main([str(tmp_path)])


def test_a_place_taken_back_goes_to_the_first_of_the_reserve(world, tmp_path, capsys):
    lost, first = by_outcome(world, 1)[0], by_outcome(world, 2)[0]
    nik = world.people[lost][0]
    removed = remove(world.runtime, "sri", 1, [(nik, "false_declaration")])
    assert len(removed.standing.open_places) == 1
    assert ledger(world, "recipient#") == ledger(world, "family#") == 2
    assert ledger(world, "blacklisted#") == 1
    assert "recipient_of" not in world.tables.get("readiness", {"applicant": lost})
    changes = promote(world.runtime, "sri", 1, until(world))
    assert changes.standing.promoted == (world.entries()[first]["index"],)
    assert ledger(world, "recipient#") == ledger(world, "family#") == 3
    assert world.tables.get("readiness", {"applicant": first})["recipient_of"] == 1
    shown = find_entry(world.runtime, first, 1)["outcome"]
    assert shown["outcome"] == "selected" and shown["promoted_at"] == iso(world.clock())
    gone = find_entry(world.runtime, lost, 1)["outcome"]
    assert gone["removed_for"] == "false_declaration"
    assert letters(world, "removed") == [(lost, "mail")]
    assert letters(world, "outcome_promoted") == [(first, "mail"), (first, "sms")]
    assert checked(world, tmp_path) == 0
    assert "removed 1, promoted 1, open places 0, on reserve 2" in capsys.readouterr().out
    for name in ("removals-1.note", "promotions-1.note"):
        assert nik.encode() not in find_beside(world.runtime.files, 1, name)


def test_a_changed_note_is_noticed_by_anyone(world, tmp_path, capsys):
    remove(world.runtime, "sri", 1, [(by_outcome(world, 1)[0], "declined")])
    checked(world, tmp_path)
    path = tmp_path / "removals-1.note"
    path.write_bytes(path.read_bytes().replace(b"declined", b"died"))
    assert notes.main([str(tmp_path)]) == 1
    assert "FAILED notes: note_signature" in capsys.readouterr().out


def test_who_received_meanwhile_is_passed_over_with_the_reason(world):
    first, second, _ = by_outcome(world, 2)
    mac = world.entries()[first]["nik_mac"]
    item = {"subject": f"recipient#{mac}", "member": "-", "wave": 2}
    world.tables.write(Put("ledgers", item))
    remove(world.runtime, "sri", 1, [(by_outcome(world, 1)[0], "declined")])
    changes = promote(world.runtime, "sri", 1, until(world))
    (skipped, promoted) = changes.promotions[0].steps
    assert (skipped.index, skipped.reason) == (world.entries()[first]["index"], "past_recipient")
    assert promoted.index == world.entries()[second]["index"]
    assert world.entries()[first]["outcome"] == 2


def test_a_family_without_room_any_more_is_passed_over(world):
    first = by_outcome(world, 2)[0]
    family = world.entries()[first]["kk_mac"]
    for n in range(2):
        item = {"subject": f"family#{family}", "member": f"relative{n}", "wave": 0}
        world.tables.write(Put("ledgers", item))
    remove(world.runtime, "sri", 1, [(by_outcome(world, 1)[0], "declined")])
    steps = promote(world.runtime, "sri", 1, until(world)).promotions[0].steps
    assert steps[0].reason == "family_limit"


def test_a_command_that_was_cut_off_is_finished_by_the_next_and_tells_once(world, monkeypatch):
    lost, more = by_outcome(world, 1)[:2]
    real, calls = changes_applied.remove_entry, []

    def cut(*given):
        if len(calls) == 1:
            calls.append("killed")
            raise RuntimeError("killed")
        calls.append(given[3])
        real(*given)

    monkeypatch.setattr("ops.changes.remove_entry", cut)
    with pytest.raises(RuntimeError):
        remove(world.runtime, "sri", 1, [(lost, "declined"), (more, "died")])
    assert len(letters(world, "removed")) == 1 and "change" in world.wave()
    changes = promote(world.runtime, "budi", 1, until(world))
    assert len(letters(world, "removed")) == 2 and len(changes.standing.promoted) == 2
    assert "change" not in world.wave()
    assert len(letters(world, "outcome_promoted")) == 4
    found = list(audit.records(world.runtime))
    check(found)
    assert [(one.who, one.what) for one in found] == [("sri", "remove"), ("budi", "promote")]


def test_places_beyond_the_reserve_stay_open_and_are_shown(world):
    everyone = [(a, "declined") for a in by_outcome(world, 1) + by_outcome(world, 2)[:1]]
    remove(world.runtime, "sri", 1, everyone)
    promote(world.runtime, "sri", 1, until(world))
    ends = iso(until(world) * 1000)
    runtime = world.runtime
    shown = CliRunner().invoke(
        cli, ["wave", "show", "--wave", "1"], obj={"runtime": lambda: runtime}
    )
    assert json.loads(shown.output)["after_draw"] == {
        "removed": 4,
        "promoted": 2,
        "open_places": 1,
        "waiting": 0,
        "until": ends,
    }
    with pytest.raises(Refused, match="nobody to promote"):
        promote(runtime, "sri", 1, None)


def test_after_the_published_date_nobody_moves_up(world):
    lost, more = by_outcome(world, 1)[:2]
    with pytest.raises(Refused, match="give --until"):
        promote(world.runtime, "sri", 1, None)
    first = promote(world.runtime, "sri", 1, until(world))
    assert first.promotions[0].steps == ()
    ends = first.standing.until
    remove(world.runtime, "sri", 1, [(lost, "declined")])
    with pytest.raises(Refused, match="does not change"):
        promote(world.runtime, "sri", 1, ends + 1)
    world.clock.now = ends * 1000
    promote(world.runtime, "sri", 1, None)
    remove(world.runtime, "sri", 1, [(more, "declined")])
    world.clock.advance(1000)
    with pytest.raises(Refused, match="promotion_until"):
        promote(world.runtime, "sri", 1, None)


def test_only_an_announced_place_can_be_taken_back_and_only_once(world):
    lost, other = by_outcome(world, 1)[0], by_outcome(world, 3) + by_outcome(world, 4)
    remove(world.runtime, "sri", 1, [(lost, "declined")])
    for who in (lost, other[0]):
        with pytest.raises(Refused, match="removal_index"):
            remove(world.runtime, "sri", 1, [(who, "declined")])
    with pytest.raises(Refused, match="no entry in this wave"):
        remove(world.runtime, "sri", 1, [("f" * 32, "declined")])
    world.create(2, opens_at=world.clock() + 1000, closes_at=world.clock() + DAY)
    with pytest.raises(Refused, match="only an announced wave"):
        remove(world.runtime, "sri", 2, [(lost, "declined")])


def test_the_auditors_file_holds_all_taken_and_a_sample_and_is_its_owners_alone(world, tmp_path):
    path = tmp_path / "sample.csv"
    counts = write_sample(world.runtime, "sri", 1, path)
    assert counts == {"taken": 6, "sampled": PEOPLE, "commitment_differs": 0}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = list(csv.DictReader(path.open()))
    assert {(row["nik"], row["kk"]) for row in rows} == set(world.people.values())
    assert {row["commitment_holds"] for row in rows} == {"True"}
    assert sum(row["outcome"] == "selected" for row in rows) == 3
    (record,) = audit.records(world.runtime)
    assert (record.what, record.about) == ("audit_sample", "wave/1")
    with pytest.raises(Refused, match="cannot write"):
        write_sample(world.runtime, "sri", 1, path)


def test_the_sample_is_what_the_seed_names(world, tmp_path, monkeypatch):
    monkeypatch.setattr("ops.audit_sample.SAMPLE", 2)
    monkeypatch.setattr("ops.audit_sample.BLOCK", 4)
    path = tmp_path / "sample.jsonl"
    counts = write_sample(world.runtime, "sri", 1, path)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert counts["sampled"] == sum(row["sampled"] for row in rows) == 2
    assert all(row["taken"] or row["sampled"] for row in rows)


def test_a_person_who_changed_their_number_shows_in_the_sample(world, tmp_path):
    changed = sorted(world.people)[0]
    account = world.tables.items["accounts"][(changed,)]
    account["nik"] = world.runtime.vault.seal("accounts", changed, "nik", "3171010101999999")
    counts = write_sample(world.runtime, "sri", 1, tmp_path / "s.csv")
    assert counts["commitment_differs"] == 1


def test_the_commands_ask_for_the_number_and_say_where_the_wave_stands(world, tmp_path):
    nik = world.people[by_outcome(world, 1)[0]][0]
    done = command(world, "remove", 1, "--reason", "declined", input=f"{nik}\n")
    assert done.exit_code == 0, done.output
    assert "removed 1, promoted 0, open places 1, waiting 3" in done.output
    (tmp_path / "list.csv").write_text(f"nik,reason\n{nik},bored\n")
    wrong = command(world, "remove", 1, "--file", tmp_path / "list.csv")
    assert wrong.exit_code == 1 and "line 2: reason_unknown" in wrong.output
    done = command(world, "promote", 1, "--until", "2026-06-30T00:00:00Z")
    assert done.exit_code == 0 and "promoted 1" in done.output
    assert command(world, "remove", 1).exit_code == 2
    assert command(world, "audit-sample", 1, "--out", tmp_path / "a.csv").exit_code == 0
    assert "no report yet" in command(world, "report", 1).output
    tend(world.runtime)
    assert "too few" in command(world, "report", 1).output
    assert json.loads(command(world, "report", 1, "--json").output)["ranked"] == PEOPLE
