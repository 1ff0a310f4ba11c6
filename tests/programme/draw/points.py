"""Forged points of BLS12-381, by what is wrong with them."""

from __future__ import annotations

from functools import cache

from py_ecc.bls.g2_primitives import G1_to_pubkey, subgroup_check
from py_ecc.bls.point_compression import decompress_G1
from py_ecc.optimized_bls12_381 import G1, field_modulus


def off_the_subgroup() -> bytes:
    """A canonical point of the curve that is not in G1: the first found by its x."""
    for x in range(1, 100):
        data = (x + (1 << 383)).to_bytes(48, "big")
        try:
            point = decompress_G1(x + (1 << 383))
        except ValueError:
            continue
        if not subgroup_check(point):
            return data
    raise AssertionError("no such point below 100")


@cache
def point_forgeries() -> dict[str, bytes]:
    """Bytes that are no signature, though they look like one to a lax parser."""
    good = G1_to_pubkey(G1)
    x = int.from_bytes(off_the_subgroup(), "big") % (1 << 381)
    return {
        "short": good[:47],
        "long": good + b"\x00",
        "infinity": b"\xc0" + bytes(47),
        "infinity with a sign": b"\xe0" + bytes(47),
        "infinity with spare bits": b"\xc0" + bytes(46) + b"\x01",
        "point with the infinity bit": bytes([good[0] | 0x40]) + good[1:],
        "not marked as compressed": bytes([good[0] & 0x7F]) + good[1:],
        "x not reduced": (x + field_modulus + (1 << 383)).to_bytes(48, "big"),
        "x with no y": next(
            data
            for data in ((x + (1 << 383)).to_bytes(48, "big") for x in range(1, 50))
            if not on_curve(data)
        ),
        "outside the subgroup": off_the_subgroup(),
        "zero": bytes(48),
    }


def on_curve(data: bytes) -> bool:
    try:
        decompress_G1(int.from_bytes(data, "big"))
    except ValueError:
        return False
    return True
