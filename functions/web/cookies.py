"""The cookies, and the tokens in them."""

from __future__ import annotations

from dataclasses import dataclass

from functions.programme.times import DAY, HOUR, SECOND

SESSION_MAX_AGE = 12 * HOUR
REGISTRATION_MAX_AGE = DAY
DEVICE_MAX_AGE = 90 * DAY
MAX_AGES = {
    "session": SESSION_MAX_AGE,
    "registration": REGISTRATION_MAX_AGE,
    "device": DEVICE_MAX_AGE,
}


@dataclass(frozen=True)
class SetCookie:
    """A cookie to set (a kind of MAX_AGES), or to take back when the value is empty."""

    kind: str
    value: str

    @property
    def max_age(self) -> int:
        """Life in seconds."""
        if not self.value:
            return 0
        return MAX_AGES[self.kind] // SECOND


def cookie_name(kind: str, *, secure: bool) -> str:
    """`__Host-` binds a cookie to this host over TLS; old browsers drop it on plain HTTP."""
    return f"__Host-{kind}" if secure else kind
