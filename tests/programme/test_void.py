"""A void note: who may end a wave, until when, and what a verifier makes of it."""

from __future__ import annotations

import pytest

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_roster_head
from functions.programme.draw.notes import add_signatures, cosign, sign_note
from functions.programme.draw.published import open_published
from functions.programme.draw.void import (
    NO_HEAD,
    VOID_NOTE,
    ends,
    latest,
    open_void,
    seen_at,
    void_text,
)
from tests.programme.draw.world import OPERATOR, RECEIPTS, WITNESSES, digest, make_world

WHY = ("records_wrong", "Two family cards were taken for one.")


@pytest.fixture(scope="module")
def world():
    return make_world(8)


def note_of(world, at=None, *, digest=None, wave=7, signer=OPERATOR, witnesses=2, why=WHY):
    """A void note signed by the operator and cosigned at `at`."""
    head = open_roster_head(world.files["roster.head"], world.pins)
    at = latest(world.pins, world.params.round) - 1 if at is None else at
    named = head.digest if digest is None else digest
    text = void_text(wave, world.params.digest, named, at, *why)
    lines = [cosign(text, witness, at) for witness in WITNESSES[:witnesses]]
    return add_signatures(sign_note(text, signer), lines)


def verdict(world, note):
    """The code with which a verifier refuses the wave, or None."""
    files = {**world.files, VOID_NOTE: note}
    try:
        open_published(files, world.pins_bytes, lambda _: None)
    except VerificationError as error:
        return error.step, error.code
    return None


def test_a_wave_ended_in_time_is_not_accepted(world):
    assert verdict(world, note_of(world)) == ("roster_head", "wave_void")


def test_a_note_from_before_the_roster_ends_the_wave_whatever_its_head(world):
    assert verdict(world, note_of(world, digest=NO_HEAD)) == ("roster_head", "wave_void")


def test_a_note_on_the_last_second_or_later_says_nothing(world):
    in_time = latest(world.pins, world.params.round)
    assert verdict(world, note_of(world, in_time - 1))
    assert verdict(world, note_of(world, in_time)) is None


def test_the_operators_own_word_on_the_time_does_not_count(world):
    early = latest(world.pins, world.params.round) - 1
    head = open_roster_head(world.files["roster.head"], world.pins)
    text = void_text(7, world.params.digest, head.digest, early, *WHY)
    late = [cosign(text, witness, early + 1) for witness in WITNESSES]
    assert verdict(world, add_signatures(sign_note(text, OPERATOR), late)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"witnesses": 1},
        {"witnesses": 0},
        {"signer": RECEIPTS},
        {"wave": 8},
        {"digest": digest("another head")},
    ],
)
def test_a_note_without_quorum_operator_or_of_another_list_says_nothing(world, change):
    assert verdict(world, note_of(world, **change)) is None


def test_bytes_that_are_no_note_say_nothing(world):
    for data in (
        b"",
        b"void\n",
        note_of(world)[:-1],
        note_of(world).replace(b"void/v1", b"void/v2"),
    ):
        assert verdict(world, data) is None


def test_without_a_quorum_the_operators_time_counts():
    world = make_world(8, quorum=0)
    assert verdict(world, note_of(world, witnesses=0)) == ("roster_head", "wave_void")


def test_a_note_says_what_was_written(world):
    void = open_void(note_of(world), world.pins)
    assert (void.reason, void.sentence) == WHY and len(void.witness_times) == 2
    assert seen_at(world.pins, void) == void.voided_at
    head = open_roster_head(world.files["roster.head"], world.pins)
    assert ends(void, world.pins, world.params, head.digest, world.params.round)


@pytest.mark.parametrize(
    "why",
    [
        ("because", "x"),
        ("authority", ""),
        ("authority", "  "),
        ("authority", "x" * 301),
        ("authority", "two\nlines"),
        ("authority", "caf\u00e9"),
    ],
)
def test_a_reason_is_a_known_code_and_one_plain_sentence(why):
    with pytest.raises(VerificationError, match="void_reason"):
        void_text(7, bytes(32), NO_HEAD, 0, *why)


def test_another_form_of_the_text_is_refused(world):
    text = void_text(7, world.params.digest, NO_HEAD, 0, *WHY)
    for other in (text + b"more\n", text.replace(b"void/v1", b"roster/v1"), b"\xff" + text):
        with pytest.raises(VerificationError, match="void_malformed"):
            open_void(sign_note(other, OPERATOR), world.pins)
