"""The draw's command line: invent a wave, draw it, verify it.

    python -m functions.select.draw synthesize --entries N --seed S --quota Q --reserve R --out DIR
    python -m functions.select.draw run DIR
    python -m functions.select.draw verify DIR [--pins FILE] [--plain]

Exit codes: 0 done, and every step holds; 1 a step of the protocol does not hold; 2 wrong usage,
and nothing was written.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from functions.programme.draw.beacon import verify_beacon
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import result_head_text
from functions.programme.draw.keys import ED25519, Signer
from functions.programme.draw.notes import sign_note
from functions.programme.draw.params import Pool
from functions.programme.draw.pins import Pins
from functions.programme.draw.published import (
    BEACON,
    PARAMS,
    RESULT_HEAD,
    RESULTS,
    ROSTER,
    ROSTER_HEAD,
    file_of,
    open_published,
    step,
)
from functions.programme.draw.quick.allocation import allocate
from functions.programme.draw.quick.listing import root_of_listing
from functions.programme.draw.quick.order import ranking
from functions.programme.draw.quick.results import make_results
from functions.programme.draw.quick.roster import parse_roster
from functions.programme.draw.quick.verify import QuickLists, check_published
from functions.programme.draw.results import RECORD_SIZE
from functions.programme.draw.synthesize import synthesize
from functions.programme.draw.verify import PlainLists, verify_wave
from functions.programme.draw.void import VOID_NOTE
from functions.select.draw_folder import PRIVATE, open_listings, read_files, write_file

PINS = "pins.json"
SMALL_BEFORE_THE_DRAW = (PARAMS, ROSTER_HEAD, BEACON, VOID_NOTE)
SEED_VARIABLE = "GELOMBANG_OPERATOR_SEED"
DONE, DOES_NOT_HOLD, WRONG_USAGE = 0, 1, 2


class UsageError(Exception):
    """The command cannot begin; the message says what is missing."""


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one command and return its exit code. `environment` may hold the operator's seed."""
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as stop:  # argparse has said why, or printed the help that was asked for
        return stop.code if isinstance(stop.code, int) else WRONG_USAGE
    try:
        if options.command == "synthesize":
            return _synthesize(options)
        if options.command == "run":
            return _run(options.folder, environment)
        return _verify(options.folder, options.pins, options.plain)
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_USAGE
    except OSError as error:
        sys.stderr.write(f"{error.strerror}: {error.filename}\n")
        return WRONG_USAGE
    except VerificationError as error:
        sys.stderr.write(f"FAILED {error.step}: {error}\n")
        return DOES_NOT_HOLD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m functions.select.draw", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    commands = parser.add_subparsers(dest="command", required=True)
    invent = commands.add_parser("synthesize", help="write an invented wave, up to its beacon")
    for name in ("--entries", "--quota", "--reserve"):
        invent.add_argument(name, type=_count, required=True)
    invent.add_argument("--seed", required=True, help="any text; the same text, the same wave")
    invent.add_argument("--pool", type=_pool, action="append", default=[], metavar="NAME:SEATS")
    invent.add_argument("--out", type=Path, required=True, metavar="DIR")
    run = commands.add_parser("run", help="draw a published wave and sign the result")
    run.add_argument("folder", type=Path, metavar="DIR")
    check = commands.add_parser("verify", help="check every step of a wave")
    check.add_argument("folder", type=Path, metavar="DIR")
    check.add_argument("--pins", type=Path, metavar="FILE", help="your own copy of pins.json")
    check.add_argument("--plain", action="store_true", help="by the readable code; slow")
    return parser


def _synthesize(options: argparse.Namespace) -> int:
    folder: Path = options.out
    if (folder / RESULTS).exists() or (folder / RESULT_HEAD).exists():
        raise UsageError(f"{folder} holds the results of another wave")
    try:
        wave = synthesize(
            options.seed, options.entries, options.quota, options.reserve, tuple(options.pool)
        )
    except VerificationError as error:
        raise UsageError(f"no such wave can be announced: {error}") from None
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in wave.files.items():
        write_file(folder / name, data)
    write_file(folder / PRIVATE, (json.dumps(wave.private, indent=1) + "\n").encode("ascii"))
    return DONE


