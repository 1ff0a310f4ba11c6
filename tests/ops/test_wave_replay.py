"""Wave 11 again, in small: places taken back from those who bought nothing go to the next wave."""

from __future__ import annotations

import json
import logging

import pytest
from click.testing import CliRunner

from functions.programme.audit import check
from functions.programme.times import DAY, HOUR, SECOND, iso, wib_date
from functions.select import notes
from functions.select.beside import find_beside
from functions.select.entries import find_entry
from functions.select.waves import wave_answer
from ops import audit
from ops.commands import cli
from tests.select.world import PUBLIC_FILES, World, kk_of, nik_of

PEOPLE = 9


@pytest.fixture
def story():
    return Story()


class Story(World):
    """A stage that is operated by its commands alone; all that they say is kept."""

    def __init__(self):
        super().__init__()
        self.said = ""

    def operate(self, *words, by="sri", fails=False):
        given = {"runtime": lambda: self.runtime}
        env = {"GELOMBANG_OPERATOR": by}
        done = CliRunner().invoke(cli, [str(word) for word in words], obj=given, env=env)
        assert (done.exit_code != 0) is fails, (words, done.output, done.exception)
        self.said += done.output
        return done.output

    def announce(self, wave, quota, *more, fails=False):
        """`wave create`; a wave that opens in a moment, for an hour."""
        times = ("--opens", iso(self.clock() + SECOND), "--closes", iso(self.clock() + HOUR))
        given = ("--wave", wave, "--quota", quota, "--shards", 2)
        return self.operate("wave", "create", *given, *times, *more, fails=fails)

    def hold(self, wave, applicants):
        """All of these join, and the wave goes to its end by itself."""
        self.clock.advance(2 * SECOND)
        for applicant in applicants:
            self.join(applicant, wave)
        self.clock.now = self.wave(wave)["closes_at"]
        self.tick()
        self.to_draw(wave)
        self.tick()
        assert self.phase(wave) == "announced"

    def outcome(self, applicant, wave):
        return find_entry(self.runtime, applicant, wave)["outcome"]

    def shown(self, wave):
        return json.loads(self.operate("wave", "show", "--wave", wave))

    def nik(self, applicant):
        return self.people[applicant][0]

    def to_day(self, wave, days):
        """Noon in Jakarta, so many days after a wave was announced."""
        midnight = (self.wave(wave)["announced_at"] + 7 * HOUR) // DAY * DAY - 7 * HOUR
        self.clock.now = midnight + days * DAY + 12 * HOUR


def test_wave_eleven_is_played_again_from_its_recipients_to_the_next_waves_quota(
    story, tmp_path, capsys, caplog
):
    caplog.set_level(logging.DEBUG)
    people = [story.person(number) for number in range(PEOPLE)]
    had = people[0]
    old = tmp_path / "recipients.csv"
    old.write_text(f"nik,kk,wave\n{story.nik(had)},{kk_of(0)},10\n{nik_of(70)},{kk_of(70)},10\n")
    assert "2 would be entered" in story.operate("recipients", "import", old, "--dry-run")
    story.operate("recipients", "import", old)

    story.announce(11, 4)
    story.hold(11, people)
    assert story.outcome(had, 11)["reasons"] == ["past_recipient"]
    chosen = [one for one in people if story.outcome(one, 11)["outcome"] == "selected"]
    assert len(chosen) == 4
    early, on_the_last_day, late, never = chosen

    day_of = [wib_date(story.wave(11)["announced_at"] + n * DAY) for n in range(32)]
    sold = tmp_path / "purchases.csv"
    stranger = next(one for one in people if one not in chosen)
    story.to_day(11, 30)
    sold.write_text(
        f"nik,bought_on\n{story.nik(early)},{day_of[3]}\n{story.nik(on_the_last_day)},{day_of[30]}\n"
        f"{story.nik(stranger)},{day_of[3]}\n{story.nik(never)},yesterday\n"
    )
    said = story.operate("purchases", "import", sold, "--wave", 11, fails=True)
    assert said.splitlines() == [
        "line 4: not_a_recipient",
        "line 5: date_format",
        "2 entered, 0 there already, 2 wrong",
    ]
    counted = story.operate("wave", "revoke", 11, "--dry-run")
    assert "2 bought, 2 still may" in counted and "0 are due" in counted
    assert "too early" in story.operate("wave", "revoke", 11, fails=True)

    story.to_day(11, 31)
    sold.write_text(f"nik,bought_on\n{story.nik(late)},{day_of[31]}\n")
    story.operate("purchases", "import", sold, "--wave", 11)
    counted = story.operate("wave", "revoke", 11, "--dry-run").splitlines()
    assert counted == [
        "4 hold a place: 2 bought, 0 still may",
        "2 are due, 1 of them bought too late",
    ]
    assert story.outcome(never, 11)["removed_for"] is None
    story.operate("wave", "revoke", 11)
    refused = story.operate("wave", "revoke", 11, "--confirm", fails=True)
    assert "another operator must confirm" in refused
    done = story.operate("wave", "revoke", 11, "--confirm", by="budi")
    assert done == "removed 2, promoted 0, open places 2, waiting 0\n"
    for one in (late, never):
        assert story.outcome(one, 11)["removed_for"] == "no_training_bought"
    mails = [
        row["applicant"] for row in story.tables.scan("outbox") if row["template"] == "removed"
    ]
    assert sorted(mails) == sorted((late, never))
    listed = {i["reason"] for i in story.tables.scan("ledgers") if "blacklisted#" in i["subject"]}
    assert listed == {"no_training_bought"}

    story.announce(12, 3, "--returned-from", 11)
    assert (story.shown(12)["quota"], story.shown(12)["returned_from"]) == (5, {"11": 2})
    told = wave_answer(story.wave(12), story.clock())
    assert (told["quota"], told["returned_from"]) == (5, {"11": 2})
    assert story.shown(11)["given"] == {"12": 2}
    again = story.announce(13, 1, "--returned-from", 11, fails=True)
    assert "2 are given already" in again
    left = [one for one in people if one not in (early, on_the_last_day, had)]
    story.hold(12, left)
    for one in (late, never):
        assert story.outcome(one, 12)["reasons"] == ["blacklisted"]
    fresh = [one for one in left if one not in (late, never)]
    assert {story.outcome(one, 12)["outcome"] for one in fresh} == {"selected"}

    _a_stranger_checks(story, tmp_path / "folder", capsys)
    acts = list(audit.records(story.runtime))
    check(acts)
    assert [(one.who, one.what) for one in acts][-4:] == [
        ("sri", "purchases_import_done"),
        ("sri", "revoke_ask"),
        ("budi", "revoke"),
        ("sri", "quota_returned"),
    ]
    everything = story.said + caplog.text + str(acts) + str(list(story.tables.scan("ledgers")))
    assert not any(nik in everything or kk in everything for nik, kk in story.people.values())


def _a_stranger_checks(story, folder, capsys):
    """The notes of wave 11 hold, and say how many places are open."""
    folder.mkdir()
    for name in (*PUBLIC_FILES, "removals-1.note"):
        (folder / name).write_bytes(find_beside(story.runtime.files, 11, name))
    (folder / "pins.json").write_bytes(story.pins())
    assert notes.main([str(folder)]) == 0
    assert "removed 2, promoted 0, open places 2" in capsys.readouterr().out
