"""A receipt against a published list: whether an acknowledged join is on it.

    python -m functions.select.receipts DIR RECEIPT [--pins FILE]

DIR holds `params.json`, `roster.head` and `roster.bin`; it needs no NIK and no draw. A receipt that
the programme signed and that the list lacks is evidence against the programme, for anyone to check,
unless its holder withdrew the entry. Exit codes: 0 listed; 1 not listed, or a step does not hold;
2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from functions.programme.draw.canonical import DEEPEST, depth
from functions.programme.draw.commitment import check_signature, parse_receipt
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_roster_head
from functions.programme.draw.params import parse_params
from functions.programme.draw.pins import parse_pins
from functions.programme.draw.published import PARAMS, ROSTER, ROSTER_HEAD, file_of, step
from functions.programme.draw.quick.listing import Listing, root_of_listing
from functions.programme.draw.roster import RECORD_SIZE
from functions.select.draw_folder import open_listings, read_files

LISTED, DOES_NOT_HOLD, WRONG_USAGE = 0, 1, 2


def place_on_list(
    files: Mapping[str, bytes], roster: Listing, pins_bytes: bytes, receipt: Mapping[str, Any]
) -> int | None:
    """The record's place on the signed list, or None where a genuine receipt is not on it.

    Raises VerificationError when the list is not the signed one, or the receipt not genuine or of
    another wave.
    """
    with step("pins", _ignore):
        pins = parse_pins(pins_bytes)
    with step("params", _ignore):
        params = parse_params(file_of(files, PARAMS))
    with step("roster_head", _ignore):
        head = open_roster_head(file_of(files, ROSTER_HEAD), pins)
        if head.params_hash != params.digest:
            raise VerificationError("roster_params")
    with step("roster", _ignore):
        if len(roster) != head.n * RECORD_SIZE:
            raise VerificationError("roster_size")
        if root_of_listing(roster, RECORD_SIZE) != head.root:
            raise VerificationError("roster_root")
    with step("receipt", _ignore):
        own = parse_receipt(receipt)
        if own.wave != params.wave:
            raise VerificationError("receipt_wave")
        check_signature(own, pins.receipts, params.digest)
    return _find(roster, own.commitment)


def _find(roster: Listing, commitment: bytes) -> int | None:
    """By halving: the list is in ascending order of commitment."""
    low, high = 0, len(roster) // RECORD_SIZE
    while low < high:
        middle = (low + high) // 2
        start = middle * RECORD_SIZE
        found = bytes(roster[start : start + len(commitment)])
        if found == commitment:
            return middle
        low, high = (middle + 1, high) if found < commitment else (low, middle)
    return None


def main(arguments: Sequence[str]) -> int:
    """Look for a receipt in a folder; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m functions.select.receipts")
    parser.description, parser.formatter_class = __doc__, argparse.RawDescriptionHelpFormatter
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("receipt", type=Path, metavar="RECEIPT", help="the receipt's JSON")
    parser.add_argument("--pins", type=Path, metavar="FILE", help="your own copy of pins.json")
    options = parser.parse_args(arguments)
    folder: Path = options.folder
    try:
        pins = (options.pins or folder / "pins.json").read_bytes()
        written = options.receipt.read_bytes()
        if depth(written) > DEEPEST:
            raise ValueError(written)
        receipt = json.loads(written)
        with open_listings(folder, (ROSTER,)) as listings, step("roster", _ignore):
            roster = file_of(listings, ROSTER)
            place = place_on_list(read_files(folder, (PARAMS, ROSTER_HEAD)), roster, pins, receipt)
    except OSError as error:
        sys.stderr.write(f"{error.strerror}: {error.filename}\n")
        return WRONG_USAGE
    except ValueError:
        sys.stderr.write(f"{options.receipt} is no JSON\n")
        return WRONG_USAGE
    except VerificationError as error:
        sys.stdout.write(f"FAILED {error.step}: {error}\n")
        return DOES_NOT_HOLD
    keys = f"keys {'' if options.pins else 'not '}pinned"
    if place is None:
        sys.stdout.write(f"NOT LISTED: the receipt is genuine, the signed list lacks it; {keys}\n")
        return DOES_NOT_HOLD
    sys.stdout.write(f"listed: record {place}; {keys}\n")
    return LISTED


def _ignore(_: str) -> None:
    """Only the outcome is told."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
