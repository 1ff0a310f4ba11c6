"""Recipients and blacklist as operators enter them: row by row, by macs alone, on the record."""

from __future__ import annotations

import logging

import pytest
from click.testing import CliRunner

from functions.programme.audit import check
from functions.programme.ledgers import BLACKLISTED_FOR
from ops import audit
from ops.commands import cli
from ops.ledgers import recipient_of
from tests.select.world import World, kk_of, nik_of


@pytest.fixture
def world():
    return World()


def command(world, *words, **more):
    given = {"runtime": lambda: world.runtime}
    env = {"GELOMBANG_OPERATOR": "sri"}
    return CliRunner().invoke(cli, [str(word) for word in words], obj=given, env=env, **more)


def listing(tmp_path, *rows, heading="nik,kk,wave"):
    path = tmp_path / "list.csv"
    path.write_text("\n".join((heading, *rows)) + "\n")
    return path


def kept(world):
    return dict(world.tables.items["ledgers"])


def test_past_recipients_are_entered_with_their_family(world, tmp_path):
    path = listing(tmp_path, f"{nik_of(1)},{kk_of(1)},0", f" {nik_of(2)} ,{kk_of(1)},3")
    tried = command(world, "recipients", "import", path, "--dry-run")
    assert tried.output == "2 would be entered, 0 there already, 0 wrong\n"
    assert kept(world) == {} and not list(audit.records(world.runtime))
    assert command(world, "recipients", "import", path).exit_code == 0
    family = f"family#{world.runtime.vault.mac('kk', kk_of(1))}"
    assert sum(key[0] == family for key in kept(world)) == 2
    assert recipient_of(world.runtime, nik_of(2)) == 3
    again = command(world, "recipients", "import", path)
    assert again.output == "0 entered, 2 there already, 0 wrong\n"
    assert command(world, "recipients", "list").output == "wave 0  1\nwave 3  1\n"
    mac = world.runtime.vault.mac("nik", nik_of(2))
    assert command(world, "recipients", "list", "--wave", 3).output == f"{mac[:16]}\n"


def test_each_wrong_row_is_named_by_line_and_code_and_the_others_are_entered(world, tmp_path):
    good = f"{nik_of(1)},{kk_of(1)},1"
    rows = [
        good,
        f"12345,{kk_of(2)},1",
        f"{nik_of(3)},{kk_of(3)[:-1]},1",
        f"99{nik_of(4)[2:]},{kk_of(4)},1",
        f"{nik_of(5)},99{kk_of(5)[2:]},1",
        f"{nik_of(6)},{kk_of(6)},first",
        f"{nik_of(7)},{kk_of(7)}",
        f"{nik_of(1)},{kk_of(1)},2",
    ]
    answer = command(world, "recipients", "import", listing(tmp_path, *rows))
    assert answer.exit_code == 1
    assert answer.output.splitlines() == [
        "line 3: nik_format",
        "line 4: kk_format",
        "line 5: nik_province",
        "line 6: kk_province",
        "line 7: wave_format",
        "line 8: row_fields",
        "line 9: nik_twice",
        "1 entered, 0 there already, 7 wrong",
    ]
    other = command(world, "recipients", "import", listing(tmp_path, good[:-1] + "2"))
    assert other.output.startswith("line 2: other_wave")


def test_a_file_of_another_kind_is_refused_whole(world, tmp_path):
    for path in (
        listing(tmp_path, heading="nik,wave"),
        listing(tmp_path, heading="nik,kk,wave,name"),
    ):
        answer = command(world, "recipients", "import", path)
        assert answer.exit_code == 1 and "the first line must be nik,kk,wave" in answer.output
    (tmp_path / "bytes").write_bytes(b"nik,kk,wave\n\xff\xfe")
    assert "cannot read" in command(world, "recipients", "import", tmp_path / "bytes").output


def test_recipients_wait_until_a_closed_wave_is_announced(world, tmp_path):
    world.create()
    world.enter(1)
    world.to_close()
    world.tick()
    path = listing(tmp_path, f"{nik_of(1)},{kk_of(1)},0")
    refused = command(world, "recipients", "import", path)
    assert refused.exit_code == 1 and "between close and announcement" in refused.output
    world.to_draw()
    world.tick()
    assert command(world, "recipients", "import", path).output.startswith("line 2: other_wave")


def test_numbers_are_neither_stored_nor_logged_nor_recorded(world, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    rows = [f"{nik_of(1)},{kk_of(1)},1", f"{nik_of(2)},99{kk_of(2)[2:]},1"]
    shown = command(world, "recipients", "import", listing(tmp_path, *rows)).output
    path = listing(tmp_path, f"{nik_of(3)},misuse", heading="nik,reason")
    shown += command(world, "blacklist", "import", path).output
    shown += command(world, "blacklist", "add", "--reason", "misuse", input=f"{nik_of(4)}\n").output
    everything = shown + caplog.text + str(kept(world))
    everything += str(list(audit.records(world.runtime)))
    for number in range(1, 5):
        assert nik_of(number) not in everything and kk_of(number) not in everything


def test_the_blacklist_is_imported_added_to_and_taken_from(world, tmp_path):
    rows = [f"{nik_of(n)},{reason}" for n, reason in enumerate(BLACKLISTED_FOR)]
    path = listing(tmp_path, *rows, f"{nik_of(9)},because", heading="nik,reason")
    answer = command(world, "blacklist", "import", path)
    assert answer.output.splitlines() == [
        "line 6: reason_unknown",
        f"{len(rows)} entered, 0 there already, 1 wrong",
    ]
    add = ("blacklist", "add", "--reason", "misuse")
    assert command(world, *add, input=f"{nik_of(8)}\n").output.endswith("new\n")
    assert command(world, *add, input=f"{nik_of(8)}\n").output.endswith("same\n")
    assert command(world, *add, input=f"{nik_of(0)}\n").exit_code == 1
    assert command(world, *add, input="12\n").exit_code == 1
    remove = ("blacklist", "remove", "--reason", "court order of the capital")
    assert command(world, *remove, input=f"{nik_of(8)}\n").exit_code == 0
    assert "not on the blacklist" in command(world, *remove, input=f"{nik_of(8)}\n").output
    bad = ("blacklist", "remove", "--reason", f"wrong {nik_of(0)}")
    assert "without numbers" in command(world, *bad, input=f"{nik_of(0)}\n").output
    found = list(audit.records(world.runtime))
    check(found)
    assert [record.what for record in found] == [
        *("blacklist_import", "blacklist_import_done", "blacklist_add", "blacklist_remove"),
    ]


def test_who_is_entered_or_listed_is_excluded_at_the_freeze_and_told_why(world, tmp_path):
    world.create(quota=9)
    recipient, listed, relative, free = (
        world.enter(n, family=f) for n, f in ((1, 1), (2, 2), (3, 1), (4, 4))
    )
    path = listing(tmp_path, f"{nik_of(1)},{kk_of(1)},0", f"{nik_of(50)},{kk_of(1)},0")
    assert command(world, "recipients", "import", path).exit_code == 0
    path = listing(tmp_path, f"{nik_of(2)},misuse", heading="nik,reason")
    assert command(world, "blacklist", "import", path).exit_code == 0
    world.to_close()
    world.tick()
    reasons = {a: entry["record"]["reasons"] for a, entry in world.entries().items()}
    assert reasons == {
        recipient: ["past_recipient"],
        listed: ["blacklisted"],
        relative: ["family_limit"],
        free: [],
    }
