"""After the draw: who lost a place, and which reserve moved up (§12, §14).

Both are signed notes in numbered chains: each names the digest of the one before it and of
the result, so none can be left out, put in between or moved. `check_changes` walks them in order
and says which places are free now; anyone can do it with the public files.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from functions.programme.draw.allocation import Outcome, ResultRecord
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import HIGHEST_U32
from functions.programme.draw.literals import format_time, parse_decimal, parse_hex, parse_time
from functions.programme.draw.notes import check_signatures, parse_note
from functions.programme.draw.pins import Pins

REMOVALS, PROMOTIONS = "gelombang/removals/v1", "gelombang/promotions/v1"
# What the first note of a chain has in place of the digest of the one before it.
BEGINNING = bytes(32)
PROMOTE, SKIP = "promote", "skip"

# Why someone loses a place, or stands on the reserve no longer.
REMOVED_FOR = (
    "no_training_bought",  # within 30 days of the announcement
    "false_declaration",
    "identity_wrong",  # no such person, or the person is another
    "declined",
    "died",
)
# Why a reserve is passed over.
SKIPPED_FOR = (
    "past_recipient",  # selected in a later wave meanwhile
    "family_limit",  # relatives were, and the family has no room left
    "blacklisted",
    "declined",
    "account_gone",
)


@dataclass(frozen=True)
class Removal:
    """An entry by its index on the roster, and a code of REMOVED_FOR."""

    index: int
    reason: str


@dataclass(frozen=True)
class Step:
    """One reserve in order of rank: promoted to the place of `removed`, or passed over.

    `index` is the reserve's; `removed` is None when it is passed over, for `reason`.
    """

    index: int
    removed: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Removals:
    """A `removals` note, verified by itself. Times are Unix seconds."""

    text: bytes
    wave: int
    number: int
    previous: bytes
    result_digest: bytes
    signed_at: int
    removed: tuple[Removal, ...]

    @property
    def digest(self) -> bytes:
        """H(text): what the next note is bound to."""
        return hashlib.sha256(self.text).digest()


@dataclass(frozen=True)
class Promotions:
    """A `promotions` note, verified by itself; `until` is the day of the last promotion.

    `removals_digest` is that of the last removals note which it takes into account.
    """

    text: bytes
    wave: int
    number: int
    previous: bytes
    result_digest: bytes
    removals_digest: bytes
    until: int
    signed_at: int
    steps: tuple[Step, ...]

    @property
    def digest(self) -> bytes:
        """H(text): what the next note is bound to."""
        return hashlib.sha256(self.text).digest()


@dataclass(frozen=True)
class Standing:
    """Where a wave stands after its notes: indexes on the roster.

    `open_places`: places of removed entries that nobody has yet, oldest first. `waiting`: reserves
    that may still move up, by rank. `until`: None before the first promotions note.
    """

    removed: frozenset[int]
    promoted: tuple[int, ...]
    open_places: tuple[int, ...]
    waiting: tuple[int, ...]
    until: int | None


def removals_name(number: int) -> str:
    """Name of a note in the wave's public folder."""
    return f"removals-{number}.note"


def promotions_name(number: int) -> str:
    """Name of a note in the wave's public folder."""
    return f"promotions-{number}.note"


def removals_text(
    wave: int,
    number: int,
    previous: bytes,
    result_digest: bytes,
    signed_at: int,
    removed: Sequence[Removal],
) -> bytes:
    """The text of a `removals` note: six lines, then one for each entry by ascending index."""
    lines = [f"{one.index} {one.reason}" for one in removed]
    head = (REMOVALS, wave, number, previous.hex(), result_digest.hex(), format_time(signed_at))
    return _text(*head, *lines)


def promotions_text(
    wave: int,
    number: int,
    previous: bytes,
    result_digest: bytes,
    removals_digest: bytes,
    until: int,
    signed_at: int,
    steps: Sequence[Step],
) -> bytes:
    """The text of a `promotions` note: eight lines, then one for each reserve by rank."""
    lines = [
        f"{SKIP} {one.index} {one.reason}"
        if one.removed is None
        else f"{PROMOTE} {one.index} {one.removed}"
        for one in steps
    ]
    chain = (PROMOTIONS, wave, number, previous.hex(), result_digest.hex(), removals_digest.hex())
    return _text(*chain, format_time(until), format_time(signed_at), *lines)


def open_removals(data: bytes, pins: Pins) -> Removals:
    """Parse and verify.

    Errors: those of notes; `operator_signature_missing`; `changes_malformed`.
    """
    text, lines = _signed(data, pins, REMOVALS, 6)
    removed = tuple(_removal(line) for line in lines[6:])
    indexes = [one.index for one in removed]
    if not removed or indexes != sorted(set(indexes)):
        raise VerificationError("changes_malformed")
    return Removals(
        text=text,
        wave=parse_decimal(lines[1], HIGHEST_U32),
        number=parse_decimal(lines[2], HIGHEST_U32),
        previous=parse_hex(lines[3], 32),
        result_digest=parse_hex(lines[4], 32),
        signed_at=parse_time(lines[5]),
        removed=removed,
    )


def open_promotions(data: bytes, pins: Pins) -> Promotions:
    """Parse and verify. Errors as `open_removals`."""
    text, lines = _signed(data, pins, PROMOTIONS, 8)
    return Promotions(
        text=text,
        wave=parse_decimal(lines[1], HIGHEST_U32),
        number=parse_decimal(lines[2], HIGHEST_U32),
        previous=parse_hex(lines[3], 32),
        result_digest=parse_hex(lines[4], 32),
        removals_digest=parse_hex(lines[5], 32),
        until=parse_time(lines[6]),
        signed_at=parse_time(lines[7]),
        steps=tuple(_step(line) for line in lines[8:]),
    )


