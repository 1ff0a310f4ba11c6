"""drawn → announced: tell each applicant once, and enter the selected in the ledgers."""

from __future__ import annotations

import logging
from bisect import bisect_left
from dataclasses import dataclass

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
from functions.programme.draw import results, roster
from functions.programme.draw.allocation import Outcome, ResultRecord
from functions.programme.draw.published import RESULTS, ROSTER
from functions.select.entries import OUTCOMES
from functions.select.folder import read_public
from functions.select.joining import letter_id
from functions.select.lease import LeaseLost
from functions.select.turn import StepBlocked, Turn

CHANNELS = ("mail", "sms")
# Positions in the transaction, by which a refusal is told.
ENTRY, READINESS = 0, 1

log = logging.getLogger("gelombang.select.announcing")


def announce(turn: Turn) -> Turn | None:
    """Announce a drawn wave; None when shards are left."""
    announcer = _Announcer(turn)
    if not turn.each(announcer.announce, range(len(turn.gates))):
        return None
    return turn.with_lease(turn.lease.move("announced"))


@dataclass(frozen=True)
class DrawnLists:
    """`roster.bin` and `results.bin`, to look up entries by their commitment."""

    roster: bytes
    results: bytes
    pools: int

    def find(self, commitment: bytes) -> tuple[int, ResultRecord]:
        """Index and result of an entry. Raises StepBlocked if it is not on the roster."""
        count = len(self.roster) // roster.RECORD_SIZE
        index = bisect_left(range(count), commitment, key=self._commitment)
        if index == count or self._commitment(index) != commitment:
            raise StepBlocked("an entry is not on the roster")
        at = index * results.RECORD_SIZE
        record = self.results[at : at + results.RECORD_SIZE]
        return index, results.parse_results(record, self.pools)[0]

    def _commitment(self, index: int) -> bytes:
        at = index * roster.RECORD_SIZE
        return self.roster[at : at + 32]


class _Announcer:
    """Announces shards of one wave, in any order and as often as it takes.

    What is announced stands in the published files, so a worker that lost its lease can only
    say the same; and the condition on `outcome` lets it be said once.
    """

    def __init__(self, turn: Turn):
        self._turn = turn
        self._wave = turn.wave
        self._runtime = turn.runtime
        self._lists = DrawnLists(
            read_public(turn.runtime.files, turn.wave, ROSTER),
            read_public(turn.runtime.files, turn.wave, RESULTS),
            len(turn.params.pools),
        )

    def announce(self, shard: int) -> None:
        """Announce one shard."""
        name = self._turn.gates[shard]
        if "announced_at" in self._turn.gate(name):
            return
        blocked: list[StepBlocked] = []
        for entry in self._runtime.tables.query("entries", name):
            if "outcome" not in entry:
                try:
                    self._announce_entry(entry)
                except StepBlocked as error:
                    blocked.append(error)
        if blocked:
            raise blocked[0]
        self._mark(name)

    def _announce_entry(self, entry: Item) -> None:
        index, result = self._lists.find(entry["commitment"])
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

    def _mark(self, gate: str) -> None:
        change = Update(
            "gates",
            {"gate": gate},
            set={"announced_at": self._runtime.clock()},
            when=missing("announced_at"),
        )
        try:
            self._runtime.tables.write(change, self._turn.lease.guard())
        except ConditionFailed as error:
            if 1 in error.failed:
                raise LeaseLost(f"gate {gate}: lease is over") from error
