"""C2SP signed notes: a text, a blank line, and who signed it (§5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.keys import COSIGNATURE, Signer, VerifierKey, check_name
from functions.programme.draw.literals import format_base64, parse_base64

MOST_SIGNATURES = 16
_DASH = "\u2014 "


@dataclass(frozen=True)
class SignatureLine:
    """One signature as it stands in a note: `data` is what follows the 4-byte key id."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {format_base64(self.key_id + self.data)}\n"


@dataclass(frozen=True)
class Note:
    """A parsed note; nothing in it is verified yet. `text` ends with its newline."""

    text: bytes
    lines: tuple[SignatureLine, ...]

    def to_bytes(self) -> bytes:
        """The note as it is published."""
        return self.text + b"\n" + "".join(map(str, self.lines)).encode("utf-8")


@dataclass(frozen=True)
class Seen:
    """Whose signatures hold: the Ed25519 signers, and each witness's name and Unix time."""

    signers: frozenset[VerifierKey]
    witness_times: tuple[tuple[str, int], ...]


def parse_note(data: bytes) -> Note:
    """A note's text and signature lines. Error: `note_malformed` for any other form."""
    end = data.rfind(b"\n\n")
    if end < 1 or not data.endswith(b"\n"):
        raise VerificationError("note_malformed")
    text, signatures = data[: end + 1], data[end + 2 : -1].split(b"\n")
    if not 1 <= len(signatures) <= MOST_SIGNATURES:
        raise VerificationError("note_malformed")
    return Note(text, tuple(_parse_line(line) for line in signatures))


def sign_note(text: bytes, signer: Signer) -> bytes:
    """A note with one Ed25519 signature over `text`, which must end with a newline."""
    return Note(text, (_line(signer, signer.sign(text)),)).to_bytes()


def cosign(text: bytes, witness: Signer, at: int) -> bytes:
    """A witness's signature line: it saw `text` at Unix time `at` (C2SP cosignature/v1)."""
    signature = witness.sign(_cosigned(text, at))
    return str(_line(witness, at.to_bytes(8, "big") + signature)).encode("utf-8")


def add_signatures(note: bytes, lines: Iterable[bytes]) -> bytes:
    """`note` with further signature lines, in the order given; a line already there stays once.

    Error: `note_malformed` if a line is not one, or there would be more than 16.
    """
    held = parse_note(note)
    seen = list(held.lines)
    for line in lines:
        if not line.endswith(b"\n"):
            raise VerificationError("note_malformed")
        parsed = _parse_line(line[:-1])
        if parsed not in seen:
            seen.append(parsed)
    if len(seen) > MOST_SIGNATURES:
        raise VerificationError("note_malformed")
    return Note(held.text, tuple(seen)).to_bytes()


def check_signatures(note: Note, pinned: Iterable[VerifierKey]) -> Seen:
    """Verify every line that names a pinned key; other lines say nothing and are passed over.

    Errors: `note_signature` {name} for a pinned key's line that does not verify,
    `note_signature_twice` {name} for a second line of one key.
    """
    keys = {(key.name, key.id): key for key in pinned}
    met: set[tuple[str, bytes]] = set()
    signers: set[VerifierKey] = set()
    times: dict[str, int] = {}
    for line in note.lines:
        named = (line.name, line.key_id)
        if named not in keys:
            continue
        if named in met:
            raise VerificationError("note_signature_twice", name=line.name)
        met.add(named)
        key, message, signature = keys[named], note.text, line.data
        if key.kind == COSIGNATURE:
            times[key.name] = int.from_bytes(line.data[:8], "big")
            message, signature = _cosigned(note.text, times[key.name]), line.data[8:]
        else:
            signers.add(key)
        if not key.holds(message, signature):
            raise VerificationError("note_signature", name=key.name)
    return Seen(frozenset(signers), tuple(sorted(times.items())))


def _cosigned(text: bytes, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n".encode("ascii") + text


def _line(signer: Signer, data: bytes) -> SignatureLine:
    return SignatureLine(signer.name, signer.verifier.id, data)


def _parse_line(line: bytes) -> SignatureLine:
    """`— name base64(keyid || signature)`, without its newline."""
    try:
        dash, name, encoded = line.decode("utf-8").split(" ")
        data = parse_base64(encoded)
        check_name(name)
    except (ValueError, VerificationError):
        raise VerificationError("note_malformed") from None
    if dash + " " != _DASH or len(data) < 5:
        raise VerificationError("note_malformed")
    return SignatureLine(name, data[:4], data[4:])
