"""`python -m functions.upload.check`, as scripts call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from functions.upload.check import main
from tests.upload.photo_files import CLEAR, ktp, nik_on, selfie

ROOT = Path(__file__).parents[2]
KEYS = ["file", "accepted", "reasons", "details", "nik", "review", "millis"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "functions.upload.check", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture
def photos(tmp_path: Path) -> dict[str, Path]:
    contents = {
        "good.jpg": ktp(),
        "dark.jpg": ktp(CLEAR, "dark"),
        "note.jpg": b"text",
        "me.jpg": selfie(),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in contents}


def test_it_prints_one_object_a_line_in_the_order_of_the_files_and_exits_0(photos) -> None:
    files = [photos["good.jpg"], photos["note.jpg"], photos["dark.jpg"]]
    done = run("--kind", "ktp", "--nik", nik_on(), "--jsonl", *files)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0 and done.stderr == ""
    assert [list(line) for line in lines] == [KEYS] * 3
    assert [line["file"] for line in lines] == [str(file) for file in files]
    assert [line["accepted"] for line in lines] == [True, False, False]
    assert [line["reasons"] for line in lines] == [[], ["wrong_format"], ["too_dark"]]
    assert [line["nik"] for line in lines] == [nik_on(), None, None]
    assert {"decode", "read"} <= set(lines[0]["millis"])


def test_another_number_than_the_one_on_the_card_is_refused(photos, capsys) -> None:
    typed = ["--nik", "3171010101909555"]
    assert main(["--kind", "ktp", *typed, "--jsonl", str(photos["good.jpg"])]) == 0
    line = json.loads(capsys.readouterr().out)
    assert (line["accepted"], line["reasons"]) == (False, ["nik_mismatch"])
    assert line["nik"] == nik_on() and line["details"]["nik_mismatch"]["digits"] > 1


def test_refusals_alone_exit_with_0_too(photos, capsys) -> None:
    assert main(["--kind", "ktp", "--jsonl", str(photos["note.jpg"])]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"] is False


def test_selfies_are_judged_as_selfies(photos, capsys) -> None:
    assert main(["--kind", "selfie", "--jsonl", str(photos["me.jpg"])]) == 0
    assert json.loads(capsys.readouterr().out)["accepted"] is True


def test_a_huge_file_is_not_read_whole_and_too_large(tmp_path, capsys) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(50_000_000_000)  # sparse: takes no room on the disk
    assert main(["--kind", "ktp", "--jsonl", str(huge)]) == 0
    assert json.loads(capsys.readouterr().out)["reasons"] == ["too_large"]


def test_it_works_from_a_folder_elsewhere(photos, tmp_path) -> None:
    command = [
        sys.executable,
        "-m",
        "functions.upload.check",
        "--kind",
        "ktp",
        "--jsonl",
        "good.jpg",
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and json.loads(done.stdout)["accepted"] is True


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--kind"),
        (["--kind", "ktp", "--jsonl"], "FILE"),
        (["--kind", "passport", "--jsonl", "good.jpg"], "passport"),
        (["--kind", "ktp", "good.jpg"], "--jsonl"),
        (["--kind", "ktp", "--jsonl", "missing.jpg"], "no such file: missing.jpg"),
        (["--kind", "ktp", "--jsonl", "good.jpg", "missing.jpg"], "no such file: missing.jpg"),
        (["--kind", "ktp", "--jsonl", "."], "no such file: ."),
        (["--kind", "ktp", "--nik", "123", "--jsonl", "good.jpg"], "16 digits"),
    ],
)
def test_wrong_usage_exits_with_2_says_why_and_judges_nothing(
    arguments, named, photos, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(photos["good.jpg"].parent)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    printed = capsys.readouterr()
    assert ended.value.code == 2
    assert named in printed.err and printed.out == ""
