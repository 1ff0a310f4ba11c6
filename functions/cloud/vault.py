"""The vault: fields sealed under KMS data keys, look-ups by HMAC, signing seeds.

KMS wraps every key; the wrapped keys stand in SSM; each is unwrapped once per
process. A sealed field carries the eight-byte id of its data key, so keys can be
changed without touching what is stored. AES-GCM with random 96-bit nonces is
safe for 2^32 fields under one key (NIST SP 800-38D §8.3): ten million applicants
with ten fields use a fortieth of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from abc import ABC, abstractmethod
from typing import Any, Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MAC_PURPOSES = ("email", "phone", "nik", "kk", "shard", "photo", "code", "limit", "request")
SEEDS = ("operator", "receipts")
KEY_ID_BYTES = 8
NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed field was changed, moved, or sealed under a key that is not ours."""


class Vault(Protocol):
    """What the rooms may ask of the vault."""

    def seal(self, table: str, key: str, field: str, text: str) -> bytes:
        """Encrypt `text` for this one place; anywhere else it will not open."""
        ...

    def open(self, table: str, key: str, field: str, sealed: bytes) -> str:
        """The inverse of `seal`. Raises SealBroken."""
        ...

    def mac(self, purpose: str, text: str) -> str:
        """HMAC-SHA-256 under the key of `purpose`, in hex."""
        ...

    def key(self, purpose: str) -> bytes:
        """The 32-byte key of a purpose, for what derives more than a look-up from it."""
        ...

    def seed(self, name: str) -> bytes:
        """A 32-byte Ed25519 seed: `operator` or `receipts`."""
        ...


class SealingVault(ABC):
    """The arithmetic of a vault over any source of keys."""

    def seal(self, table: str, key: str, field: str, text: str) -> bytes:
        key_id, data_key = self._current_data_key()
        nonce = os.urandom(NONCE_BYTES)
        place = f"{table}|{key}|{field}".encode()
        return key_id + nonce + AESGCM(data_key).encrypt(nonce, text.encode(), place)

    def open(self, table: str, key: str, field: str, sealed: bytes) -> str:
        from cryptography.exceptions import InvalidTag

        key_id, rest = sealed[:KEY_ID_BYTES], sealed[KEY_ID_BYTES:]
        nonce, box = rest[:NONCE_BYTES], rest[NONCE_BYTES:]
        place = f"{table}|{key}|{field}".encode()
        try:
            return AESGCM(self._data_key(key_id)).decrypt(nonce, box, place).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"{table}.{field} does not open") from error

    def mac(self, purpose: str, text: str) -> str:
        return hmac.digest(self.key(purpose), text.encode(), "sha256").hex()

    @abstractmethod
    def key(self, purpose: str) -> bytes: ...

    @abstractmethod
    def _current_data_key(self) -> tuple[bytes, bytes]: ...

    @abstractmethod
    def _data_key(self, key_id: bytes) -> bytes: ...


class KmsVault(SealingVault):
    """A vault whose keys lie wrapped in SSM."""

    def __init__(self, clients: Any, config: Any):
        self._clients = clients
        self._config = config
        self._keys: dict[str, bytes] = {}
        self._current: tuple[bytes, bytes] | None = None

    def key(self, purpose: str) -> bytes:
        return self._unwrapped(f"keys/{purpose}")

    def seed(self, name: str) -> bytes:
        return self._unwrapped(f"seeds/{name}")

    def _current_data_key(self) -> tuple[bytes, bytes]:
        if self._current is None:
            key_id = self._parameter("data-keys/current")
            self._current = bytes.fromhex(key_id), self._unwrapped(f"data-keys/{key_id}")
        return self._current

    def _data_key(self, key_id: bytes) -> bytes:
        return self._unwrapped(f"data-keys/{key_id.hex()}")

    def _unwrapped(self, thing: str) -> bytes:
        if thing not in self._keys:
            self._keys[thing] = self._clients("kms").decrypt(
                CiphertextBlob=base64.b64decode(self._parameter(thing)),
                EncryptionContext=_context(self._config, thing),
            )["Plaintext"]
        return self._keys[thing]

    def _parameter(self, thing: str) -> str:
        answer = self._clients("ssm").get_parameter(Name=self._config.parameter(thing))
        return answer["Parameter"]["Value"]


def create_keys(clients: Any, config: Any) -> list[str]:
    """Make every key and seed that this stage still lacks; returns the names made.

    Needs the operator's rights on KMS and SSM. Existing keys are never replaced:
    what they sealed would be lost.
    """
    things = [f"keys/{purpose}" for purpose in MAC_PURPOSES] + [f"seeds/{s}" for s in SEEDS]
    made = [thing for thing in things if _create_key(clients, config, thing)]
    if not _has_parameter(clients, config, "data-keys/current"):
        made.append(_create_data_key(clients, config))
    return made


def _create_key(clients: Any, config: Any, thing: str) -> bool:
    if _has_parameter(clients, config, thing):
        return False
    _put_parameter(clients, config, thing, base64.b64encode(_wrapped(clients, config, thing)))
    return True


def _create_data_key(clients: Any, config: Any) -> str:
    key_id = hashlib.sha256(os.urandom(32)).digest()[:KEY_ID_BYTES].hex()
    _create_key(clients, config, f"data-keys/{key_id}")
    _put_parameter(clients, config, "data-keys/current", key_id.encode())
    return f"data-keys/{key_id}"


def _wrapped(clients: Any, config: Any, thing: str) -> bytes:
    answer = clients("kms").generate_data_key_without_plaintext(
        KeyId=kms_alias(config, thing),
        KeySpec="AES_256",
        EncryptionContext=_context(config, thing),
    )
    return answer["CiphertextBlob"]


def kms_alias(config: Any, thing: str) -> str:
    """Seeds are wrapped by a KMS key of their own, which fewer roles may use."""
    kind = "signing" if thing.startswith("seeds/") else "data"
    return f"alias/{config.name(kind)}"


def _context(config: Any, thing: str) -> dict[str, str]:
    return {"stage": config.stage, "key": thing}


def _has_parameter(clients: Any, config: Any, thing: str) -> bool:
    ssm = clients("ssm")
    try:
        ssm.get_parameter(Name=config.parameter(thing))
    except ssm.exceptions.ParameterNotFound:
        return False
    return True


def _put_parameter(clients: Any, config: Any, thing: str, value: bytes) -> None:
    clients("ssm").put_parameter(
        Name=config.parameter(thing), Value=value.decode(), Type="String", Overwrite=False
    )
