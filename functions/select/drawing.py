"""roster_published → drawn: wait for the round, draw, verify, and only then publish."""

from __future__ import annotations

import logging

from functions.programme.draw.beacon import Beacon, beacon_json, parse_beacon, verify_beacon
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_roster_head, result_head_text
from functions.programme.draw.notes import sign_note
from functions.programme.draw.order import make_seed
from functions.programme.draw.params import Params
from functions.programme.draw.published import (
    BEACON,
    PARAMS,
    RESULT_HEAD,
    RESULTS,
    ROSTER,
    ROSTER_HEAD,
)
from functions.programme.draw.quick import results as quick
from functions.programme.draw.quick.listing import root_of_listing
from functions.programme.draw.quick.verify import QuickLists
from functions.programme.draw.results import RECORD_SIZE, LastRanks
from functions.programme.draw.rounds import round_time
from functions.programme.draw.verify import verify_wave
from functions.programme.times import SECOND
from functions.select.folder import (
    RESULTS_LEAVES,
    read_pins,
    read_public,
    write_internal,
    write_public,
)
from functions.select.proofs import leaves_of
from functions.select.publishing import operator_signer
from functions.select.turn import Turn

log = logging.getLogger("gelombang.select.drawing")


def draw(turn: Turn) -> Turn | None:
    """Draw a published wave; None until its round is out and some relay has it.

    Raises VerificationError, and publishes nothing, unless the whole wave verifies.
    """
    if turn.runtime.clock() < round_time(turn.pins, turn.item["round"]) * SECOND:
        return None
    if "beacon" not in turn.item:
        beacon = _fetch(turn)
        if beacon is None:
            log.warning("wave %s: no relay has round %s", turn.wave, turn.item["round"])
            return None
        turn = turn.with_lease(turn.lease.save({"beacon": beacon_json(beacon)}))
    files, last_ranks = _verified(turn)
    for name in (BEACON, RESULTS, RESULT_HEAD):
        write_public(turn.runtime.files, turn.wave, name, files[name])
    results = files[RESULTS]
    leaves = leaves_of(results, RECORD_SIZE)
    write_internal(turn.runtime.files, turn.wave, RESULTS_LEAVES, leaves)
    said = _last_ranks(last_ranks, turn.params)
    return turn.with_lease(turn.lease.move("drawn", {"last_ranks": said}))


def _fetch(turn: Turn) -> Beacon | None:
    """The first answer of a relay that the pinned key has signed."""
    counts = turn.item["round"]
    for signature in turn.outside.beacons.signatures(turn.pins.beacon.chain.hex(), counts):
        beacon = Beacon(counts, signature)
        try:
            verify_beacon(turn.pins, beacon)
        except VerificationError as error:
            log.error("wave %s: a relay's round does not hold: %s", turn.wave, error)
            continue
        return beacon
    return None


def _verified(turn: Turn) -> tuple[dict[str, bytes], LastRanks]:
    """The six public files with the results, once they pass the check any stranger can do,
    and how far down each pass went."""
    files = {
        name: read_public(turn.runtime.files, turn.wave, name)
        for name in (PARAMS, ROSTER, ROSTER_HEAD)
    }
    head = open_roster_head(files[ROSTER_HEAD], turn.pins)
    files[BEACON] = turn.item["beacon"]
    beacon = parse_beacon(files[BEACON])
    seed = make_seed(head, beacon)
    results = quick.draw(files[ROSTER], turn.params, turn.pins.family_limit, seed)
    root = root_of_listing(results.data, RECORD_SIZE)
    text = result_head_text(turn.wave, head.digest, beacon.round, seed, head.n, root)
    files[RESULTS] = bytes(results.data)
    files[RESULT_HEAD] = sign_note(text, operator_signer(turn))
    verify_wave(files, read_pins(turn.runtime.files), lists=QuickLists(files))
    return files, results.last_ranks


def _last_ranks(last: LastRanks, params: Params) -> dict[str, object]:
    """How far down each pass went, as the wave item and the API hold it."""
    names = [pool.name for pool in params.pools]
    return {
        "open": last.open,
        "reserve": last.reserve,
        "pools": dict(zip(names, last.pools, strict=True)),
    }
