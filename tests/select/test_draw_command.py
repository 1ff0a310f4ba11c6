"""The draw's command line: what it writes, what it says, and its exit codes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from functions.programme.draw.allocation import Outcome
from functions.programme.draw.commitment import verify_receipt
from functions.programme.draw.heads import open_roster_head
from functions.programme.draw.keys import ED25519, Signer
from functions.programme.draw.notes import sign_note
from functions.programme.draw.params import parse_params
from functions.programme.draw.pins import parse_pins
from functions.programme.draw.results import parse_results
from functions.programme.draw.roster import parse_roster
from functions.programme.draw.void import VOID_NOTE, void_text
from functions.select.draw import SEED_VARIABLE, main
from tests.programme.draw.world import quick_beacon

VECTORS = Path(__file__).parent / "vectors"
PUBLIC = ("params.json", "roster.bin", "roster.head", "beacon.json", "results.bin", "result.head")
STEPS = [
    *("ok pins", "ok params", "ok roster_head", "ok beacon", "ok roster"),
    *("ok result_head", "ok results", "ok draw", "ok beacon_signature"),
]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Each round's signature is really verified, but only the first time it is met."""
    monkeypatch.setattr("functions.select.draw.verify_beacon", quick_beacon)
    monkeypatch.setattr("functions.programme.draw.verify.verify_beacon", quick_beacon)


def invent(folder: Path, entries: int = 300, seed: str = "7", *more: str) -> int:
    wanted = ["--entries", str(entries), "--seed", seed, "--quota", "30", "--reserve", "5"]
    return main(["synthesize", *wanted, "--out", str(folder), *more], {})


def copy(name: str, folder: Path, *without: str) -> Path:
    folder = folder / name
    shutil.copytree(VECTORS / name, folder)
    for file in without:
        (folder / file).unlink()
    return folder


