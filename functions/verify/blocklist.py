"""Passwords that are tried first: the frequency list of zxcvbn, read when first needed."""

from __future__ import annotations

from functools import cache

from functions.programme import passwords
from functions.web.errors import InvalidFields


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def check_password(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Raise InvalidFields when a new password is refused (programme/passwords.py)."""
    code = passwords.error(password, email=email, name=name, common=_common().__contains__)
    if code is not None:
        raise InvalidFields({field: code})
