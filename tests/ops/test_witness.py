"""The witness: one head per operator and wave, kept before it is answered."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from functions.cloud.beacons import MOST_ANSWER_BYTES, signature_in
from functions.cloud.witnesses import HttpWitnesses
from functions.programme.draw.heads import roster_head_text
from functions.programme.draw.keys import COSIGNATURE, ED25519, Signer, parse_verifier_key
from functions.programme.draw.notes import (
    add_signatures,
    check_signatures,
    parse_note,
    sign_note,
)
from functions.programme.draw.void import NO_HEAD, void_text
from ops.witness import MOST_NOTE_BYTES, Signed, create_app
from tests.fakes import NOON, FakeClock

OPERATOR = Signer("gelombang.example/operator", ED25519, b"o" * 32)
ROOT = Path(__file__).parents[2]
STRANGER = Signer("gelombang.example/operator", ED25519, b"s" * 32)
NOW = NOON // 1000


def head(wave=1, root=b"r" * 32, signer=OPERATOR):
    return sign_note(roster_head_text(wave, b"p" * 32, 3, root, NOW), signer)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def witness(tmp_path, clock):
    return started(tmp_path, clock)


def started(folder, clock, operator_key=None, **more):
    app = create_app(
        name="witness-a.example",
        seed=b"a" * 32,
        operator_key=operator_key or str(OPERATOR.verifier),
        folder=folder,
        clock=clock,
        **more,
    )
    return app.test_client()


def times(witness, note, line):
    key = parse_verifier_key(witness.get("/key").text.strip(), COSIGNATURE)
    return check_signatures(parse_note(add_signatures(note, [line])), [key]).witness_times


def test_a_head_is_cosigned_with_the_witnesss_own_time(witness, clock):
    clock.advance(5_000)
    answer = witness.post("/cosign", data=head())
    assert answer.status_code == 200
    assert times(witness, head(), answer.data) == (("witness-a.example", NOW + 5),)


def test_the_same_head_again_gets_the_same_line(witness, clock):
    first = witness.post("/cosign", data=head()).data
    clock.advance(60_000)
    assert witness.post("/cosign", data=head()).data == first


def test_another_head_for_the_same_wave_is_refused_and_another_wave_is_not(witness):
    assert witness.post("/cosign", data=head()).status_code == 200
    assert witness.post("/cosign", data=head(root=b"x" * 32)).status_code == 409
    assert witness.post("/cosign", data=head(wave=2)).status_code == 200


def test_a_restarted_witness_remembers(witness, tmp_path, clock):
    first = witness.post("/cosign", data=head()).data
    clock.advance(60_000)
    again = started(tmp_path, clock)
    assert again.post("/cosign", data=head()).data == first
    assert again.post("/cosign", data=head(root=b"x" * 32)).status_code == 409


def test_what_was_signed_is_public_with_both_signatures(witness):
    assert witness.get("/signed/1").status_code == 404
    line = witness.post("/cosign", data=head()).data
    assert witness.get("/signed/1").data == add_signatures(head(), [line])


def test_a_head_that_the_operator_did_not_sign_is_refused(witness):
    assert witness.post("/cosign", data=head(signer=STRANGER)).status_code == 403
    changed = head().replace(b"\n3\n", b"\n4\n")
    assert witness.post("/cosign", data=changed).status_code == 403
    assert witness.get("/signed/1").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"gelombang/roster/v1\n",
        sign_note(b"gelombang/void/v1\n1\n", OPERATOR),
        sign_note(b"gelombang/result/v1\n1\n", OPERATOR),
        b"\xff\n\n\xff\n",
    ],
)
def test_anything_but_a_roster_head_is_refused(witness, body):
    assert witness.post("/cosign", data=body).status_code == 400


def test_of_fifty_different_heads_at_once_one_is_signed(tmp_path, clock):
    def ask(number):
        note = head(root=bytes([number]) * 32)
        return started(tmp_path, clock).post("/cosign", data=note).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(50)))
    assert answers.count(200) == 1 and answers.count(409) == 49
    assert [path.suffix for path in tmp_path.iterdir()] == [".note"]


def test_the_operators_key_may_be_asked_for_each_time(tmp_path, clock):
    witness = started(tmp_path, clock, operator_key=lambda: f"{OPERATOR.verifier}\n")
    assert witness.post("/cosign", data=head()).status_code == 200


@pytest.fixture
def served(tmp_path, clock):
    app = create_app(
        name="witness-a.example",
        seed=b"a" * 32,
        operator_key=str(OPERATOR.verifier),
        folder=tmp_path,
        clock=clock,
    )
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def test_witnesses_that_are_down_or_refuse_are_left_out(served):
    witnesses = HttpWitnesses(["http://127.0.0.1:9", served, f"{served}/nowhere"])
    (line,) = witnesses.cosign(head())
    assert line.startswith("— witness-a.example ".encode())
    assert witnesses.cosign(head(root=b"x" * 32)) == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b'{"round": 7}',
        b'{"round": 8, "signature": "' + b"ab" * 48 + b'"}',
        b'{"round": 7, "signature": "' + b"ab" * 47 + b'"}',
        b'{"round": 7, "signature": 5}',
        b'{"round": 7, "signature": "zz"}',
        b"[" * MOST_ANSWER_BYTES,
    ],
)
def test_an_answer_of_a_relay_that_is_not_this_round_is_no_candidate(answer):
    assert signature_in(answer, 7) is None


def test_the_signature_of_a_round_is_taken_from_a_relays_answer():
    answer = b'{"round": 7, "randomness": "00", "signature": "' + b"ab" * 48 + b'"}'
    assert signature_in(answer, 7) == b"\xab" * 48


def void(wave=1, reason="authority", signer=OPERATOR, at=NOW):
    text = void_text(wave, b"p" * 32, NO_HEAD, at, reason, "A court has ordered it.")
    return sign_note(text, signer)


def test_a_void_note_is_cosigned_once_beside_the_head(witness):
    assert witness.post("/cosign", data=head()).status_code == 200
    line = witness.post("/cosign", data=void()).data
    assert times(witness, void(), line) == (("witness-a.example", NOW),)
    assert witness.post("/cosign", data=void()).data == line
    assert witness.post("/cosign", data=void(reason="not_reachable")).status_code == 409
    assert witness.get("/signed/1/void").data == add_signatures(void(), [line])


def test_all_that_was_signed_is_listed(witness):
    assert witness.get("/signed").text == ""
    for note in (head(wave=12), head(wave=3), void(wave=3)):
        assert witness.post("/cosign", data=note).status_code == 200
    listed = "3 gelombang/roster/v1\n3 gelombang/void/v1\n12 gelombang/roster/v1\n"
    assert witness.get("/signed").text == listed


@pytest.mark.parametrize(
    ("line", "text"),
    [(1, "0"), (1, "01"), (1, "9" * 12), (2, "pp"), (3, "-1"), (4, "AB" * 32), (5, "today")],
)
def test_a_head_with_one_malformed_line_is_refused_although_it_is_signed(witness, line, text):
    lines = parse_note(head()).text.decode().splitlines()
    lines[line] = text
    note = sign_note("".join(f"{one}\n" for one in lines).encode(), OPERATOR)
    assert witness.post("/cosign", data=note).status_code == 400
    assert witness.get("/signed").text == ""


def test_a_note_from_the_future_is_refused_and_may_come_again_in_time(witness, clock):
    note = void(at=NOW + 3600)
    assert witness.post("/cosign", data=note).status_code == 400
    clock.advance(3_600_000)
    assert witness.post("/cosign", data=note).status_code == 200


def test_a_note_that_is_too_long_is_not_read(witness):
    assert witness.post("/cosign", data=b"x" * (MOST_NOTE_BYTES + 1)).status_code == 413


def test_requests_are_bounded_by_the_minute(tmp_path, clock):
    witness = started(tmp_path, clock, most_a_minute=3)
    answers = [witness.post("/cosign", data=b"?").status_code for _ in range(4)]
    assert answers == [400, 400, 400, 429]
    clock.advance(60_000)
    assert witness.post("/cosign", data=head()).status_code == 200


# Signs one head like the served program, and dies by SIGKILL at a named call of the system.
DYING = """
import os, signal, sys
from pathlib import Path
from ops.witness import create_app
folder, call, operator, note = sys.argv[1:]
real = getattr(os, call)
def die(*given, **named):
    done = real(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, call, die)
app = create_app(name="witness-a.example", seed=b"a" * 32, operator_key=operator,
                 folder=Path(folder), clock=lambda: 1_767_960_000_000)
app.test_client().post("/cosign", data=bytes.fromhex(note))
"""


@pytest.mark.parametrize(("call", "kept"), [("fsync", False), ("link", True), ("unlink", True)])
def test_a_witness_killed_before_its_answer_never_signs_a_second_head(tmp_path, call, kept, clock):
    command = [sys.executable, "-c", DYING, str(tmp_path), call, str(OPERATOR.verifier)]
    died = subprocess.run([*command, head().hex()], cwd=ROOT, check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    before = Signed(tmp_path).find(OPERATOR.verifier, 1)
    assert (before is not None) == kept
    Signed(tmp_path).sweep()
    again = started(tmp_path, clock)
    first, second = head(), head(root=b"x" * 32)
    if kept:
        assert again.post("/cosign", data=second).status_code == 409
        line = again.post("/cosign", data=first).data
        assert add_signatures(first, [line]) == before
    else:
        assert again.post("/cosign", data=second).status_code == 200
        assert again.post("/cosign", data=first).status_code == 409
    assert [path.suffix for path in tmp_path.iterdir()] == [".note"]
