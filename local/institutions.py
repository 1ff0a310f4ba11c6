"""The others whom a draw needs, played by this machine: a beacon and two witnesses.

Their secrets are made for one run and lie in its folder, so that web and supervisor
speak of the same ones.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from functions.programme.draw.keys import COSIGNATURE, Signer
from local.beacon import Chain

WITNESSES = ("a", "b")
SEED_BYTES = 32
# Below the order of BLS12-381's group (0x73ed…), with room to spare.
BEACON_SECRET_BITS = 248


@dataclass(frozen=True)
class Institutions:
    """The chain of the beacon, and the seed of each witness by name."""

    chain: Chain
    seeds: dict[str, bytes]

    def verifier(self, witness: str) -> str:
        """The verifier key of a witness, as it is pinned."""
        return str(Signer(key_name(witness), COSIGNATURE, self.seeds[witness]).verifier)


def key_name(witness: str) -> str:
    """The name under which a witness signs."""
    return f"127.0.0.1/witness-{witness}"


def found(file: Path, now: int) -> Institutions:
    """Make institutions for a new run, whose first round was at Unix time `now`, and keep them."""
    about = {
        "secret": secrets.randbits(BEACON_SECRET_BITS) + 1,
        "genesis": now,
        "seeds": {name: secrets.token_hex(SEED_BYTES) for name in WITNESSES},
    }
    file.touch(mode=0o600)
    file.write_text(json.dumps(about))
    return load(file)


def load(file: Path) -> Institutions:
    """The institutions of this run."""
    about = json.loads(file.read_text())
    return Institutions(
        Chain(about["secret"], about["genesis"]),
        {name: bytes.fromhex(seed) for name, seed in about["seeds"].items()},
    )
