"""An entry's commitment, and the receipt that proves a join was acknowledged (§2)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from functions.programme.draw.canonical import Json, fields, integer, text
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.keys import Signer, VerifierKey
from functions.programme.draw.literals import (
    format_base64,
    format_time,
    parse_base64,
    parse_hex,
    parse_time,
)

VERSION = 1
ENTRY_SIZE, SALT_SIZE = 16, 32
_CONTEXT = b"gelombang/entry/v1"
_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")


@dataclass(frozen=True)
class Receipt:
    """A parsed receipt; private to its applicant. `joined_at` is Unix seconds."""

    wave: int
    entry: bytes
    salt: bytes
    commitment: bytes
    joined_at: int
    signature: bytes


def make_commitment(salt: bytes, wave: int, entry: bytes, nik: str, kk: str) -> bytes:
    """The 32 bytes that stand for an entry on the roster.

    `salt` is 32 and `entry` 16 bytes from the operating system; NIK and KK are 16 digits each.
    Without the salt nothing can be tried out on it. Error: `commitment_input`.
    """
    if len(salt) != SALT_SIZE or len(entry) != ENTRY_SIZE:
        raise VerificationError("commitment_input")
    if not _SIXTEEN_DIGITS.fullmatch(nik) or not _SIXTEEN_DIGITS.fullmatch(kk):
        raise VerificationError("commitment_input")
    message = commitment_context(wave) + entry + (nik + kk).encode("ascii")
    return hmac.digest(salt, message, "sha256")


def commitment_context(wave: int) -> bytes:
    """What every commitment of a wave begins with, before entry, NIK and KK."""
    return _CONTEXT + wave.to_bytes(4, "big")


def make_receipt(
    signer: Signer,
    params_hash: bytes,
    wave: int,
    entry: bytes,
    salt: bytes,
    commitment: bytes,
    joined_at: int,
) -> dict[str, Json]:
    """The receipt that a join is answered with, signed by the receipts key."""
    signature = signer.sign(_signed(wave, params_hash, commitment, joined_at))
    return {
        "version": VERSION,
        "wave": wave,
        "entry": entry.hex(),
        "salt": salt.hex(),
        "commitment": commitment.hex(),
        "joined_at": format_time(joined_at),
        "signature": format_base64(signature),
    }


def parse_receipt(receipt: Mapping[str, Json]) -> Receipt:
    """The fields of a receipt, nothing verified. Errors: `json_fields`, `json_value`, …"""
    owner = fields(
        receipt,
        *("version", "wave", "entry", "salt", "commitment", "joined_at", "signature"),
    )
    integer(owner, "version", VERSION, VERSION)
    return Receipt(
        wave=integer(owner, "wave", 1, 2**32 - 1),
        entry=parse_hex(text(owner, "entry"), ENTRY_SIZE),
        salt=parse_hex(text(owner, "salt"), SALT_SIZE),
        commitment=parse_hex(text(owner, "commitment"), 32),
        joined_at=parse_time(text(owner, "joined_at")),
        signature=parse_base64(text(owner, "signature")),
    )


def verify_receipt(
    receipt: Mapping[str, Json], key: VerifierKey, params_hash: bytes, nik: str, kk: str
) -> Receipt:
    """The receipt, if the receipts key signed it for this wave's params and for this person.

    Errors: those of `parse_receipt`; `receipt_commitment` when it was made for another NIK, KK,
    wave or entry; `receipt_signature`.
    """
    found = parse_receipt(receipt)
    commitment = make_commitment(found.salt, found.wave, found.entry, nik, kk)
    if not hmac.compare_digest(commitment, found.commitment):
        raise VerificationError("receipt_commitment")
    check_signature(found, key, params_hash)
    return found


def check_signature(receipt: Receipt, key: VerifierKey, params_hash: bytes) -> None:
    """That the receipts key signed it for a wave with these params; whose it is stays open.

    Error: `receipt_signature`.
    """
    message = _signed(receipt.wave, params_hash, receipt.commitment, receipt.joined_at)
    if not key.holds(message, receipt.signature):
        raise VerificationError("receipt_signature")


def _signed(wave: int, params_hash: bytes, commitment: bytes, joined_at: int) -> bytes:
    lines = ("gelombang/receipt/v1", str(wave), params_hash.hex(), commitment.hex())
    return "".join(f"{line}\n" for line in (*lines, format_time(joined_at))).encode("ascii")
