"""Which round of the beacon counts: later if the list came out late, never earlier (§6)."""

from __future__ import annotations

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import RosterHead
from functions.programme.draw.params import Params
from functions.programme.draw.pins import Pins


def round_time(pins: Pins, beacon_round: int) -> int:
    """Unix time at which a round (1, 2, …) comes out."""
    return pins.beacon.genesis + (beacon_round - 1) * pins.beacon.period


def first_round_at_or_after(pins: Pins, at: int) -> int:
    """The first round that comes out at Unix time `at` or later."""
    waits = max(0, at - pins.beacon.genesis)
    return 1 + -(-waits // pins.beacon.period)


def check_delay(pins: Pins, params: Params) -> None:
    """Error: `params_round` when the announced round is too soon after the close (§1)."""
    if round_time(pins, params.round) < params.closes_at + pins.draw_delay_seconds:
        raise VerificationError("params_round", round=params.round)


def published_time(pins: Pins, head: RosterHead) -> int:
    """W: when, by the witnesses, the list was public; by the operator's word if quorum is 0.

    Error: `witness_quorum` {witnesses, quorum} while too few have cosigned.
    """
    if pins.quorum == 0:
        return head.published_at
    times = sorted(at for _, at in head.witness_times)
    if len(times) < pins.quorum:
        raise VerificationError("witness_quorum", witnesses=len(times), quorum=pins.quorum)
    return times[pins.quorum - 1]


def effective_round(pins: Pins, params: Params, head: RosterHead) -> int:
    """R: the announced round, or the first fallback round that leaves the margin.

    Errors: `witness_quorum`; `published_before_close` when the list was public, so fixed,
    before the wave closed.
    """
    published = published_time(pins, head)
    if published < params.closes_at:
        raise VerificationError("published_before_close")
    late = published - (round_time(pins, params.round) - pins.margin_seconds)
    if late <= 0:
        return params.round
    fallbacks = -(-late // (pins.fallback_rounds * pins.beacon.period))
    return params.round + fallbacks * pins.fallback_rounds