def lines(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_an_invented_wave_is_drawn_and_verified(tmp_path, capsys):
    wave = tmp_path / "wave"
    assert invent(wave, 300, "7", "--pool", "papua:4", "--pool", "difabel:6") == 0
    assert {file.name for file in wave.iterdir()} == {
        *("pins.json", "params.json", "roster.bin", "roster.head", "beacon.json", "private.json")
    }
    assert main(["run", str(wave)], {}) == 0
    (said,) = lines(capsys)
    figures = json.loads(said)
    assert figures["entries"] == 300 and figures["selected"] == 30 and figures["reserve"] == 5
    assert set(figures["cpu_seconds"]) == {
        *("open", "root", "roster", "beacon", "order", "allocate", "results", "head", "write")
    }
    assert all(seconds >= 0 for seconds in figures["cpu_seconds"].values())
    assert figures["peak_memory_bytes"] > 1_000_000
    assert main(["verify", str(wave)], {}) == 0
    said = lines(capsys)
    assert said[: len(STEPS)] == STEPS
    assert "witnesses: 2 of 3, quorum 2" in said
    assert said[-1] == "keys not pinned"
    assert main(["verify", str(wave), "--plain"], {}) == 0
    assert lines(capsys) == said


def test_an_invented_wave_has_families_exclusions_and_people_with_receipts(tmp_path):
    assert invent(tmp_path, 2000, "families", "--pool", "papua:4") == 0
    pins = parse_pins((tmp_path / "pins.json").read_bytes())
    params = parse_params((tmp_path / "params.json").read_bytes())
    records = parse_roster((tmp_path / "roster.bin").read_bytes(), pins.family_limit, 1)
    assert len(records) == 2000
    assert {record.status for record in records} == {0, 1}
    assert {(record.room, bool(record.group)) for record in records if not record.status} == {
        *((2, False), (2, True), (1, True))
    }
    assert {record.pool for record in records} == {0, 1}
    private = json.loads((tmp_path / "private.json").read_bytes())
    assert int(private["beacon_secret"], 16) > 0
    names = {pins.operator.name, pins.receipts.name, *(key.name for key in pins.witnesses)}
    assert set(private["ed25519_seeds"]) == names
    assert len(private["people"]) == 5
    for record, person in zip(records, private["people"], strict=False):
        nik, kk = person["nik"], person["kk"]
        receipt = verify_receipt(person["receipt"], pins.receipts, params.digest, nik, kk)
        assert receipt.commitment == record.commitment
        assert params.opens_at <= receipt.joined_at < params.closes_at
        assert nik[12] == kk[12] == "9"
    head = open_roster_head((tmp_path / "roster.head").read_bytes(), pins)
    assert len(head.witness_times) == 2


def test_the_same_seed_gives_the_same_wave_and_another_seed_another(tmp_path):
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert invent(tmp_path / name, 60, seed) == 0
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert (tmp_path / "a/roster.bin").read_bytes() != (tmp_path / "c/roster.bin").read_bytes()
    assert (tmp_path / "a/pins.json").read_bytes() != (tmp_path / "c/pins.json").read_bytes()


@pytest.mark.parametrize("entries", [0, 1])
def test_a_wave_of_nobody_or_one_person_can_be_drawn(tmp_path, entries):
    assert invent(tmp_path, entries, "small") == 0
    assert main(["run", str(tmp_path)], {}) == 0
    assert main(["verify", str(tmp_path)], {}) == 0
    assert len((tmp_path / "results.bin").read_bytes()) == 8 * entries


@pytest.mark.parametrize("name", ["pools", "fallback"])
def test_running_a_vector_writes_its_results_byte_for_byte(name, tmp_path):
    wave = copy(name, tmp_path, "results.bin", "result.head")
    assert main(["run", str(wave)], {}) == 0
    for file in ("results.bin", "result.head"):
        assert (wave / file).read_bytes() == (VECTORS / name / file).read_bytes()
    assert not [file for file in wave.iterdir() if file.name.startswith(".")]


def test_the_operators_seed_may_come_from_the_environment(tmp_path):
    wave = copy("tiny", tmp_path, "results.bin", "result.head")
    private = json.loads((wave / "private.json").read_bytes())
    (wave / "private.json").unlink()
    seed = private["ed25519_seeds"]["undian.example/operator"]
    assert main(["run", str(wave)], {SEED_VARIABLE: seed}) == 0
    assert (wave / "result.head").read_bytes() == (VECTORS / "tiny/result.head").read_bytes()


@pytest.mark.parametrize("seed", [None, "", "00" * 31, "zz" * 32, "00" * 32, "AB" * 32])
def test_without_the_operators_seed_nothing_is_written(seed, tmp_path, capsys):
    wave = copy("tiny", tmp_path, "results.bin", "result.head", "private.json")
    assert main(["run", str(wave)], {} if seed is None else {SEED_VARIABLE: seed}) == 2
    assert "seed" in capsys.readouterr().err
    assert not (wave / "results.bin").exists() and not (wave / "result.head").exists()


def test_a_private_file_without_the_operator_is_wrong_usage(tmp_path):
    wave = copy("tiny", tmp_path, "results.bin", "result.head")
    for text in ("", "[]", "{}", '{"ed25519_seeds": {"undian.example/operator": 5}}'):
        (wave / "private.json").write_text(text)
        assert main(["run", str(wave)], {}) == 2
    assert not (wave / "results.bin").exists()


@pytest.mark.parametrize(
    ("file", "step"),
    [
        *(("params.json", "params"), ("roster.head", "roster_head"), ("roster.bin", "roster")),
        ("beacon.json", "beacon"),
    ],
)
def test_a_wave_that_does_not_hold_is_not_drawn(file, step, tmp_path, capsys):
    wave = copy("tiny", tmp_path, "results.bin", "result.head")
    (wave / file).write_bytes((wave / file).read_bytes()[:-1])
    assert main(["run", str(wave)], {}) == 1
    assert f"FAILED {step}: " in capsys.readouterr().err
    assert not (wave / "results.bin").exists()


def test_a_round_with_a_forged_signature_is_not_drawn(tmp_path, capsys):
    wave = copy("tiny", tmp_path, "results.bin", "result.head")
    shutil.copy(VECTORS / "one/beacon.json", wave / "beacon.json")
    assert main(["run", str(wave)], {}) == 1
    assert "FAILED beacon_signature: beacon_signature" in capsys.readouterr().err
    assert not (wave / "results.bin").exists()


@pytest.mark.parametrize(
    ("file", "step"),
    [
        *(("params.json", "params"), ("roster.head", "roster_head"), ("roster.bin", "roster")),
        *(("beacon.json", "beacon"), ("result.head", "result_head"), ("results.bin", "results")),
    ],
)
def test_verify_says_which_step_failed(file, step, tmp_path, capsys):
    wave = copy("tiny", tmp_path)
    (wave / file).write_bytes((wave / file).read_bytes() + b"\n")
    assert main(["verify", str(wave), "--pins", str(VECTORS / "tiny/pins.json")], {}) == 1
    said = lines(capsys)
    assert [line for line in said if line.startswith(f"FAILED {step}: ")]
    assert f"ok {step}" not in said and said[-1] == "keys pinned"
    (wave / file).unlink()
    assert main(["verify", str(wave)], {}) == 1
    assert f"FAILED {step}: file_missing file={file}" in lines(capsys)


def test_a_void_note_beside_the_files_ends_the_wave(tmp_path, capsys):
    wave = copy("unwitnessed", tmp_path)
    pins = parse_pins((wave / "pins.json").read_bytes())
    params = parse_params((wave / "params.json").read_bytes())
    head = open_roster_head((wave / "roster.head").read_bytes(), pins)
    seed = json.loads((wave / "private.json").read_bytes())["ed25519_seeds"][pins.operator.name]
    text = void_text(
        params.wave, params.digest, head.digest, head.published_at, "authority", "By a court."
    )
    operator = Signer(pins.operator.name, ED25519, bytes.fromhex(seed))
    (wave / VOID_NOTE).write_bytes(sign_note(text, operator))
    assert main(["verify", str(wave)], {}) == 1
    assert "FAILED roster_head: wave_void reason=authority" in lines(capsys)
    (wave / "results.bin").unlink()
    assert main(["run", str(wave)], {}) == 1
    assert not (wave / "results.bin").exists()


def test_own_pins_are_the_ones_that_count(tmp_path, capsys):
    wave = copy("tiny", tmp_path)
    own = tmp_path / "own.json"
    shutil.move(wave / "pins.json", own)
    assert main(["verify", str(wave), "--pins", str(own)], {}) == 0
    assert lines(capsys)[-1] == "keys pinned"
    shutil.copy(VECTORS / "one/pins.json", own)
    assert main(["verify", str(wave), "--pins", str(own)], {}) == 1
    assert "FAILED params: params_policy" in lines(capsys)


def test_a_forger_with_pins_of_their_own_is_found_out_by_pinned_keys(tmp_path, capsys):
    forged = tmp_path / "forged"
    assert invent(forged, 3, "forger") == 0
    assert main(["run", str(forged)], {}) == 0
    assert main(["verify", str(forged)], {}) == 0
    assert lines(capsys)[-1] == "keys not pinned"
    assert main(["verify", str(forged), "--pins", str(VECTORS / "tiny/pins.json")], {}) == 1


def test_a_wave_without_quorum_says_whose_word_the_time_is(capsys):
    assert main(["verify", str(VECTORS / "unwitnessed")], {}) == 0
    said = lines(capsys)
    assert "publication time: operator's word only" in said
    assert "witnesses: 0 of 3, quorum 0" in said and said[-1] == "keys not pinned"


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["redraw"], ["verify"], ["run"], ["verify", "/nowhere/at/all"]),
        *(["run", "/nowhere/at/all"], ["verify", "--pins"], ["verify", "a", "b"]),
        ["verify", str(VECTORS / "tiny"), "--pins", "/nowhere/at/all"],
        ["verify", str(VECTORS / "tiny/params.json")],
        ["synthesize", "--entries", "1"],
    ],
)
def test_wrong_usage_ends_with_two(arguments, capsys):
    assert main(arguments, {}) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    "more",
    [
        *(["--pool", "papua"], ["--pool", "papua:0"], ["--pool", ":5"], ["--pool", "papua:31"]),
        *(["--pool", "a:1", "--pool", "a:1"], ["--entries", "-1"], ["--quota", "4294967296"]),
        ["--reserve", "many"],
    ],
)
def test_a_wave_that_cannot_be_announced_is_not_invented(more, tmp_path):
    assert invent(tmp_path / "wave", 3, "7", *more) == 2
    assert not (tmp_path / "wave").exists()


def test_inventing_does_not_bury_the_results_of_another_wave(tmp_path):
    wave = copy("tiny", tmp_path)
    before = {file.name: file.read_bytes() for file in wave.iterdir()}
    assert invent(wave, 3) == 2
    assert {file.name: file.read_bytes() for file in wave.iterdir()} == before


def test_the_published_results_are_what_the_command_counts(tmp_path, capsys):
    wave = copy("unfilled", tmp_path, "results.bin", "result.head")
    assert main(["run", str(wave)], {}) == 0
    figures = json.loads(lines(capsys)[0])
    results = parse_results((wave / "results.bin").read_bytes(), 1)
    for outcome in Outcome:
        assert figures[outcome.name.lower()] == sum(one.outcome == outcome for one in results)


def test_the_module_runs_as_a_command():
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "functions.select.draw", "verify", str(VECTORS / "tiny")],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and done.stdout.splitlines()[: len(STEPS)] == STEPS
    assert done.stderr == ""
