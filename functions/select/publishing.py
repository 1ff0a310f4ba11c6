"""frozen → roster_published: fix the head's text, gather the witnesses, name the round."""

from __future__ import annotations

import logging

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import RosterHead, open_roster_head, roster_head_text
from functions.programme.draw.keys import ED25519, Signer
from functions.programme.draw.notes import add_signatures, sign_note
from functions.programme.draw.pins import Pins
from functions.programme.draw.published import ROSTER_HEAD
from functions.programme.draw.rounds import effective_round, round_time
from functions.programme.times import MINUTE, SECOND
from functions.select.folder import write_public
from functions.select.turn import Turn

# A witness whose clock is further ahead than this would only push the draw away.
FUTURE_ALLOWED = 15 * MINUTE

log = logging.getLogger("gelombang.select.publishing")


def publish(turn: Turn) -> Turn | None:
    """Publish a frozen roster's head; None while too few witnesses have signed it.

    The text is fixed once, then each cosignature is kept as it comes, until the quorum is
    reached. From then on the head never changes, so the file can be written again and again.
    """
    turn = _with_text(turn)
    head = open_roster_head(turn.item["roster_head"], turn.pins)
    if len(head.witness_times) < turn.pins.quorum:
        turn = _with_witnesses(turn)
        head = open_roster_head(turn.item["roster_head"], turn.pins)
    if len(head.witness_times) < turn.pins.quorum:
        log.warning(
            "wave %s: %s of %s witnesses", turn.wave, len(head.witness_times), turn.pins.quorum
        )
        return None
    counts = effective_round(turn.pins, turn.params, head)
    write_public(turn.runtime.files, turn.wave, ROSTER_HEAD, turn.item["roster_head"])
    draw_at = round_time(turn.pins, counts) * SECOND
    lease = turn.lease.move("roster_published", {"round": counts, "draw_at": draw_at})
    return turn.with_lease(lease)


def operator_signer(turn: Turn) -> Signer:
    """The operator's key, under the name in the pins."""
    seed = turn.runtime.vault.seed("operator")
    return Signer(turn.pins.operator.name, ED25519, seed)


def _with_text(turn: Turn) -> Turn:
    """The turn with the head's text fixed and signed by the operator."""
    if "roster_text" in turn.item:
        return turn
    text = roster_head_text(
        turn.wave,
        turn.params.digest,
        turn.item["entries"],
        turn.item["root"],
        turn.runtime.clock() // SECOND,
    )
    note = sign_note(text, operator_signer(turn))
    return turn.with_lease(turn.lease.save({"roster_text": text, "roster_head": note}))


def _with_witnesses(turn: Turn) -> Turn:
    """The turn with the cosignatures that came now and hold."""
    note = turn.item["roster_head"]
    latest = (turn.runtime.clock() + FUTURE_ALLOWED) // SECOND
    for line in turn.outside.witnesses.cosign(note):
        note = _accepted(note, line, turn.pins, turn.params.closes_at, latest)
    if note == turn.item["roster_head"]:
        return turn
    return turn.with_lease(turn.lease.save({"roster_head": note}))


def _accepted(note: bytes, line: bytes, pins: Pins, earliest: int, latest: int) -> bytes:
    """The note with this line, or as it was if the line is not a pinned witness's own.

    `earliest`, `latest`: Unix seconds between which a witness can have seen the head.
    """
    try:
        before = open_roster_head(note, pins)
        longer = add_signatures(note, [line])
        head = open_roster_head(longer, pins)
    except VerificationError as error:
        log.warning("a witness's line does not hold: %s", error)
        return note
    new = _new_times(before, head)
    if len(new) != 1 or not earliest <= new[0] <= latest:
        log.warning("a witness's line adds nothing, or its clock is wrong")
        return note
    return longer


def _new_times(before: RosterHead, after: RosterHead) -> list[int]:
    return [at for name, at in after.witness_times if (name, at) not in before.witness_times]
