"""Every step of the protocol over the public files of one wave, the slow one last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from functions.programme.draw import roster
from functions.programme.draw.allocation import allocate
from functions.programme.draw.beacon import verify_beacon
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.order import ranking
from functions.programme.draw.published import (
    RESULTS,
    ROSTER,
    OnStep,
    Published,
    file_of,
    open_published,
    open_result,
    step,
)
from functions.programme.draw.results import RECORD_SIZE, results_bytes
from functions.programme.draw.roster import RosterRecord
from functions.programme.draw.tree import ChunkTree


@dataclass(frozen=True)
class Report:
    """A wave that holds. `steps` are the names of what was checked, in order."""

    wave: Published
    steps: tuple[str, ...]

    @property
    def witnesses(self) -> int:
        """How many pinned witnesses cosigned the roster's head."""
        return len(self.wave.head.witness_times)


class Lists(Protocol):
    """The two long lists of a wave and what is done with them, in this order.

    `PlainLists` says what each step is; `quick.verify.QuickLists` does the same by columns.
    """

    def check_roster(self, wave: Published) -> None:
        """The list is the one whose root was published, and keeps its own rules.

        Errors: `file_missing`, `roster_entries`, `roster_root`, those of `roster.parse_roster`.
        """
        ...

    def check_results(self, wave: Published, root: bytes) -> None:
        """`results.bin` has the signed root. Errors: `file_missing`, `results_size`,
        `results_root`."""
        ...

    def check_draw(self, wave: Published) -> None:
        """The draw gives these results. Error: `results_differ` {index}."""
        ...


def verify_wave(
    files: Mapping[str, bytes],
    pins_bytes: bytes,
    on_step: OnStep = lambda _: None,
    lists: Lists | None = None,
) -> Report:
    """Check a wave from its public files, by their names in the wave's folder.

    `pins_bytes` should come from the verifier's own copy, not from the folder. `on_step` is told
    the name of each step that holds. `files` need not hold the two long lists if `lists` has them.
    Raises VerificationError with the failed step's name.
    """
    steps: list[str] = []

    def held(name: str) -> None:
        steps.append(name)
        on_step(name)

    lists = lists or PlainLists(files)
    wave = open_published(files, pins_bytes, held)
    with step("roster", held):
        lists.check_roster(wave)
    head = open_result(files, wave, held)
    with step("results", held):
        lists.check_results(wave, head.root)
    with step("draw", held):
        lists.check_draw(wave)
    with step("beacon_signature", held):
        verify_beacon(wave.pins, wave.beacon)
    return Report(wave, tuple(steps))


class PlainLists:
    """The lists read record by record: slow for millions, and easy to follow."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._records: list[RosterRecord] = []

    def check_roster(self, wave: Published) -> None:
        data = file_of(self._files, ROSTER)
        if len(data) != wave.head.n * roster.RECORD_SIZE:
            raise VerificationError("roster_entries", expected=wave.head.n)
        if ChunkTree(data, roster.RECORD_SIZE).root != wave.head.root:
            raise VerificationError("roster_root")
        pools = len(wave.params.pools)
        self._records = roster.parse_roster(data, wave.pins.family_limit, pools)

    def check_results(self, wave: Published, root: bytes) -> None:
        data = file_of(self._files, RESULTS)
        if len(data) != wave.head.n * RECORD_SIZE:
            raise VerificationError("results_size", bytes=len(data))
        if ChunkTree(data, RECORD_SIZE).root != root:
            raise VerificationError("results_root")

    def check_draw(self, wave: Published) -> None:
        order = ranking(wave.seed, self._records)
        expected = results_bytes(allocate(self._records, order, wave.params))
        said = self._files[RESULTS]
        if said != expected:
            at = next(at for at in range(len(said)) if said[at] != expected[at])
            raise VerificationError("results_differ", index=at // RECORD_SIZE)
