"""Every step of the protocol over the public files of one wave, the slow one last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.programme.draw import roster
from functions.programme.draw.beacon import verify_beacon
from functions.programme.draw.errors import VerificationError
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
from functions.programme.draw.results import RECORD_SIZE, draw
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


def verify_wave(
    files: Mapping[str, bytes], pins_bytes: bytes, on_step: OnStep = lambda _: None
) -> Report:
    """Check a wave from its public files, by their names in the wave's folder.

    `pins_bytes` should come from the verifier's own copy, not from the folder. `on_step` is told
    the name of each step that holds. Raises VerificationError with the failed step's name.
    """
    steps: list[str] = []

    def held(name: str) -> None:
        steps.append(name)
        on_step(name)

    wave = open_published(files, pins_bytes, held)
    check_roster(files, wave, held)
    head = open_result(files, wave, held)
    results = check_results(files, wave, head.root, held)
    with step("draw", held):
        expected = draw(files[ROSTER], wave.params, wave.pins.family_limit, wave.seed)
        if results != expected:
            raise VerificationError("results_differ", index=_first_difference(results, expected))
    with step("beacon_signature", held):
        verify_beacon(wave.pins, wave.beacon)
    return Report(wave, tuple(steps))


def check_roster(
    files: Mapping[str, bytes], wave: Published, on_step: OnStep
) -> list[roster.RosterRecord]:
    """Step `roster`: the list is the one whose root was published, and keeps its own rules.

    Errors: `roster_entries`, `roster_root`, and those of `roster.parse_roster`.
    """
    with step("roster", on_step):
        data = file_of(files, ROSTER)
        if len(data) != wave.head.n * roster.RECORD_SIZE:
            raise VerificationError("roster_entries", expected=wave.head.n)
        if ChunkTree(data, roster.RECORD_SIZE).root != wave.head.root:
            raise VerificationError("roster_root")
        return roster.parse_roster(data, wave.pins.family_limit, len(wave.params.pools))


def check_results(
    files: Mapping[str, bytes], wave: Published, root: bytes, on_step: OnStep
) -> bytes:
    """Step `results`: `results.bin` has the signed root. Errors: `results_size`, `results_root`."""
    with step("results", on_step):
        data = file_of(files, RESULTS)
        if len(data) != wave.head.n * RECORD_SIZE:
            raise VerificationError("results_size", bytes=len(data))
        if ChunkTree(data, RECORD_SIZE).root != root:
            raise VerificationError("results_root")
    return data


def _first_difference(said: bytes, expected: bytes) -> int:
    """Index of the first record that differs; both have the same length."""
    at = next(at for at in range(len(said)) if said[at] != expected[at])
    return at // RECORD_SIZE
