"""BLS signatures with public keys on G2 and signatures on G1 of BLS12-381, as drand signs.

Points are compressed in the form that BLS libraries share (48 bytes on G1, 96 on G2) and hashed
by RFC 9380. The curve is py_ecc's: plain Python, slow (a verification takes about a second) and
easy to read. It is imported where it is used, since importing it takes as long again; and always
after `_contained`, since py_ecc raises the interpreter's recursion limit to 100,000, with which a
deep recursion anywhere in the process would end in a crash instead of an error.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

from functions.programme.draw.errors import VerificationError

if TYPE_CHECKING:
    from eth_typing import BLSPubkey, BLSSignature
    from py_ecc.bls.typing import G1Uncompressed, G2Uncompressed

# Ciphersuite of the pinned scheme, `bls-unchained-g1-rfc9380`.
DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
SIGNATURE_SIZE, PUBLIC_KEY_SIZE = 48, 96
# Who reads the limit while another thread imports would read the raised one, and put that back.
_IMPORTING = threading.Lock()


def _contained() -> None:
    """Import py_ecc and put the recursion limit back; its own code needs no more than the usual."""
    with _IMPORTING:
        limit = sys.getrecursionlimit()
        import py_ecc  # noqa: F401 - its import is what raises the limit

        sys.setrecursionlimit(limit)


def public_key(secret: int) -> bytes:
    """The 96-byte public key of a secret number. Used by a development machine's own beacon."""
    _contained()
    from py_ecc.bls.g2_primitives import G2_to_signature
    from py_ecc.optimized_bls12_381 import G2, curve_order, multiply

    return bytes(G2_to_signature(multiply(G2, secret % curve_order)))


def sign(secret: int, message: bytes) -> bytes:
    """The 48-byte signature over `message`; there is just one."""
    _contained()
    from py_ecc.bls.g2_primitives import G1_to_pubkey
    from py_ecc.optimized_bls12_381 import curve_order, multiply

    return bytes(G1_to_pubkey(multiply(hash_to_point(message), secret % curve_order)))


def hash_to_point(message: bytes) -> G1Uncompressed:
    """The point of G1 that stands for `message` (RFC 9380 §8.8.1 with DOMAIN)."""
    _contained()
    from py_ecc.bls.hash_to_curve import hash_to_G1

    sha256: Any = hashlib.sha256  # py_ecc's annotation asks for an instance, its code calls it
    return hash_to_G1(message, DOMAIN, sha256)


def parse_signature(data: bytes) -> G1Uncompressed:
    """The point of a signature. Error: `beacon_point` unless these are its canonical 48 bytes,
    in the subgroup and not infinity."""
    _contained()
    from py_ecc.bls.g2_primitives import G1_to_pubkey, pubkey_to_G1, subgroup_check
    from py_ecc.optimized_bls12_381 import is_inf

    try:
        if len(data) != SIGNATURE_SIZE:
            raise ValueError
        point = pubkey_to_G1(cast("BLSPubkey", data))
        if is_inf(point) or G1_to_pubkey(point) != data or not subgroup_check(point):
            raise ValueError
    except ValueError:
        raise VerificationError("beacon_point") from None
    return point


def parse_public_key(data: bytes) -> G2Uncompressed:
    """The point of a public key. Error: `beacon_key`, on the same conditions as a signature."""
    _contained()
    from py_ecc.bls.g2_primitives import G2_to_signature, signature_to_G2, subgroup_check
    from py_ecc.optimized_bls12_381 import is_inf

    try:
        if len(data) != PUBLIC_KEY_SIZE:
            raise ValueError
        point = signature_to_G2(cast("BLSSignature", data))
        if is_inf(point) or G2_to_signature(point) != data or not subgroup_check(point):
            raise ValueError
    except ValueError:
        raise VerificationError("beacon_key") from None
    return point


def verify(key: bytes, message: bytes, signature: bytes) -> None:
    """Whether `signature` is `key`'s over `message`: e(signature, -G2) · e(H(message), key) = 1.

    One final exponentiation serves both pairings. Errors: `beacon_point`, `beacon_key`,
    `beacon_signature`.
    """
    _contained()
    from py_ecc.fields import optimized_bls12_381_FQ12 as FQ12
    from py_ecc.optimized_bls12_381 import G2, final_exponentiate, neg, pairing

    signed, public = parse_signature(signature), parse_public_key(key)
    product = pairing(neg(G2), signed, final_exponentiate=False) * pairing(
        public, hash_to_point(message), final_exponentiate=False
    )
    if final_exponentiate(product) != FQ12.one():
        raise VerificationError("beacon_signature")
