"""drawn → announced: tell each applicant once, and enter the selected in the ledgers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from itertools import groupby

from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.tables import (
    Action,
    ConditionFailed,
    Item,
    Put,
    Update,
    all_of,
    any_of,
    equals,
    exists,
    missing,
)
from functions.programme.draw import results
from functions.programme.draw.allocation import Outcome, ResultRecord
from functions.programme.draw.published import RESULTS
from functions.select import runs
from functions.select.entries import OUTCOMES
from functions.select.folder import read_public
from functions.select.joining import letter_id
from functions.select.lease import LeaseLost
from functions.select.places import read_places
from functions.select.segments import read_segment
from functions.select.turn import StepBlocked, StepUnfinished, Turn

CHANNELS = ("mail", "sms")
# Records of `results.bin` that are read at a time: eight megabytes.
BLOCK_RESULTS = 1 << 20
# Positions in the transaction, by which a refusal is told.
ENTRY, READINESS = 0, 1

log = logging.getLogger("gelombang.select.announcing")


def announce(turn: Turn) -> Turn | None:
    """Begin the announcement of a drawn wave; None, since the shards are announced elsewhere."""
    runs.begin(turn)
    return None


def announce_shard(turn: Turn, shard: int) -> None:
    """Announce one shard, in any order and as often as it takes.

    What is announced stands in the published files, so a worker that lost its lease can only
    say the same; and the condition on `outcome` lets it be said once.
    """
    gate = turn.gate(turn.gates[shard])
    if "announced_at" in gate:
        return
    announcer = _Announcer(turn, drawn_shard(turn, shard, gate["segment"]))
    entries = list(turn.runtime.tables.query("entries", gate["gate"]))
    if len(entries) != gate["frozen"]:
        # Nobody who was frozen may be passed over: the gate is announced once.
        raise StepBlocked(f"gate {gate['gate']} has {gate['frozen']}, found {len(entries)}")
    if not turn.each(announcer.announce, [one for one in entries if "outcome" not in one]):
        raise StepUnfinished(f"gate {gate['gate']}: entries are left")
    _mark(turn, gate["gate"])


def end(turn: Turn) -> None:
    """The wave is announced. Raises StepBlocked if a shard is left, and LeaseLost."""
    keys = [{"gate": name} for name in turn.gates]
    gates = turn.runtime.tables.get_many("gates", keys)
    left = len(keys) - sum("announced_at" in gate for gate in gates)
    if left:
        raise StepBlocked(f"wave {turn.wave}: {left} gates are not announced")
    turn.lease.move("announced", {"announced_at": turn.runtime.clock()})


Drawn = Mapping[bytes, tuple[int, ResultRecord]]


def drawn_shard(turn: Turn, shard: int, segment: str) -> Drawn:
    """Index and result of each entry of a shard, by its commitment.

    Of `results.bin` one block at a time is held.
    """
    files, wave = turn.runtime.files, turn.wave
    commitments = read_segment(files, wave, segment).commitments()
    places = read_places(files, wave, turn.item["root"], turn.item["shards"], shard)
    found = []
    for number, group in groupby(places, key=lambda place: place // BLOCK_RESULTS):
        first, size = number * BLOCK_RESULTS, results.RECORD_SIZE
        span = range(first * size, (first + BLOCK_RESULTS) * size)
        block = read_public(files, wave, RESULTS, span)
        starts = ((place - first) * size for place in group)
        found += [block[start : start + size] for start in starts]
    records = results.parse_results(b"".join(found), len(turn.params.pools))
    return dict(zip(commitments, zip(places, records, strict=True), strict=True))


class _Announcer:
    """Announces entries of one wave."""

    def __init__(self, turn: Turn, drawn: Drawn):
        self._wave = turn.wave
        self._runtime = turn.runtime
        self._drawn = drawn

    def announce(self, entry: Item) -> None:
        """Announce one entry. Raises StepBlocked when a person must look at it."""
        if entry["commitment"] not in self._drawn:
            raise StepBlocked("an entry is not on the roster")
        index, result = self._drawn[entry["commitment"]]
        letters = [self._letter(channel, entry, result) for channel in CHANNELS]
        now = self._runtime.clock()
        ledgers = self._ledgers(entry) if result.outcome == Outcome.SELECTED else []
        outcome = self._outcome(entry, index, result)
        told: list[Action] = [
            self._readiness(entry["applicant"], result),
            *(row(self._runtime.vault, letter, now) for letter in letters),
        ]
        try:
            self._runtime.tables.write(outcome, *told, *ledgers)
        except ConditionFailed as error:
            if error.failed != {READINESS: None}:
                self._explain(error)
                return
            # The account is gone: nobody to tell, but the outcome and the ledgers stand.
            self._runtime.tables.write(outcome, *ledgers)
            return
        hurry(self._runtime.queues, *(letter.message for letter in letters))

    def _explain(self, error: ConditionFailed) -> None:
        """An entry announced meanwhile is fine; anything else a person must look at."""
        entry = error.failed.get(ENTRY)
        if entry is None or "outcome" not in entry:
            positions = sorted(error.failed)
            log.error("wave %s: an entry cannot be announced: %s", self._wave, positions)
            raise StepBlocked(f"an entry cannot be announced: {positions}") from error

    def _outcome(self, entry: Item, index: int, result: ResultRecord) -> Update:
        return Update(
            "entries",
            {"gate": entry["gate"], "applicant": entry["applicant"]},
            set={
                "index": index,
                "outcome": int(result.outcome),
                "rank": result.rank,
                "outcome_pool": result.pool,
            },
            when=all_of(exists("record"), missing("outcome")),
        )

    def _readiness(self, applicant: str, result: ResultRecord) -> Update:
        selected = result.outcome == Outcome.SELECTED
        never = missing("recipient_of")
        return Update(
            "readiness",
            {"applicant": applicant},
            set={"recipient_of": self._wave} if selected else {},
            discard={"open_waves": {self._wave}},
            when=all_of(exists("entries"), never) if selected else exists("entries"),
        )

    def _ledgers(self, entry: Item) -> list[Action]:
        """Once in a lifetime, and counted in the family: refused if another wave came first."""

        def note(subject: str, member: str) -> Put:
            item = {"subject": subject, "member": member, "wave": self._wave}
            return Put("ledgers", item, when=any_of(missing("wave"), equals("wave", self._wave)))

        return [
            note(f"recipient#{entry['nik_mac']}", "-"),
            note(f"family#{entry['kk_mac']}", entry["nik_mac"]),
        ]

    def _letter(self, channel: str, entry: Item, result: ResultRecord) -> Letter:
        outcome = OUTCOMES[result.outcome]
        return Letter(
            message=letter_id(f"outcome-{channel}", self._wave, entry["applicant"]),
            channel=channel,
            template=f"outcome_{outcome}",
            applicant=entry["applicant"],
            parameters={"wave": self._wave},
        )


def _mark(turn: Turn, gate: str) -> None:
    """Note that a gate is announced. Raises LeaseLost."""
    change = Update(
        "gates",
        {"gate": gate},
        set={"announced_at": turn.runtime.clock()},
        when=missing("announced_at"),
    )
    try:
        turn.runtime.tables.write(change, turn.lease.guard())
    except ConditionFailed as error:
        if 1 in error.failed:
            raise LeaseLost(f"gate {gate}: lease is over") from error
