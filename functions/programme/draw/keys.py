"""C2SP signed-note keys: who may sign, and under which name and key id."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.literals import format_base64, parse_base64, parse_hex

ED25519 = 0x01  # operator and receipts: a signature over the text
COSIGNATURE = 0x04  # witnesses: cosignature/v1, a signature over time and text

# A name stands between spaces and before a plus sign, so it can contain neither.
_NAME = re.compile(r"[!-*,-~]+")


def key_id(name: str, kind: int, key: bytes) -> bytes:
    """The four bytes that stand for a key in a signature line (§0)."""
    return hashlib.sha256(name.encode("ascii") + b"\n" + bytes([kind]) + key).digest()[:4]


def check_name(name: str) -> str:
    """`name` if a signature line can carry it. Error: `key_malformed`."""
    if not _NAME.fullmatch(name):
        raise VerificationError("key_malformed")
    return name


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name. `kind` is ED25519 or COSIGNATURE; `key` is 32 bytes."""

    name: str
    kind: int
    key: bytes

    @property
    def id(self) -> bytes:
        """The key id, 4 bytes."""
        return key_id(self.name, self.kind, self.key)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{format_base64(bytes([self.kind]) + self.key)}"

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether `signature` (64 bytes) is this key's over `message`."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key with its name. `seed` is the 32-byte Ed25519 seed and is never shown."""

    name: str
    kind: int
    seed: bytes

    def __repr__(self) -> str:
        return f"Signer({self.name!r}, {self.kind})"

    @property
    def verifier(self) -> VerifierKey:
        """The public side, to be pinned."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key()
        return VerifierKey(check_name(self.name), self.kind, public.public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The 64-byte Ed25519 signature over `message`; the same each time."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


def parse_verifier_key(text: str, kind: int) -> VerifierKey:
    """`name+keyid+base64(type || key)` of the given kind. Error: `key_malformed`."""
    name, identifier, encoded = (*text.split("+", 2), "", "")[:3]
    check_name(name)
    try:
        data = parse_base64(encoded)
        named = parse_hex(identifier, 4)
    except VerificationError:
        raise VerificationError("key_malformed") from None
    key = VerifierKey(name, kind, data[1:])
    if len(data) != 33 or data[0] != kind or named != key.id:
        raise VerificationError("key_malformed")
    return key
