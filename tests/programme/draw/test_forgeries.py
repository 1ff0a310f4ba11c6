"""What an operator could publish and even sign, and the verifier refuses all the same."""

from dataclasses import replace

import pytest
from py_ecc.bls.g2_primitives import G1_to_pubkey
from py_ecc.optimized_bls12_381 import G1

from functions.programme.draw import verify
from functions.programme.draw.beacon import Beacon, beacon_json
from functions.programme.draw.commitment import make_commitment, make_receipt, parse_receipt
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_roster_head
from functions.programme.draw.notes import parse_note, sign_note
from functions.programme.draw.results import parse_results, results_bytes
from functions.programme.draw.roster import parse_records, roster_bytes
from functions.programme.draw.verify import verify_wave
from tests.programme.draw.points import point_forgeries
from tests.programme.draw.world import (
    CLOSES_AT,
    OPERATOR,
    RECEIPTS,
    SECRET,
    World,
    digest,
    make_params,
    make_pins,
    make_world,
    public_key,
    quick_beacon,
    refused,
    sign_round,
)

N = 40


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(verify, "verify_beacon", quick_beacon)


def test_the_wave_that_the_forgeries_begin_with_holds():
    report = verify_wave(make_world(N).files, make_world(N).pins_bytes)
    assert report.witnesses == 3 and report.wave.head.n == N


def test_a_result_that_was_swapped_and_signed_is_refused():
    world = make_world(N)
    results = parse_results(world.files["results.bin"], 0)
    winner = next(i for i, one in enumerate(results) if one.outcome == 1)
    loser = next(i for i, one in enumerate(results) if one.outcome != 1)
    results[winner], results[loser] = results[loser], results[winner]
    refused(world.with_results(results_bytes(results)), "results_differ", "draw")


def test_an_entry_dropped_after_the_beacon_changes_the_seed():
    world = make_world(N)
    records = [one for one in parse_records(world.files["roster.bin"]) if not one.group]
    refused(world.with_roster(roster_bytes(records)), "result_roster", "result_head")


def test_a_signed_roster_out_of_order_is_refused():
    world = make_world(N)
    roster = world.files["roster.bin"]
    refused(world.with_roster(roster[40:] + roster[:40]), "roster_order", "roster")


def test_an_entry_given_more_room_than_the_limit_is_refused():
    world = make_world(N)
    records = [
        one._replace(room=3) if one.group else one
        for one in parse_records(world.files["roster.bin"])
    ]
    refused(world.with_roster(roster_bytes(records)), "roster_record", "roster")


def test_an_entry_in_a_pool_that_does_not_exist_is_refused():
    world = make_world(N)
    first, *rest = parse_records(world.files["roster.bin"])
    refused(
        world.with_roster(roster_bytes([first._replace(pool=1), *rest])), "roster_record", "roster"
    )


def head_lines(world):
    return open_roster_head(world.files["roster.head"], world.pins).text.decode().splitlines()


@pytest.mark.parametrize(
    ("line", "text", "code"),
    [
        (0, "gelombang/roster/v2", "head_malformed"),
        (1, "07", "decimal_malformed"),
        (1, "8", "roster_wave"),
        (2, "00" * 32, "roster_params"),
        (3, "+40", "decimal_malformed"),
        (4, "AA" * 32, "hex_malformed"),
        (5, "2026-01-09 05:20:00Z", "time_malformed"),
        (5, "2026-01-09T05:20:00Z\n", "head_malformed"),
        (5, "2026-01-09T05:20:00Z\nmore", "head_malformed"),
        (5, "2026-01-09T05:20:00Z\r", "time_malformed"),
        (1, "７", "head_malformed"),
    ],
)
def test_a_head_with_another_text_is_refused_although_everyone_signed(line, text, code):
    world = make_world(N)
    lines = head_lines(world)
    lines[line] = text
    forged = world.with_head_text("".join(f"{one}\n" for one in lines).encode())
    refused(forged, code, "roster_head")


@pytest.mark.parametrize(("n", "code"), [("39", "roster_entries"), ("41", "roster_entries")])
def test_a_head_that_counts_wrongly_is_refused(n, code):
    world = make_world(N)
    lines = head_lines(world)
    lines[3] = n
    head = world.with_head_text("".join(f"{one}\n" for one in lines).encode())
    refused(head, code, "roster")


def test_a_head_without_the_operator_is_refused():
    world = make_world(N)
    note = parse_note(world.files["roster.head"])
    without = replace(note, lines=note.lines[1:]).to_bytes()
    forged = replace(world, files=world.files | {"roster.head": without})
    refused(forged, "operator_signature_missing", "roster_head")


def test_the_receipts_key_does_not_publish():
    world = make_world(N)
    text = open_roster_head(world.files["roster.head"], world.pins).text
    forged = replace(world, files=world.files | {"roster.head": sign_note(text, RECEIPTS)})
    refused(forged, "operator_signature_missing", "roster_head")


def test_too_few_witnesses_are_refused():
    world = make_world(N)
    note = parse_note(world.files["roster.head"])
    one = replace(note, lines=note.lines[:2]).to_bytes()
    refused(
        replace(world, files=world.files | {"roster.head": one}), "witness_quorum", "roster_head"
    )
    two = replace(note, lines=note.lines[:3]).to_bytes()
    assert verify_wave(world.files | {"roster.head": two}, world.pins_bytes).witnesses == 2