def check_changes(
    wave: int,
    result_digest: bytes,
    results: Iterable[ResultRecord],
    removals: Sequence[Removals],
    promotions: Sequence[Promotions],
) -> Standing:
    """Walk the notes of a wave, each kind in order of its number, and say where it stands.

    Errors: `changes_chain` {kind, number} for a note that is missing, moved or of another result;
    `removal_index` {index} for an entry that holds no place and is not on the reserve, or was
    removed before; `promotion_order` {index} unless reserves go strictly by rank, each promoted or
    passed over with a reason, and each to the oldest open place; `promotion_until` after the date,
    or when the date changes.
    """
    _check_chain("removals", wave, result_digest, removals)
    _check_chain("promotions", wave, result_digest, promotions)
    place = _Places(results)
    later = deque(removals)
    until: int | None = None
    for note in promotions:
        place.take(later, note.removals_digest, note.number)
        until = note.until if until is None else until
        if note.until != until or note.signed_at > until:
            raise VerificationError("promotion_until", number=note.number)
        for step in note.steps:
            place.step(step)
    while later:
        place.remove(later.popleft())
    return place.standing(until)


class _Places:
    """The places of a wave while its notes are walked."""

    def __init__(self, results: Iterable[ResultRecord]):
        by_rank: list[tuple[int, int]] = []
        self._holding: set[int] = set()
        for index, (outcome, _, rank) in enumerate(results):
            if outcome == Outcome.SELECTED:
                self._holding.add(index)
            elif outcome == Outcome.RESERVE:
                by_rank.append((rank, index))
        self._waiting = deque(index for _, index in sorted(by_rank))
        self._reserve = set(self._waiting)
        self._removed: set[int] = set()
        self._promoted: list[int] = []
        self._open: deque[int] = deque()
        self._passed: set[int] = set()
        self._seen: bytes = BEGINNING

    def take(self, later: deque[Removals], digest: bytes, number: int) -> None:
        """Apply removals notes up to the one of this digest."""
        while self._seen != digest:
            if not later:
                raise VerificationError("changes_chain", kind="removals", number=number)
            self.remove(later.popleft())

    def remove(self, note: Removals) -> None:
        self._seen = note.digest
        for index in (one.index for one in note.removed):
            if index in self._holding:
                self._holding.discard(index)
                self._open.append(index)
            elif index not in self._reserve or index in self._removed or index in self._passed:
                raise VerificationError("removal_index", index=index)
            self._removed.add(index)

    def step(self, step: Step) -> None:
        while self._waiting and self._waiting[0] in self._removed:
            self._waiting.popleft()
        if not self._waiting or self._waiting[0] != step.index or not self._open:
            raise VerificationError("promotion_order", index=step.index)
        self._waiting.popleft()
        self._passed.add(step.index)
        if step.removed is None:
            return
        if self._open[0] != step.removed:
            raise VerificationError("promotion_order", index=step.index)
        self._open.popleft()
        self._promoted.append(step.index)
        self._holding.add(step.index)

    def standing(self, until: int | None) -> Standing:
        waiting = tuple(index for index in self._waiting if index not in self._removed)
        return Standing(
            frozenset(self._removed), tuple(self._promoted), tuple(self._open), waiting, until
        )


def plan(standing: Standing, skip: Callable[[int], str]) -> list[Step]:
    """The steps that fill the open places as far as the reserve reaches.

    `skip` gives the reason for which a reserve must be passed over, or the empty text.
    """
    steps: list[Step] = []
    places = deque(standing.open_places)
    for index in standing.waiting:
        if not places:
            break
        reason = skip(index)
        steps.append(Step(index, reason=reason) if reason else Step(index, places.popleft()))
    return steps


def _check_chain(
    kind: str, wave: int, result_digest: bytes, notes: Sequence[Removals | Promotions]
) -> None:
    before, at = BEGINNING, 0
    for number, note in enumerate(notes, 1):
        follows = note.number == number and note.previous == before and note.signed_at >= at
        if not follows or note.wave != wave or note.result_digest != result_digest:
            raise VerificationError("changes_chain", kind=kind, number=number)
        before, at = note.digest, note.signed_at


def _text(*lines: str | int) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def _signed(data: bytes, pins: Pins, kind: str, least: int) -> tuple[bytes, list[str]]:
    note = parse_note(data)
    if pins.operator not in check_signatures(note, pins.keys).signers:
        raise VerificationError("operator_signature_missing")
    try:
        lines = note.text.decode("ascii").split("\n")[:-1]
    except UnicodeDecodeError:
        raise VerificationError("changes_malformed") from None
    if len(lines) < least or lines[0] != kind:
        raise VerificationError("changes_malformed")
    return note.text, lines


def _removal(line: str) -> Removal:
    index, _, reason = line.partition(" ")
    if reason not in REMOVED_FOR:
        raise VerificationError("changes_malformed")
    return Removal(parse_decimal(index, HIGHEST_U32), reason)


def _step(line: str) -> Step:
    kind, index, last = (*line.split(" "), "", "", "")[:3]
    if line != f"{kind} {index} {last}":
        raise VerificationError("changes_malformed")
    if kind == PROMOTE:
        return Step(parse_decimal(index, HIGHEST_U32), parse_decimal(last, HIGHEST_U32))
    if kind != SKIP or last not in SKIPPED_FOR:
        raise VerificationError("changes_malformed")
    return Step(parse_decimal(index, HIGHEST_U32), reason=last)
