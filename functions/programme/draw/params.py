"""What is announced of a wave before it opens, and never changed after (§1)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from functions.programme.draw import canonical
from functions.programme.draw.canonical import Json, array, fields, integer, text
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.literals import format_time, parse_hex, parse_time
from functions.programme.draw.pins import Pins

VERSION = 1
HIGHEST_U32 = 2**32 - 1
MOST_POOLS = 255  # `pool` is one byte of a roster record, and 0 means none


@dataclass(frozen=True)
class Pool:
    """Reserved places: `seats` of the quota are filled from the pool's members first."""

    name: str
    seats: int


@dataclass(frozen=True)
class Params:
    """`params.json`. Times are Unix seconds; `policy` is the digest of the pins."""

    programme: str
    wave: int
    quota: int
    reserve: int
    opens_at: int
    closes_at: int
    round: int
    pools: tuple[Pool, ...]
    policy: bytes

    def to_bytes(self) -> bytes:
        """The canonical file."""
        return canonical.serialise(
            {
                "version": VERSION,
                "programme": self.programme,
                "wave": self.wave,
                "quota": self.quota,
                "reserve": self.reserve,
                "opens_at": format_time(self.opens_at),
                "closes_at": format_time(self.closes_at),
                "round": self.round,
                "pools": [{"name": pool.name, "seats": pool.seats} for pool in self.pools],
                "policy": self.policy.hex(),
            }
        )

    @cached_property
    def digest(self) -> bytes:
        """`params_hash`, which receipts and the roster's head carry."""
        return hashlib.sha256(self.to_bytes()).digest()


def parse_params(data: bytes) -> Params:
    """Read `params.json`.

    Errors: those of canonical JSON, hex and times; `params_times` unless it opens before it
    closes; `params_pools` for a name twice, more than 255 pools or more seats than the quota.
    """
    params = fields(
        canonical.parse(data),
        *("version", "programme", "wave", "quota", "reserve"),
        *("opens_at", "closes_at", "round", "pools", "policy"),
    )
    integer(params, "version", VERSION, VERSION)
    found = Params(
        programme=text(params, "programme"),
        wave=integer(params, "wave", 1, HIGHEST_U32),
        quota=integer(params, "quota", 0, HIGHEST_U32),
        reserve=integer(params, "reserve", 0, HIGHEST_U32),
        opens_at=parse_time(text(params, "opens_at")),
        closes_at=parse_time(text(params, "closes_at")),
        round=integer(params, "round", 1),
        pools=tuple(_parse_pool(pool) for pool in array(params, "pools")),
        policy=parse_hex(text(params, "policy"), 32),
    )
    check_announcement(found)
    return found


def check_announcement(params: Params) -> None:
    """The rules that `params.json` must keep by itself. Errors: `params_times`, `params_pools`."""
    if params.opens_at >= params.closes_at:
        raise VerificationError("params_times")
    names = {pool.name for pool in params.pools}
    seats = sum(pool.seats for pool in params.pools)
    if len(names) != len(params.pools) or len(names) > MOST_POOLS or seats > params.quota:
        raise VerificationError("params_pools")


def check_policy(params: Params, pins: Pins) -> None:
    """Error: `params_policy` when the wave was announced under other pins than these."""
    if params.policy != pins.digest:
        raise VerificationError("params_policy")


def _parse_pool(value: Json) -> Pool:
    pool = fields(value, "name", "seats")
    return Pool(name=text(pool, "name"), seats=integer(pool, "seats", 1, HIGHEST_U32))
