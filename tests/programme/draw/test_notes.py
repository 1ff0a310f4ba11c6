"""Signed notes: who signed what, and nothing that only looks signed."""

import pytest

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.keys import (
    COSIGNATURE,
    ED25519,
    Signer,
    VerifierKey,
    key_id,
    parse_verifier_key,
)
from functions.programme.draw.literals import format_base64
from functions.programme.draw.notes import (
    Note,
    SignatureLine,
    add_signatures,
    check_signatures,
    cosign,
    parse_note,
    sign_note,
)
from tests.programme.draw.world import OPERATOR, WITNESSES, digest

TEXT = b"one\ntwo\n"
PINNED = (OPERATOR.verifier, *(witness.verifier for witness in WITNESSES))


def stranger(number: int) -> bytes:
    return cosign(TEXT, Signer(f"stranger/{number}", COSIGNATURE, digest(f"{number}")), number)


def test_a_verifier_key_is_read_and_written_in_the_notes_form():
    text = "undian.example/operator+f057b7b8+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTABf"
    key = parse_verifier_key(text, ED25519)
    assert str(key) == text and key.id == key_id(key.name, ED25519, key.key)


@pytest.mark.parametrize(
    "text",
    [
        *("", "name", "name+f057b7b8", "+f057b7b8+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTABf"),
        "undian.example/operator+f057b7b9+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTABf",
        "undian.example/operator+F057B7B8+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTABf",
        "undian.example/operatoR+f057b7b8+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTABf",
        "undian.example operator+f057b7b8+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTABf",
        "undian.example/operator+f057b7b8+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTABf=",
        "undian.example/operator+f057b7b8+AX21UjXTd/vXBS7tt6CkRvtOn0qXUkP+OZOyXlnDTA==",
    ],
)
def test_a_malformed_verifier_key_is_refused(text):
    with pytest.raises(VerificationError, match="key_malformed"):
        parse_verifier_key(text, ED25519)


def test_a_key_of_one_kind_is_not_taken_for_the_other():
    with pytest.raises(VerificationError, match="key_malformed"):
        parse_verifier_key(str(OPERATOR.verifier), COSIGNATURE)


def test_signatures_of_operator_and_witnesses_are_told_apart():
    note = add_signatures(sign_note(TEXT, OPERATOR), [cosign(TEXT, WITNESSES[1], 99), stranger(1)])
    seen = check_signatures(parse_note(note), PINNED)
    assert seen.signers == {OPERATOR.verifier}
    assert seen.witness_times == ((WITNESSES[1].name, 99),)


def test_a_line_already_there_is_not_added_twice():
    line = cosign(TEXT, WITNESSES[0], 5)
    note = add_signatures(sign_note(TEXT, OPERATOR), [line])
    assert add_signatures(note, [line, line]) == note


def test_two_signatures_of_one_witness_are_refused():
    lines = [cosign(TEXT, WITNESSES[0], at) for at in (5, 6)]
    note = add_signatures(sign_note(TEXT, OPERATOR), lines)
    with pytest.raises(VerificationError, match="note_signature_twice"):
        check_signatures(parse_note(note), PINNED)


def test_a_witness_time_is_part_of_what_it_signed():
    note = parse_note(add_signatures(sign_note(TEXT, OPERATOR), [cosign(TEXT, WITNESSES[0], 5)]))
    operator, line = note.lines
    earlier = SignatureLine(line.name, line.key_id, (4).to_bytes(8, "big") + line.data[8:])
    with pytest.raises(VerificationError, match=r"note_signature name=witness\.test/a"):
        check_signatures(Note(note.text, (operator, earlier)), PINNED)


@pytest.mark.parametrize("cut", [1, 60, 63])
def test_a_short_signature_of_a_pinned_key_is_refused(cut):
    (line,) = parse_note(sign_note(TEXT, OPERATOR)).lines
    short = SignatureLine(line.name, line.key_id, line.data[:-cut])
    with pytest.raises(VerificationError, match="note_signature"):
        check_signatures(Note(TEXT, (short,)), PINNED)


def test_a_signature_over_another_text_is_refused():
    (line,) = parse_note(sign_note(TEXT, OPERATOR)).lines
    with pytest.raises(VerificationError, match="note_signature"):
        check_signatures(Note(b"one\nTwo\n", (line,)), PINNED)


def test_sixteen_signatures_are_the_most():
    note = add_signatures(sign_note(TEXT, OPERATOR), [stranger(n) for n in range(15)])
    assert len(parse_note(note).lines) == 16
    with pytest.raises(VerificationError, match="note_malformed"):
        add_signatures(note, [stranger(15)])
    with pytest.raises(VerificationError, match="note_malformed"):
        parse_note(note + stranger(15))


LINE = sign_note(TEXT, OPERATOR)[len(TEXT) + 1 :]


@pytest.mark.parametrize(
    "note",
    [
        *(b"", TEXT, b"\n\n", b"\n" + LINE, TEXT + LINE, TEXT + b"\n", TEXT + b"\n" + LINE[:-1]),
        TEXT + b"\n" + LINE + b"\n",
        TEXT + b"\n" + LINE + b"more",
        TEXT + b"\n" + LINE.replace(b"\n", b"\r\n"),
        TEXT + b"\n" + LINE.replace("—".encode(), b"-"),
        TEXT + b"\n" + LINE.replace(b" ", b"  "),
        TEXT + b"\n" + LINE[:-1] + b" \n",
        TEXT + b"\n" + LINE.replace(b"operator", b"opera\xfftor"),
        TEXT + b"\n" + LINE.replace(b"operator", b"opera+tor"),
        TEXT + b"\n" + LINE.replace(b"=\n", b"\n"),
        TEXT + b"\n" + f"— name {format_base64(b'abcd')}\n".encode(),
    ],
)
def test_a_malformed_note_is_refused(note):
    assert parse_note(TEXT + b"\n" + LINE)
    with pytest.raises(VerificationError, match="note_malformed"):
        parse_note(note)


def test_the_text_ends_at_the_last_blank_line():
    text = b"one\n\n\ntwo\n"
    assert parse_note(sign_note(text, OPERATOR)).text == text


def test_a_signer_does_not_show_its_seed():
    assert OPERATOR.seed.hex() not in repr(OPERATOR) and repr(OPERATOR.seed) not in repr(OPERATOR)


def test_a_key_that_is_no_point_verifies_nothing():
    nowhere = VerifierKey("x", ED25519, b"\x02" + bytes(31))
    assert not nowhere.holds(b"", bytes(64))
