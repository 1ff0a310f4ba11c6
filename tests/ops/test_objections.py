"""Objections from the applicant's request to an officer's answer."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from functions.programme.audit import check
from functions.programme.objections import ANSWERS, CLAIM_LIFE, REASONS
from functions.programme.times import SECOND, iso
from functions.select.entries import entry_of, find_entry
from functions.select.objections import object_to
from functions.web.errors import Conflict
from ops import audit
from ops.commands import cli
from ops.errors import Refused
from ops.objections import answer, take_next, waiting
from tests.select.world import MARGIN, World

WORDS = "Saya belum pernah menerima bantuan ini.\nMohon diperiksa."


@pytest.fixture
def world():
    made = World()
    made.create()
    for number in range(4):
        made.enter(number, family=number // 3)
    made.to_close()
    made.tick()
    return made


def objects(world, applicant, key="k" * 36, reason="not_past_recipient", text=WORDS):
    wave, entry = entry_of(world.runtime, applicant, 1)
    return object_to(world.runtime, wave, entry, reason=reason, text=text, request_key=key)


def someone(world, number=0):
    return sorted(world.people)[number]


def command(world, *words, operator="sri"):
    given = {"runtime": lambda: world.runtime}
    env = {"GELOMBANG_OPERATOR": operator}
    return CliRunner().invoke(cli, ["objections", *map(str, words)], obj=given, env=env)


def acts(world):
    found = list(audit.records(world.runtime))
    check(found)
    return [(record.who, record.what, record.about) for record in found]


def letters(world):
    rows = world.tables.scan("outbox")
    return [row for row in rows if row["template"].startswith("objection_")]


def test_an_objection_waits_sealed_and_shows_in_the_own_entry(world):
    applicant = someone(world)
    shown = find_entry(world.runtime, applicant, 1)
    assert shown["objection"] is None
    until = world.wave()["draw_at"] - MARGIN * SECOND
    assert shown["objection_until"] == iso(until)
    objects(world, applicant)
    objection = find_entry(world.runtime, applicant, 1)["objection"]
    assert objection["state"] == "waiting" and objection["text"] == WORDS
    assert objection["answer"] is objection["sentence"] is objection["answered_at"] is None
    (stored,) = world.tables.scan("objections")
    assert WORDS not in str(stored) and b"menerima" not in stored["text"]


def test_an_entry_has_one_objection_and_a_repeat_the_same(world):
    applicant = someone(world)
    first = objects(world, applicant)
    assert objects(world, applicant) == first
    with pytest.raises(Conflict, match="already_objected"):
        objects(world, applicant, key="other" * 8)
    assert len(list(world.tables.scan("objections"))) == 1


def test_it_is_possible_from_the_publication_until_the_wave_can_no_longer_be_ended():
    world = World()
    world.create()
    applicant = world.enter(1)
    with pytest.raises(Conflict, match="objection_not_yet"):
        objects(world, applicant)
    world.to_close()
    world.tick()
    world.clock.now = world.wave()["draw_at"] - MARGIN * SECOND
    with pytest.raises(Conflict, match="objection_over"):
        objects(world, applicant)
    world.clock.now -= 1
    objects(world, applicant)
    world.to_draw()
    world.tick()
    assert world.phase() == "announced"
    with pytest.raises(Conflict, match="already_objected"):
        objects(world, applicant, key="late" * 9)
    assert find_entry(world.runtime, applicant, 1)["objection_until"] is None


def test_an_officer_sees_the_record_and_the_ledgers_but_not_who_it_is(world):
    applicant = someone(world)
    objects(world, applicant)
    facts = json.loads(command(world, "next", "--json").output)
    assert facts["objection"] == f"{applicant}/1" and facts["text"] == WORDS
    assert facts["record"]["status"] == 0 and facts["record"]["room"] == 2
    assert facts["ledgers"] == {
        "recipient_of": None,
        "blacklisted": None,
        "family_recipients": 0,
    }
    for number in world.people[applicant]:
        assert number not in json.dumps(facts)
    assert acts(world) == [("sri", "view_objection", f"{applicant}/1")]
    assert "takes part" in command(world, "next").output


def test_the_longest_waiting_comes_first_and_no_two_officers_get_the_same(world):
    for number in (2, 0, 1):
        world.clock.advance(1000)
        objects(world, someone(world, number))
    first = take_next(world.runtime, "sri").name
    assert first == f"{someone(world, 2)}/1"
    assert take_next(world.runtime, "budi").name == f"{someone(world, 0)}/1"
    assert take_next(world.runtime, "sri").name == first
    world.clock.advance(CLAIM_LIFE)
    assert take_next(world.runtime, "tuti").name == first


@pytest.mark.parametrize("verdict", list(ANSWERS))
def test_an_answer_is_told_once_by_mail_and_on_the_dashboard(world, verdict):
    applicant = someone(world)
    objects(world, applicant)
    name, code = take_next(world.runtime, "sri").name, ANSWERS[verdict][0]
    words = ["answer", name, verdict, "--code", code, "--sentence", "Sudah kami cocokkan."]
    done = command(world, *words)
    assert done.exit_code == 0 and done.output.startswith(verdict)
    assert ("wave void 1" in done.output) == (verdict == "upheld")
    assert command(world, *words).output.startswith("already")
    (letter,) = letters(world)
    assert (letter["template"], letter["applicant"]) == (f"objection_{verdict}", applicant)
    objection = find_entry(world.runtime, applicant, 1)["objection"]
    assert (objection["state"], objection["answer"]) == (verdict, code)
    assert objection["sentence"] == "Sudah kami cocokkan."
    assert list(waiting(world.runtime)) == []
    assert acts(world)[-1] == ("sri", f"objection_{verdict}", name)


def test_only_who_holds_it_answers_and_only_with_a_known_code(world):
    objects(world, someone(world))
    name = f"{someone(world)}/1"
    given = ("dismissed", "record_right", "Benar.")
    with pytest.raises(Refused, match="does not hold"):
        answer(world.runtime, "sri", name, *given)
    take_next(world.runtime, "budi")
    with pytest.raises(Refused, match="does not hold"):
        answer(world.runtime, "sri", name, *given)
    with pytest.raises(Refused, match="for one of"):
        answer(world.runtime, "budi", name, "upheld", "record_right", "Benar.")
    with pytest.raises(Refused, match="signs"):
        answer(world.runtime, "budi", name, "dismissed", "record_right", " ")
    world.clock.advance(CLAIM_LIFE)
    with pytest.raises(Refused, match="does not hold"):
        answer(world.runtime, "budi", name, *given)
    with pytest.raises(Refused, match="no objection"):
        answer(world.runtime, "budi", "nobody/1", *given)
    take_next(world.runtime, "sri")
    answer(world.runtime, "sri", name, *given)
    with pytest.raises(Refused, match="is answered"):
        answer(world.runtime, "budi", name, *given)
    assert len(letters(world)) == 1


def test_the_list_counts_what_waits(world):
    assert command(world, "list").output == "nothing is waiting\n"
    objects(world, someone(world))
    objects(world, someone(world, 1))
    take_next(world.runtime, "sri")
    world.clock.advance(60_000)
    assert command(world, "list").output == (
        "wave 1  2 waiting, 1 being looked at, oldest 0 h 1 min\n".replace("0 h ", "")
    )


def test_reasons_are_few_and_known():
    assert len(set(REASONS)) == len(REASONS) == 7
