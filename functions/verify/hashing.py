"""Password hashes: Argon2id."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from functions.programme.passwords import canonical


@dataclass(frozen=True)
class Cost:
    """What one hash costs: memory in KiB, passes, lanes."""

    memory: int
    passes: int
    lanes: int


# OWASP's password storage cheat sheet: 19 MiB, t=2, p=1.
PRODUCTION = Cost(memory=19 * 1024, passes=2, lanes=1)


def hashed(password: str, cost: Cost = PRODUCTION) -> str:
    """A salted Argon2id string, which carries its own cost."""
    return _hasher(cost).hash(canonical(password))


def matches(password: str, stored: str, cost: Cost = PRODUCTION) -> bool:
    """Whether a password is the one that was hashed."""
    try:
        return _hasher(cost).verify(stored, canonical(password))
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def nobodys_hash(cost: Cost = PRODUCTION) -> str:
    """A hash to compare with where there is no account, so that the work is the same."""
    return hashed("the password of nobody", cost)


@cache
def _hasher(cost: Cost) -> PasswordHasher:
    return PasswordHasher(
        time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes, type=Type.ID
    )
