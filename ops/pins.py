"""`pins.json`: what every verifier must know, published once for a stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from functions.cloud.files import FileMissing
from functions.cloud.runtime import Runtime
from functions.programme.draw import bls
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.keys import COSIGNATURE, ED25519, Signer, parse_verifier_key
from functions.programme.draw.pins import SCHEME, BeaconPins, Pins, parse_pins
from functions.select.folder import read_pins, write_pins
from ops.errors import Refused

# The rules of the programme in production (protocol §0): the contest window, the distance
# between fallback rounds and between close and draw, in seconds and rounds.
FAMILY_LIMIT = 2
MARGIN_SECONDS = 86_400
FALLBACK_ROUNDS = 28_800
DRAW_DELAY_SECONDS = 172_800
QUORUM = 2

# drand's quicknet, as its own API gives it at /<chain>/info.
QUICKNET: dict[str, Any] = {
    "chain": "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    "public_key": (
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
        "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
        "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    "scheme": SCHEME,
    "genesis": 1_692_803_367,
    "period": 3,
}


def publish(
    runtime: Runtime,
    *,
    witnesses: Sequence[str],
    quorum: int,
    beacon: Mapping[str, Any],
    family_limit: int = FAMILY_LIMIT,
    margin_seconds: int = MARGIN_SECONDS,
    fallback_rounds: int = FALLBACK_ROUNDS,
    draw_delay_seconds: int = DRAW_DELAY_SECONDS,
) -> bytes:
    """Write `undian/pins.json` and return its bytes; the same again changes nothing.

    `witnesses` are verifier keys, `beacon` is {chain, public_key, scheme, genesis, period}. The
    operator's and the receipts' keys come from the vault. Raises Refused for values that no
    verifier would accept, and when other pins are published already.
    """
    if beacon.get("scheme", SCHEME) != SCHEME:
        raise Refused(f"the beacon's scheme must be {SCHEME}")
    try:
        bls.parse_public_key(bytes.fromhex(beacon["public_key"]))
        pins = Pins(
            operator=_signer(runtime, "operator").verifier,
            receipts=_signer(runtime, "receipts").verifier,
            witnesses=tuple(parse_verifier_key(key, COSIGNATURE) for key in witnesses),
            quorum=quorum,
            beacon=BeaconPins(
                chain=bytes.fromhex(beacon["chain"]),
                public_key=bytes.fromhex(beacon["public_key"]),
                genesis=beacon["genesis"],
                period=beacon["period"],
            ),
            family_limit=family_limit,
            margin_seconds=margin_seconds,
            fallback_rounds=fallback_rounds,
            draw_delay_seconds=draw_delay_seconds,
        )
        data = pins.to_bytes()
        parse_pins(data)
    except (VerificationError, ValueError, KeyError) as error:
        raise Refused(f"these pins are not usable: {error}") from error
    published = find(runtime)
    if published is not None and published != data:
        raise Refused("other pins are published already; waves were announced under them")
    if published is None:
        write_pins(runtime.files, data)
    return data


def find(runtime: Runtime) -> bytes | None:
    """The published `pins.json`, if there is one."""
    try:
        return read_pins(runtime.files)
    except FileMissing:
        return None


def _signer(runtime: Runtime, name: str) -> Signer:
    seed = runtime.vault.seed(name)
    return Signer(f"{runtime.config.domain}/{name}", ED25519, seed)
