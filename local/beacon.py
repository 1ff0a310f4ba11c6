"""A beacon for development: drand's HTTP API over a chain whose secret lies on this machine.

Rounds come out by the local clock. Anyone who holds the secret could know them early, which
is why no other machine pins this chain.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask, Response

from functions.programme.draw import bls
from functions.programme.draw.beacon import beacon_json, sign_round
from functions.programme.times import SECOND

SCHEME = "bls-unchained-g1-rfc9380"
PERIOD_SECONDS = 3


@dataclass(frozen=True)
class Chain:
    """One chain: its secret, and the Unix time of its first round."""

    secret: int
    genesis: int

    @property
    def public_key(self) -> bytes:
        return bls.public_key(self.secret)

    @property
    def pinned(self) -> dict[str, str | int]:
        """The chain as `pins.json` names it."""
        return {
            "chain": chain_hash(self.public_key, self.genesis),
            "public_key": self.public_key.hex(),
            "scheme": SCHEME,
            "genesis": self.genesis,
            "period": PERIOD_SECONDS,
        }


def chain_hash(public_key: bytes, genesis: int) -> str:
    """A name for the chain, 32 bytes in hex; drand's own rule is not needed here."""
    about = json.dumps([SCHEME, PERIOD_SECONDS, genesis, public_key.hex()])
    return hashlib.sha256(about.encode()).hexdigest()


def create_app(chain: Chain, clock: Callable[[], int]) -> Flask:
    """GET /<chain>/public/<round>: 200 with the round, 425 before its time, 404 elsewhere."""
    app = Flask("gelombang-beacon", static_folder=None)
    name = chain.pinned["chain"]
    signed = lru_cache(maxsize=1024)(lambda number: beacon_json(sign_round(chain.secret, number)))

    @app.get("/<asked>/public/<number>")
    def public(asked: str, number: str) -> Response:
        if asked != name or not re.fullmatch(r"[1-9]\d{0,11}", number):
            return Response(status=404)
        out_at = (chain.genesis + (int(number) - 1) * PERIOD_SECONDS) * SECOND
        if clock() < out_at:
            return Response("too early", status=425)
        return Response(signed(int(number)), mimetype="application/json")

    return app
