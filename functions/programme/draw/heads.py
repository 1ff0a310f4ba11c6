"""The two heads: what is published of a list before the beacon, and of the results after it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.literals import format_time, parse_decimal, parse_hex, parse_time
from functions.programme.draw.notes import check_signatures, parse_note
from functions.programme.draw.pins import Pins

ROSTER = "gelombang/roster/v1"
RESULT = "gelombang/result/v1"
HIGHEST_U32 = 2**32 - 1  # a rank is a u32, so a roster has no more records than that
HIGHEST_U64 = 2**64 - 1


@dataclass(frozen=True)
class RosterHead:
    """A verified `roster.head`. `text` is what was signed; times are Unix seconds.

    `witness_times` holds name and time of each pinned witness that cosigned.
    """

    text: bytes
    wave: int
    params_hash: bytes
    n: int
    root: bytes
    published_at: int
    witness_times: tuple[tuple[str, int], ...]

    @property
    def digest(self) -> bytes:
        """H(roster.head text): what the seed and the result's head are bound to."""
        return hashlib.sha256(self.text).digest()


@dataclass(frozen=True)
class ResultHead:
    """A verified `result.head`. `round` is the beacon's round R."""

    text: bytes
    wave: int
    roster_digest: bytes
    round: int
    seed: bytes
    n: int
    root: bytes


def roster_head_text(
    wave: int, params_hash: bytes, n: int, root: bytes, published_at: int
) -> bytes:
    """The six lines that operator and witnesses sign (§5)."""
    return _lines(
        ROSTER, str(wave), params_hash.hex(), str(n), root.hex(), format_time(published_at)
    )


def result_head_text(
    wave: int, roster_digest: bytes, beacon_round: int, seed: bytes, n: int, root: bytes
) -> bytes:
    """The seven lines that the operator signs (§10)."""
    return _lines(
        RESULT, str(wave), roster_digest.hex(), str(beacon_round), seed.hex(), str(n), root.hex()
    )


def open_roster_head(data: bytes, pins: Pins) -> RosterHead:
    """Parse `roster.head` and verify its pinned signatures.

    Errors: those of notes; `operator_signature_missing`; `head_malformed`.
    """
    text, witness_times = _signed_text(data, pins)
    lines = _parse_lines(text, ROSTER, 6)
    return RosterHead(
        text=text,
        wave=parse_decimal(lines[1], HIGHEST_U32),
        params_hash=parse_hex(lines[2], 32),
        n=parse_decimal(lines[3], HIGHEST_U32),
        root=parse_hex(lines[4], 32),
        published_at=parse_time(lines[5]),
        witness_times=witness_times,
    )


def open_result_head(data: bytes, pins: Pins) -> ResultHead:
    """Parse `result.head` and verify its pinned signatures. Errors as `open_roster_head`."""
    text, _ = _signed_text(data, pins)
    lines = _parse_lines(text, RESULT, 7)
    return ResultHead(
        text=text,
        wave=parse_decimal(lines[1], HIGHEST_U32),
        roster_digest=parse_hex(lines[2], 32),
        round=parse_decimal(lines[3], HIGHEST_U64),
        seed=parse_hex(lines[4], 32),
        n=parse_decimal(lines[5], HIGHEST_U32),
        root=parse_hex(lines[6], 32),
    )


def _signed_text(data: bytes, pins: Pins) -> tuple[bytes, tuple[tuple[str, int], ...]]:
    note = parse_note(data)
    seen = check_signatures(note, pins.keys)
    if pins.operator not in seen.signers:
        raise VerificationError("operator_signature_missing")
    return note.text, seen.witness_times


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _parse_lines(text: bytes, kind: str, count: int) -> list[str]:
    try:
        lines = text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise VerificationError("head_malformed") from None
    if len(lines) != count + 1 or lines[0] != kind or lines[-1]:
        raise VerificationError("head_malformed")
    return lines[:-1]
