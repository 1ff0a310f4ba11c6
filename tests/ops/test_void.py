"""Ending a wave before its round: two operators, witnesses in time, everyone told once."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from functions.programme.audit import check
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.published import open_published
from functions.programme.draw.void import VOID_NOTE, open_void
from functions.programme.times import DAY, MINUTE, SECOND
from functions.select.aftermath import tend
from functions.select.beside import find_beside
from functions.select.waves import find_pins, list_waves
from functions.web.errors import Conflict
from ops import audit
from ops.commands import cli
from ops.errors import Refused
from ops.void import ask, confirm
from tests.select.world import CLOSES_AT, MARGIN, OPENS_AT, World

WHY = ("records_wrong", "Two family cards were taken for one.")


@pytest.fixture
def world():
    made = World()
    made.create()
    for number in range(5):
        made.enter(number, family=number // 3)
    made.to_close()
    made.tick()
    assert made.phase() == "roster_published"
    return made


def end(world, wave=1):
    ask(world.runtime, "sri", wave, *WHY)
    return confirm(world.runtime, world.witnesses, "budi", wave)


def letters(world):
    return [row for row in world.tables.scan("outbox") if row["template"] == "wave_void"]


def last_moment(world):
    return world.wave()["draw_at"] - MARGIN * SECOND - 1


def test_two_operators_end_a_wave_with_a_public_note(world):
    void = end(world)
    assert world.phase() == "void"
    note = find_beside(world.runtime.files, 1, VOID_NOTE)
    assert open_void(note, find_pins(world.runtime)) == void
    assert (void.reason, void.sentence) == WHY and len(void.witness_times) == 3
    (shown,) = list_waves(world.runtime)
    assert shown["phase"] == "void"
    assert (shown["void"]["reason"], shown["void"]["sentence"]) == WHY
    acts = list(audit.records(world.runtime))
    check(acts)
    assert [(one.who, one.what) for one in acts] == [
        ("sri", "void_ask"),
        ("budi", "void_confirm"),
        ("budi", "void"),
    ]


def test_a_void_wave_is_never_drawn_and_no_verifier_takes_its_head(world):
    draw_at = world.wave()["draw_at"]
    end(world)
    world.clock.now = draw_at + MINUTE
    world.tick()
    assert world.phase() == "void" and not list(world.tables.scan("ledgers"))
    files = {
        name: find_beside(world.runtime.files, 1, name)
        for name in ("params.json", "roster.head", VOID_NOTE)
    }
    with pytest.raises(VerificationError, match="wave_void"):
        open_published(files, world.pins(), lambda _: None)


def test_everyone_is_told_once_and_free_to_join_the_next_wave(world):
    end(world)
    for _ in range(3):
        tend(world.runtime)
    assert sorted(row["applicant"] for row in letters(world)) == sorted(world.people)
    assert "void_told_at" in world.wave()
    for applicant in world.people:
        readiness = world.tables.get("readiness", {"applicant": applicant})
        assert "open_waves" not in readiness and "recipient_of" not in readiness
    now = world.clock()
    world.create(2, opens_at=now + SECOND, closes_at=now + 60 * MINUTE)
    world.join(sorted(world.people)[0], 2)
    world.clock.now = now + 61 * MINUTE
    world.tick()
    assert world.phase(2) == "roster_published"


def test_the_telling_goes_on_where_it_was_cut_off(world):
    end(world)
    gone = sorted(world.people)[0]
    world.tables.items["readiness"].pop((gone,))
    write, left = world.tables.write, [3]

    def cut(*actions):
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("killed")
        write(*actions)

    world.tables.write = cut
    tend(world.runtime)
    assert "void_told_at" not in world.wave()
    world.tables.write = write
    world.clock.advance(5 * MINUTE)
    tend(world.runtime)
    assert sorted(row["applicant"] for row in letters(world)) == sorted(world.people)[1:]
    assert "void_told_at" in world.wave()


def test_one_operator_alone_ends_nothing(world):
    with pytest.raises(Refused, match="nobody has asked"):
        confirm(world.runtime, world.witnesses, "budi", 1)
    ask(world.runtime, "sri", 1, *WHY)
    for same in ("sri", "SRI"):
        with pytest.raises(Refused, match="another operator"):
            confirm(world.runtime, world.witnesses, same, 1)
    assert world.phase() == "roster_published"


def test_a_request_is_confirmed_within_a_day():
    world = World()
    world.create(opens_at=OPENS_AT, closes_at=CLOSES_AT + 5 * DAY)
    ask(world.runtime, "sri", 1, *WHY)
    world.clock.advance(DAY)
    with pytest.raises(Refused, match="nobody has asked"):
        confirm(world.runtime, world.witnesses, "budi", 1)


def test_too_late_is_too_late_by_the_operators_clock_and_by_the_witnesses(world):
    ask(world.runtime, "sri", 1, *WHY)
    world.clock.now = last_moment(world)
    behind = world.runtime.clock()
    world.witnesses.clock = lambda: behind + 1
    with pytest.raises(Refused, match="the draw stands"):
        confirm(world.runtime, world.witnesses, "budi", 1)
    world.clock.advance(1)
    with pytest.raises(Refused, match="too late"):
        confirm(world.runtime, world.witnesses, "budi", 1)
    with pytest.raises(Refused, match="too late"):
        ask(world.runtime, "sri", 1, *WHY)
    world.to_draw()
    world.tick()
    assert world.phase() == "announced"
    with pytest.raises(Refused, match="only a wave before its round"):
        ask(world.runtime, "sri", 1, *WHY)


def test_without_a_quorum_nothing_is_ended_until_more_witnesses_answer(world):
    ask(world.runtime, "sri", 1, *WHY)
    names = [witness.name for witness in world.witnesses.signers]
    world.witnesses.away.add(names[0])
    world.witnesses.wrong.add(names[1])
    with pytest.raises(Refused, match="1 of 2 witnesses"):
        confirm(world.runtime, world.witnesses, "budi", 1)
    assert world.phase() == "roster_published"
    with pytest.raises(Refused, match="confirmed already"):
        ask(world.runtime, "sri", 1, "authority", "Another reason.")
    world.witnesses.away.clear()
    assert confirm(world.runtime, world.witnesses, "sri", 1).reason == WHY[0]
    assert world.phase() == "void"


def test_a_wave_that_is_still_open_is_ended_and_takes_nobody_any_more():
    world = World()
    world.create()
    world.enter(1)
    void = end(world)
    assert void.roster_digest == bytes(32)
    tend(world.runtime)
    with pytest.raises(Conflict, match="wave_closed"):
        world.join(world.person(2))
    assert len(letters(world)) == 1


def test_repeating_a_confirmation_changes_nothing(world):
    first = end(world)
    assert confirm(world.runtime, world.witnesses, "budi", 1) == first
    assert len(list(audit.records(world.runtime))) == 3


def test_a_sentence_is_plain(world):
    for sentence in ("", "x" * 301, "dua\nbaris"):
        with pytest.raises(Refused, match="plain letters"):
            ask(world.runtime, "sri", 1, "authority", sentence)


def test_the_command_asks_and_another_operator_confirms(world):
    def command(*words, operator):
        given = {"runtime": lambda: world.runtime, "witnesses": world.witnesses}
        env = {"GELOMBANG_OPERATOR": operator}
        return CliRunner().invoke(cli, ["wave", "void", "1", *words], obj=given, env=env)

    asked = command("--reason", WHY[0], "--sentence", WHY[1], operator="sri")
    assert asked.exit_code == 0 and "--confirm" in asked.output
    assert command("--confirm", operator="sri").exit_code == 1
    done = command("--confirm", operator="budi")
    assert done.exit_code == 0, done.output
    assert "wave 1 is void: records_wrong" in done.output and "3 witnesses" in done.output
    assert command(operator="sri").exit_code == 2
    assert command("--confirm", "--reason", WHY[0], operator="sri").exit_code == 2