def _run(folder: Path, environment: Mapping[str, str]) -> int:
    """Check everything that was published, draw, sign, write: nothing is written before the end."""
    clock = _StageClock()
    files, pins_bytes = _read_wave(folder, SMALL_BEFORE_THE_DRAW), _read_pins(folder / PINS)
    wave = open_published(files, pins_bytes, _ignore)
    operator = _operator(folder, wave.pins, environment)
    clock.stage("open")
    with open_listings(folder, (ROSTER,)) as listings, step("roster", _ignore):
        roster = file_of(listings, ROSTER)
        check_published(roster, wave)
        clock.stage("root")
        columns = parse_roster(roster, wave.pins.family_limit, len(wave.params.pools))
        clock.stage("roster")
    with step("beacon_signature", _ignore):
        verify_beacon(wave.pins, wave.beacon)
    clock.stage("beacon")
    order = ranking(wave.seed, columns.eligible)
    clock.stage("order")
    allocation = allocate(columns, order, wave.params)
    clock.stage("allocate")
    results = make_results(columns, order, allocation, len(wave.params.pools))
    clock.stage("results")
    root = root_of_listing(results.data, RECORD_SIZE)
    text = result_head_text(
        wave.params.wave, wave.head.digest, wave.beacon.round, wave.seed, wave.head.n, root
    )
    head = sign_note(text, operator)
    clock.stage("head")
    write_file(folder / RESULTS, results.data)
    write_file(folder / RESULT_HEAD, head)
    clock.stage("write")
    counts = {outcome.name.lower(): count for outcome, count in results.counts.items()}
    figures = {"cpu_seconds": clock.seconds, "peak_memory_bytes": _peak_memory()}
    _say(json.dumps({"wave": wave.params.wave, "entries": wave.head.n, **counts, **figures}))
    return DONE


def _verify(folder: Path, own_pins: Path | None, plain: bool) -> int:
    """Check a wave, telling each step as it is done; the last line says whose pins were used."""
    pins_bytes = _read_pins(own_pins or folder / PINS)
    files = _read_wave(folder, (*SMALL_BEFORE_THE_DRAW, RESULT_HEAD))
    try:
        with open_listings(folder, (ROSTER, RESULTS)) as listings:
            whole = {name: listing[:] for name, listing in listings.items()} if plain else {}
            lists = PlainLists(whole) if plain else QuickLists(listings)
            report = verify_wave(files, pins_bytes, lambda name: _say(f"ok {name}"), lists)
    except VerificationError as error:
        _say(f"FAILED {error.step}: {error}")
        _say("witnesses: not counted, since the wave does not hold")
        code = DOES_NOT_HOLD
    else:
        pins = report.wave.pins
        _say(f"witnesses: {report.witnesses} of {len(pins.witnesses)}, quorum {pins.quorum}")
        if pins.quorum == 0:
            _say("publication time: operator's word only")
        _say(f"wave {report.wave.params.wave}: every step holds, {report.wave.head.n} entries")
        code = DONE
    _say("keys pinned" if own_pins else "keys not pinned")
    return code


def _operator(folder: Path, pins: Pins, environment: Mapping[str, str]) -> Signer:
    """The pinned operator's private key, from the environment or from `private.json`."""
    seed = environment.get(SEED_VARIABLE)
    if seed is None and (folder / PRIVATE).is_file():
        try:
            seed = json.loads((folder / PRIVATE).read_bytes())["ed25519_seeds"][pins.operator.name]
        except (ValueError, KeyError, TypeError):
            raise UsageError(f"no seed for {pins.operator.name} in {PRIVATE}") from None
    if seed is None:
        raise UsageError(f"neither {PRIVATE} nor {SEED_VARIABLE} holds the operator's seed")
    if not isinstance(seed, str) or not re.fullmatch(r"[0-9a-f]{64}", seed):
        raise UsageError("the operator's seed must be 64 hexadecimal digits")
    signer = Signer(pins.operator.name, ED25519, bytes.fromhex(seed))
    if signer.verifier != pins.operator:
        raise UsageError("the seed is not that of the pinned operator")
    return signer


class _StageClock:
    """CPU seconds of this process for each stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.process_time()

    def stage(self, name: str) -> None:
        """End a stage and give it its name."""
        now = time.process_time()
        self.seconds[name], self._last = round(now - self._last, 6), now


def _read_wave(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    return read_files(folder, names)


def _read_pins(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise UsageError(f"cannot read the pins {path}") from None


def _peak_memory() -> int:
    """Bytes. The system counts in kilobytes, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) >= 2**32:
        raise argparse.ArgumentTypeError("a number from 0 to 4294967295")
    return int(text)


def _pool(text: str) -> Pool:
    name, _, seats = text.rpartition(":")
    if not re.fullmatch(r"[ -~]+", name) or not re.fullmatch(r"[1-9][0-9]{0,8}", seats):
        raise argparse.ArgumentTypeError("NAME:SEATS, at least one seat")
    return Pool(name, int(seats))


def _ignore(_: str) -> None:
    """`run` tells its stages at the end."""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
