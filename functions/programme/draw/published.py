"""What the small public files of a wave say together, before any list is looked at.

`verify` and `proof` both begin here: pins, params, the roster's head with its witnesses, the
round that counts, the beacon's file and the result's head. Only hashes and Ed25519 signatures
are checked, so it is quick; the beacon's own signature is left to `beacon.verify_beacon`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from functions.programme.draw.beacon import Beacon, parse_beacon
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import (
    ResultHead,
    RosterHead,
    open_result_head,
    open_roster_head,
)
from functions.programme.draw.order import make_seed
from functions.programme.draw.params import Params, check_policy, parse_params
from functions.programme.draw.pins import Pins, parse_pins
from functions.programme.draw.rounds import check_delay, effective_round
from functions.programme.draw.void import check_not_void

PARAMS, ROSTER_HEAD, BEACON, RESULT_HEAD = (
    "params.json",
    "roster.head",
    "beacon.json",
    "result.head",
)
ROSTER, RESULTS = "roster.bin", "results.bin"

OnStep = Callable[[str], None]
File = TypeVar("File")


@dataclass(frozen=True)
class Published:
    """A wave up to its seed: all that the draw depends on but the roster itself."""

    pins: Pins
    params: Params
    head: RosterHead
    beacon: Beacon
    seed: bytes


@contextmanager
def step(name: str, on_step: OnStep) -> Iterator[None]:
    """Name the step in which something fails; tell `on_step` when it holds."""
    try:
        yield
    except VerificationError as error:
        error.step = name
        raise
    on_step(name)


def file_of(files: Mapping[str, File], name: str) -> File:
    """A public file of those there are. Error: `file_missing` {file}."""
    if name not in files:
        raise VerificationError("file_missing", file=name)
    return files[name]


def open_published(files: Mapping[str, bytes], pins_bytes: bytes, on_step: OnStep) -> Published:
    """Steps `pins`, `params`, `roster_head` and `beacon`. Raises VerificationError."""
    with step("pins", on_step):
        pins = parse_pins(pins_bytes)
    with step("params", on_step):
        params = parse_params(file_of(files, PARAMS))
        check_policy(params, pins)
        check_delay(pins, params)
    with step("roster_head", on_step):
        head = open_roster_head(file_of(files, ROSTER_HEAD), pins)
        if head.wave != params.wave:
            raise VerificationError("roster_wave", wave=head.wave)
        if head.params_hash != params.digest:
            raise VerificationError("roster_params")
        counts = effective_round(pins, params, head)
        check_not_void(files, pins, params, head, counts)
    with step("beacon", on_step):
        beacon = parse_beacon(file_of(files, BEACON))
        if beacon.round != counts:
            raise VerificationError("beacon_round", round=beacon.round, expected=counts)
    return Published(pins, params, head, beacon, make_seed(head, beacon))


def open_result(files: Mapping[str, bytes], wave: Published, on_step: OnStep) -> ResultHead:
    """Step `result_head`: the operator signed a result of this roster and this round.

    Errors: those of heads; `result_wave`, `result_roster`, `result_round`, `result_seed`,
    `result_entries`.
    """
    with step("result_head", on_step):
        head = open_result_head(file_of(files, RESULT_HEAD), wave.pins)
        for code, said, expected in (
            ("result_wave", head.wave, wave.params.wave),
            ("result_roster", head.roster_digest, wave.head.digest),
            ("result_round", head.round, wave.beacon.round),
            ("result_seed", head.seed, wave.seed),
            ("result_entries", head.n, wave.head.n),
        ):
            if said != expected:
                raise VerificationError(code)
    return head
