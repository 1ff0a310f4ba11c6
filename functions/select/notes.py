"""The notes after a draw, read and checked: removals and promotions.

    python -m functions.select.notes DIR [--pins FILE]

Exit codes: 0 the notes hold; 1 they do not, or `result.head` is not the operator's; 2 wrong usage.
It takes for granted that the draw itself was verified with `functions.select.draw verify`.
"""

from __future__ import annotations

import argparse
import hashlib
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from functions.programme.draw.allocation import ResultRecord
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import ResultHead, open_result_head
from functions.programme.draw.literals import format_time
from functions.programme.draw.pins import Pins, parse_pins
from functions.programme.draw.promotions import (
    Promotions,
    Removals,
    Standing,
    check_changes,
    open_promotions,
    open_removals,
    promotions_name,
    removals_name,
)
from functions.programme.draw.published import RESULT_HEAD, RESULTS, file_of
from functions.programme.draw.results import RECORD_SIZE
from functions.programme.draw.tree import ChunkTree

_RESULT = struct.Struct(">BBHI")

# Gives the bytes of a file of the wave's folder, or None.
Find = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Changes:
    """All notes of a wave, and where it stands after them."""

    head: ResultHead
    results: bytes
    removals: tuple[Removals, ...]
    promotions: tuple[Promotions, ...]
    standing: Standing

    @property
    def result_digest(self) -> bytes:
        """H(result.head text), which every note names."""
        return hashlib.sha256(self.head.text).digest()


def read_changes(find: Find, pins: Pins) -> Changes:
    """The notes of a folder, if they hold. Raises VerificationError."""
    there = {name: data for name in (RESULT_HEAD, RESULTS) if (data := find(name)) is not None}
    head = open_result_head(file_of(there, RESULT_HEAD), pins)
    results = file_of(there, RESULTS)
    if len(results) != head.n * RECORD_SIZE or ChunkTree(results, RECORD_SIZE).root != head.root:
        raise VerificationError("results_root")
    removals = tuple(open_removals(data, pins) for data in _numbered(find, removals_name))
    promotions = tuple(open_promotions(data, pins) for data in _numbered(find, promotions_name))
    return with_notes(Changes(head, results, (), (), _NOTHING), removals, promotions)


def with_notes(
    changes: Changes, removals: Sequence[Removals], promotions: Sequence[Promotions]
) -> Changes:
    """The same draw with these notes, if they hold. Raises VerificationError."""
    digest = changes.result_digest
    standing = check_changes(
        changes.head.wave, digest, _records(changes.results), removals, promotions
    )
    return Changes(changes.head, changes.results, tuple(removals), tuple(promotions), standing)


_NOTHING = Standing(frozenset(), (), (), (), None)


def _records(results: bytes) -> Iterator[ResultRecord]:
    for outcome, pool, _, rank in _RESULT.iter_unpack(results):
        yield ResultRecord(outcome, pool, rank)


def _numbered(find: Find, name_of: Callable[[int], str]) -> Iterator[bytes]:
    number = 1
    while (data := find(name_of(number))) is not None:
        yield data
        number += 1


def main(arguments: Sequence[str]) -> int:
    """Check the notes of a folder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m functions.select.notes", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--pins", type=Path, metavar="FILE", help="your own copy of pins.json")
    options = parser.parse_args(arguments)
    folder: Path = options.folder

    def find(name: str) -> bytes | None:
        return (folder / name).read_bytes() if (folder / name).is_file() else None

    try:
        pins = parse_pins((options.pins or folder / "pins.json").read_bytes())
        changes = read_changes(find, pins)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}: {error.filename}\n")
        return 2
    except VerificationError as error:
        sys.stdout.write(f"FAILED notes: {error}\n")
        return 1
    standing = changes.standing
    until = "" if standing.until is None else f", until {format_time(standing.until)}"
    sys.stdout.write(
        f"wave {changes.head.wave}: {len(changes.removals)} removals notes, "
        f"{len(changes.promotions)} promotions notes hold\n"
        f"removed {len(standing.removed)}, promoted {len(standing.promoted)}, "
        f"open places {len(standing.open_places)}, on reserve {len(standing.waiting)}{until}\n"
        f"keys {'' if options.pins else 'not '}pinned\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
