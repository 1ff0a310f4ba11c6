"""Invented people for waves that are not real: numbers and choices from a seed alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

# Districts in which invented people live. The serial of every invented number is 9xxx.
AREAS = ("317101", "327306", "351508", "127109", "737105")
_DAYS, _MONTHS, _YEARS, _FIRST_YEAR = 28, 12, 46, 62  # born 1962 to 2007
_SERIALS, _FIRST_SERIAL = 1000, 9000
_NUMBERS = _SERIALS * _DAYS * _MONTHS * _YEARS * 2 * len(AREAS)
_STRIDE = 99_999_989  # a prime, so that neighbours get numbers that are far apart

# Per thousand families: so many have 1, 2, … members who joined.
_FAMILY_SIZES = (620, 200, 100, 50, 20, 10)
# Per thousand families: so many have had 0, 1, … recipients before.
_EARLIER_RECIPIENTS = (920, 60, 20)
_EXCLUDED = 50  # of a thousand people whose family has room
_IN_A_POOL = 120  # of a thousand people, if the wave has pools


class Stream:
    """Bytes that look random and follow from a seed: an AES-256-CTR keystream."""

    def __init__(self, seed: str) -> None:
        key = hashlib.sha256(b"gelombang/synthesize/v1\n" + seed.encode("utf-8")).digest()
        self._cipher = Cipher(algorithms.AES256(key), modes.CTR(bytes(16))).encryptor()

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        return self._cipher.update(bytes(size))

    def below(self, limit: int) -> int:
        """A number 0…`limit`-1."""
        return int.from_bytes(self.take(8), "big") % limit

    def choose(self, thousandths: tuple[int, ...]) -> int:
        """An index, each as likely as its share of a thousand says."""
        place = self.below(1000)
        for index, share in enumerate(thousandths):
            place -= share
            if place < 0:
                return index
        return 0


@dataclass(frozen=True)
class Person:
    """One invented member of a family. `pool` is 0 or 1-based."""

    nik: str
    pool: int
    excluded: bool


@dataclass(frozen=True)
class Family:
    """The members of one KK who joined, and how many recipients it had before."""

    kk: str
    earlier: int
    members: tuple[Person, ...]


def invented_number(i: int) -> str:
    """The i-th invented NIK or KK, 16 digits; no two of the first 150 million are the same."""
    rest = i * _STRIDE % _NUMBERS
    rest, serial = divmod(rest, _SERIALS)
    rest, day = divmod(rest, _DAYS)
    rest, month = divmod(rest, _MONTHS)
    rest, year = divmod(rest, _YEARS)
    area, woman = divmod(rest, 2)
    birth = f"{day + 1 + 40 * woman:02d}{month + 1:02d}{(_FIRST_YEAR + year) % 100:02d}"
    return f"{AREAS[area]}{birth}{_FIRST_SERIAL + serial}"


def families(stream: Stream, entries: int, pools: int) -> Iterator[Family]:
    """Families of one to six until there are `entries` people."""
    people = 0
    number = 0
    while people < entries:
        size = min(1 + stream.choose(_FAMILY_SIZES), entries - people)
        earlier = stream.choose(_EARLIER_RECIPIENTS)
        members = tuple(
            Person(
                nik=invented_number(2 * (people + i)),
                pool=1 + stream.below(pools) if pools and stream.below(1000) < _IN_A_POOL else 0,
                excluded=stream.below(1000) < _EXCLUDED,
            )
            for i in range(size)
        )
        yield Family(invented_number(2 * number + 1), earlier, members)
        people, number = people + size, number + 1
