"""One applicant's proof: it shows their entry, and nothing else passes for it."""

import base64

import pytest

from functions.programme.draw import proof as proofs
from functions.programme.draw.allocation import Outcome
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.proof import make_proof, verify_proof
from functions.programme.draw.results import RECORD_SIZE as RESULT_SIZE
from functions.programme.draw.results import parse_results
from functions.programme.draw.roster import RECORD_SIZE
from functions.programme.draw.tree import ChunkTree
from tests.programme.draw.world import make_world, private, quick_beacon, vector

N = 700  # three chunks, the last one short
INDEXES = (0, 255, 256, 350, 511, 512, N - 1)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(proofs, "verify_beacon", quick_beacon)


def proof_of(files, wave, index):
    return make_proof(
        wave,
        index,
        ChunkTree(files["roster.bin"], RECORD_SIZE),
        ChunkTree(files["results.bin"], RESULT_SIZE),
    )


def small_files(files):
    """What a checker downloads: neither list is needed."""
    return {name: data for name, data in files.items() if not name.endswith(".bin")}


def check(index, proof=None, **changes):
    world = make_world(N)
    _, nik, kk, receipt = world.people[index]
    given = {
        "proof": proof or proof_of(world.files, 7, index),
        "files": small_files(world.files),
        "pins_bytes": world.pins_bytes,
        "receipt": receipt,
        "nik": nik,
        "kk": kk,
    }
    return verify_proof(**given | changes)


@pytest.mark.parametrize("index", INDEXES)
def test_first_middle_and_last_entries_can_be_proved(index):
    world = make_world(N)
    proven = check(index)
    results = parse_results(world.files["results.bin"], 0)
    assert proven.index == index
    assert proven.record.commitment == world.people[index][0]
    assert proven.result == results[index]
    before = sum(one.rank < proven.result.rank for one in results)
    assert before == proven.result.rank - 1 and len(proven.number) == 16


def test_numbers_stand_in_the_order_of_ranks():
    shown = sorted((check(index).result.rank, check(index).number) for index in INDEXES)
    assert [number for _, number in shown] == sorted(number for _, number in shown)


@pytest.mark.parametrize("name", ["tiny", "one", "plain", "pools", "unwitnessed", "fallback"])
def test_people_of_the_vectors_can_prove_their_entries(name):
    files, pins = vector(name)
    wave = private(name)["people"][0]["receipt"]["wave"]
    commitments = [
        files["roster.bin"][at : at + 32] for at in range(0, len(files["roster.bin"]), 40)
    ]
    for person in private(name)["people"]:
        receipt = person["receipt"]
        index = commitments.index(bytes.fromhex(receipt["commitment"]))
        proof = proof_of(files, wave, index)
        if len(commitments) <= 256:
            assert proof["roster_path"] == proof["results_path"] == []
        proven = verify_proof(proof, small_files(files), pins, receipt, person["nik"], person["kk"])
        assert (proven.result.outcome == Outcome.EXCLUDED) == bool(proven.record.status)


@pytest.mark.parametrize("field", ["roster_chunk", "results_chunk"])
def test_any_changed_byte_of_a_chunk_is_refused(field):
    proof = proof_of(make_world(N).files, 7, N - 1)
    chunk = base64.b64decode(proof[field])
    for at in range(0, len(chunk), 61):
        wrong = chunk[:at] + bytes([chunk[at] ^ 1]) + chunk[at + 1 :]
        encoded = base64.b64encode(wrong).decode()
        with pytest.raises(VerificationError, match=r"proof_root|roster_record|results_record"):
            check(N - 1, {**proof, field: encoded})
    for length, code in ((chunk[:-1], "proof_chunk"), (chunk + b"\0", "proof_chunk")):
        with pytest.raises(VerificationError, match=code):
            check(N - 1, {**proof, field: base64.b64encode(length).decode()})


@pytest.mark.parametrize("field", ["roster_path", "results_path"])
def test_any_changed_hash_of_a_path_is_refused(field):
    proof = proof_of(make_world(N).files, 7, 300)
    path = proof[field]
    assert len(path) == 2
    for at in range(2):
        for place in range(0, 64, 9):
            digit = "0" if path[at][place] != "0" else "1"
            hash_ = path[at][:place] + digit + path[at][place + 1 :]
            wrong = [*path[:at], hash_, *path[at + 1 :]]
            with pytest.raises(VerificationError, match="proof_root"):
                check(300, {**proof, field: wrong})
    for wrong in (path[:1], [*path, path[0]], [], path[::-1]):
        with pytest.raises(VerificationError, match=r"proof_path|proof_root"):
            check(300, {**proof, field: wrong})


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 2}, "json_value"),
        ({"wave": 8}, "proof_wave"),
        ({"index": 301}, "proof_commitment"),
        ({"index": 0}, "proof_root"),
        ({"index": N}, "proof_index"),
        ({"index": "300"}, "json_value"),
        ({"index": True}, "json_value"),
        ({"roster_path": "00"}, "json_value"),
        ({"roster_path": ["00"]}, "hex_malformed"),
        ({"roster_chunk": "!"}, "base64_malformed"),
        ({"more": 1}, "json_fields"),
    ],
)
def test_any_other_field_that_is_changed_is_refused(change, code):
    proof = proof_of(make_world(N).files, 7, 300)
    with pytest.raises(VerificationError, match=code):
        check(300, {**proof, **change})


def test_a_proof_does_not_serve_another_person():
    world = make_world(N)
    _, nik, kk, receipt = world.people[301]
    with pytest.raises(VerificationError, match="proof_commitment"):
        check(300, receipt=receipt, nik=nik, kk=kk)
    with pytest.raises(VerificationError, match="receipt_commitment"):
        check(300, nik=nik)
    with pytest.raises(VerificationError, match="receipt_signature"):
        check(300, receipt={**world.people[300][3], "joined_at": "2026-01-08T00:00:00Z"})


def test_a_proof_needs_the_results_of_the_same_wave():
    world = make_world(N)
    other = make_world(3)
    for name in ("roster.head", "result.head"):
        with pytest.raises(VerificationError):
            check(300, files=small_files(world.files) | {name: other.files[name]})
    with pytest.raises(VerificationError, match="params_policy"):
        check(300, pins_bytes=make_world(3, quorum=0).pins_bytes)


def test_an_entry_that_does_not_exist_has_no_proof():
    for index in (-1, N):
        with pytest.raises(VerificationError, match="proof_index"):
            proof_of(make_world(N).files, 7, index)
