"""Invented people for waves that are not real: numbers and choices from a seed alone."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# Districts in which invented people live. The serial of every invented number is 9xxx.
AREAS = ("317101", "327306", "351508", "127109", "737105")
DAYS, MONTHS, YEARS, FIRST_YEAR = 28, 12, 46, 62  # born 1962 to 2007
SERIALS, FIRST_SERIAL = 1000, 9000
NUMBERS = SERIALS * DAYS * MONTHS * YEARS * 2 * len(AREAS)
STRIDE = 99_999_989  # a prime, so that neighbours get numbers that are far apart
_BLOCK_SIZE = 16


class Stream:
    """Bytes that look random and follow from a seed: an AES-256-CTR keystream.

    `purpose` names one of many streams of a seed; `block` is the 16-byte block it starts with.
    """

    def __init__(self, seed: str, purpose: str, block: int = 0) -> None:
        text = f"gelombang/synthesize/v2\n{purpose}\n{seed}"
        key = hashlib.sha256(text.encode("utf-8")).digest()
        counter = modes.CTR(block.to_bytes(_BLOCK_SIZE, "big"))
        self._cipher = Cipher(algorithms.AES256(key), counter).encryptor()

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        return self._cipher.update(bytes(size))

    def below(self, limit: int) -> int:
        """A number 0…`limit`-1."""
        return int.from_bytes(self.take(8), "big") % limit


def invented_number(i: int) -> str:
    """The i-th invented NIK or KK, 16 digits; no two of the first 150 million are the same."""
    rest = i * STRIDE % NUMBERS
    rest, serial = divmod(rest, SERIALS)
    rest, day = divmod(rest, DAYS)
    rest, month = divmod(rest, MONTHS)
    rest, year = divmod(rest, YEARS)
    area, woman = divmod(rest, 2)
    birth = f"{day + 1 + 40 * woman:02d}{month + 1:02d}{(FIRST_YEAR + year) % 100:02d}"
    return f"{AREAS[area]}{birth}{FIRST_SERIAL + serial}"
