"""The void note: the only way to end a wave between its close and its round (§5, §13).

A witness cosigns one roster head per operator and wave, so no second list of a wave can ever
reach the quorum: a void wave ends, and whoever had joined takes part in a later one. The
note counts only when witnesses saw it in time, so that nobody can end a wave whose result,
which anyone can compute once the round is out, they do not like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import HIGHEST_U32, RosterHead
from functions.programme.draw.literals import format_time, parse_decimal, parse_hex, parse_time
from functions.programme.draw.notes import check_signatures, parse_note
from functions.programme.draw.params import Params
from functions.programme.draw.pins import Pins
from functions.programme.draw.rounds import round_time

VOID = "gelombang/void/v1"
VOID_NOTE = "void.note"
LINES = 7
# What stands in place of a head's digest while no roster is published.
NO_HEAD = bytes(32)
MOST_SENTENCE = 300

# Why a wave may be ended; the note's sentence says more.
REASONS = (
    "records_wrong",  # an objection was upheld: the roster tells wrongly of people
    "ledgers_wrong",  # recipients or the blacklist were not what they should have been
    "announcement_wrong",  # the wave was announced with wrong figures or times
    "not_reachable",  # people could not join as announced
    "authority",  # a court or the ministry has ordered it
)


@dataclass(frozen=True)
class Void:
    """A void note whose pinned signatures hold. Times are Unix seconds.

    `roster_digest` is H(roster.head text), or NO_HEAD; `witness_times` as in a roster's head.
    """

    text: bytes
    wave: int
    params_hash: bytes
    roster_digest: bytes
    voided_at: int
    reason: str
    sentence: str
    witness_times: tuple[tuple[str, int], ...]


def void_text(
    wave: int, params_hash: bytes, roster_digest: bytes, voided_at: int, reason: str, sentence: str
) -> bytes:
    """The seven lines that operator and witnesses sign. Error: `void_reason`."""
    check_reason(reason, sentence)
    lines = (VOID, str(wave), params_hash.hex(), roster_digest.hex(), format_time(voided_at))
    return "".join(f"{line}\n" for line in (*lines, reason, sentence)).encode("ascii")


def check_reason(reason: str, sentence: str) -> None:
    """A known code and a sentence of 1…300 letters 0x20-0x7E. Error: `void_reason`."""
    plain = all(" " <= letter <= "~" for letter in sentence)
    if reason not in REASONS or not plain or not 1 <= len(sentence.strip()) <= MOST_SENTENCE:
        raise VerificationError("void_reason")


def open_void(data: bytes, pins: Pins) -> Void:
    """Parse a void note and verify its pinned signatures.

    Errors: those of notes; `operator_signature_missing`; `void_malformed`; `void_reason`.
    """
    note = parse_note(data)
    seen = check_signatures(note, pins.keys)
    if pins.operator not in seen.signers:
        raise VerificationError("operator_signature_missing")
    try:
        lines = note.text.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise VerificationError("void_malformed") from None
    if len(lines) != LINES + 1 or lines[0] != VOID:
        raise VerificationError("void_malformed")
    check_reason(lines[5], lines[6])
    return Void(
        text=note.text,
        wave=parse_decimal(lines[1], HIGHEST_U32),
        params_hash=parse_hex(lines[2], 32),
        roster_digest=parse_hex(lines[3], 32),
        voided_at=parse_time(lines[4]),
        reason=lines[5],
        sentence=lines[6],
        witness_times=seen.witness_times,
    )


def seen_at(pins: Pins, void: Void) -> int | None:
    """V: when, by the witnesses, the note was public; None while too few have cosigned it.

    By the operator's word if the quorum is 0, as with a roster's head.
    """
    if pins.quorum == 0:
        return void.voided_at
    times = sorted(at for _, at in void.witness_times)
    return times[pins.quorum - 1] if len(times) >= pins.quorum else None


def latest(pins: Pins, beacon_round: int) -> int:
    """The Unix time before which a wave drawn with this round can be ended."""
    return round_time(pins, beacon_round) - pins.margin_seconds


def ends(void: Void, pins: Pins, params: Params, digest: bytes, beacon_round: int) -> bool:
    """Whether the note ends this wave, whose roster's head has this digest and this round R."""
    seen = seen_at(pins, void)
    return (
        void.wave == params.wave
        and void.params_hash == params.digest
        and void.roster_digest in (NO_HEAD, digest)
        and seen is not None
        and seen < latest(pins, beacon_round)
    )


def check_not_void(
    files: Mapping[str, bytes], pins: Pins, params: Params, head: RosterHead, beacon_round: int
) -> None:
    """Error: `wave_void` {reason} when a void note that holds lies beside the wave's files.

    One that does not hold, comes too late or lacks witnesses says nothing: the draw stands.
    """
    if VOID_NOTE not in files:
        return
    try:
        void = open_void(files[VOID_NOTE], pins)
    except VerificationError:
        return
    if ends(void, pins, params, head.digest, beacon_round):
        raise VerificationError("wave_void", reason=void.reason)