def test_a_list_published_before_the_close_is_refused():
    world = make_world(N)
    early = world.with_roster(world.files["roster.bin"], CLOSES_AT - 31)
    refused(early, "published_before_close", "roster_head")


def test_a_late_list_is_drawn_with_a_later_round_only():
    world = make_world(N)
    late = world.with_roster(world.files["roster.bin"], CLOSES_AT + 86_400)
    refused(late, "beacon_round", "beacon")
    report = verify_wave(late.drawn().files, world.pins_bytes)
    assert report.wave.beacon.round == world.params.round + world.pins.fallback_rounds


def test_a_round_signed_by_someone_else_is_refused():
    world = make_world(N)
    forged = beacon_json(replace(sign_round(SECRET + 1, world.params.round)))
    refused(
        replace(world, files=world.files | {"beacon.json": forged}), "result_seed", "result_head"
    )


def test_a_result_of_a_forged_round_is_refused_by_the_beacons_key(monkeypatch):
    world = make_world(N)
    monkeypatch.setattr(
        "tests.programme.draw.world.sign_round", lambda _, n: sign_round(SECRET + 1, n)
    )
    refused(world.drawn(), "beacon_signature", "beacon_signature")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("infinity", "beacon_point"),
        ("infinity with spare bits", "beacon_point"),
        ("point with the infinity bit", "beacon_point"),
        ("not marked as compressed", "beacon_point"),
        ("x not reduced", "beacon_point"),
        ("x with no y", "beacon_point"),
        ("outside the subgroup", "beacon_point"),
        ("zero", "beacon_point"),
        ("the generator", "beacon_signature"),
        ("the round before", "beacon_signature"),
    ],
)
def test_a_result_signed_over_a_forged_point_is_refused(kind, code, monkeypatch):
    """An operator who chooses the signature chooses the seed: all else holds, to the last step."""
    points = point_forgeries() | {
        "the generator": G1_to_pubkey(G1),
        "the round before": sign_round(SECRET, make_world(N).params.round - 1).signature,
    }
    forged = points[kind]
    monkeypatch.setattr(
        "tests.programme.draw.world.sign_round", lambda _, number: Beacon(number, forged)
    )
    refused(make_world(N).drawn(), code, "beacon_signature")


@pytest.mark.parametrize("kind", ["short", "long"])
def test_a_signature_of_another_length_is_not_a_beacon_file(kind):
    world = make_world(N)
    forged = beacon_json(Beacon(world.params.round, point_forgeries()[kind]))
    refused(replace(world, files=world.files | {"beacon.json": forged}), "hex_malformed", "beacon")


def test_a_wave_with_a_chain_of_its_own_is_refused_by_the_pinned_one(monkeypatch):
    """The forger owns a whole chain and pins it: whoever has pins of their own finds out."""
    monkeypatch.setattr(
        "tests.programme.draw.world.sign_round", lambda _, number: sign_round(SECRET + 1, number)
    )
    chain = digest("the forger's chain")
    own = replace(make_pins().beacon, public_key=public_key(SECRET + 1), chain=chain)
    pins = replace(make_pins(), beacon=own)
    params = make_params(pins)
    files = make_world(N).files | {"params.json": params.to_bytes()}
    forged = World(pins, params, files, ()).with_roster(files["roster.bin"]).drawn()
    assert verify_wave(forged.files, forged.pins_bytes).wave.head.n == N
    refused(replace(forged, pins=make_pins()), "params_policy", "params")


def test_without_quorum_a_wave_holds_on_the_operators_word():
    world = make_world(N, quorum=0)
    note = parse_note(world.files["roster.head"])
    alone = replace(note, lines=note.lines[:1]).to_bytes()
    report = verify_wave(world.files | {"roster.head": alone}, world.pins_bytes)
    assert report.witnesses == 0 and report.wave.pins.quorum == 0


def test_a_commitment_needs_whole_numbers_and_salt():
    good = (bytes(32), 1, bytes(16), "3273061401619254", "3515084907719676")
    assert len(make_commitment(*good)) == 32
    for at, wrong in ((0, bytes(31)), (2, bytes(15)), (3, "327306140161925"), (4, "３" * 16)):
        with pytest.raises(VerificationError, match="commitment_input"):
            make_commitment(*good[:at], wrong, *good[at + 1 :])


def test_another_salt_wave_or_entry_gives_another_commitment():
    good = (bytes(32), 1, bytes(16), "3273061401619254", "3515084907719676")
    changes = ((0, digest("s")), (1, 2), (2, digest("e")[:16]), (3, good[4]), (4, good[3]))
    made = {make_commitment(*good[:at], other, *good[at + 1 :]) for at, other in changes}
    assert len(made | {make_commitment(*good)}) == 6


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"wave": 0}, {"entry": "00"}, {"salt": "zz"}, {"joined_at": ""}, {"more": 1}],
)
def test_a_receipt_in_any_other_form_is_refused(change):
    receipt = make_receipt(OPERATOR, bytes(32), 1, bytes(16), bytes(32), bytes(32), CLOSES_AT)
    assert parse_receipt(receipt).joined_at == CLOSES_AT
    with pytest.raises(VerificationError):
        parse_receipt({**receipt, **change})
