"""Sessions: who is calling. verify opens and ends them; all three check them here."""

from __future__ import annotations

from dataclasses import dataclass

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy, ConditionFailed, Update, exists
from functions.programme.times import HOUR, MINUTE
from functions.programme.tokens import secret_matches

IDLE = 30 * MINUTE
LIFE = 12 * HOUR
TOUCH_EVERY = 5 * MINUTE
# Ours are 130 signs long; a table refuses keys of thousands with an error of its own.
LONGEST_TOKEN = 200


@dataclass(frozen=True)
class Session:
    """A valid session: whose it is, which, and when it was opened (milliseconds)."""

    applicant: str
    session: str
    created_at: int = 0


def find_session(runtime: Runtime, token: str) -> Session | None:
    """The session of a token `<applicant>.<session>.<secret>`, if it is still valid."""
    applicant, _, rest = token.partition(".")
    session, _, secret = rest.partition(".")
    if not (applicant and session and secret) or len(token) > LONGEST_TOKEN:
        return None
    item = runtime.tables.get("sessions", {"applicant": applicant, "session": session})
    now = runtime.clock()
    if item is None or not secret_matches(secret, item["secret_hash"]):
        return None
    if now >= item["seen_at"] + IDLE or now >= item["created_at"] + LIFE:
        return None
    if now >= item["seen_at"] + TOUCH_EVERY:
        _touch(runtime, applicant, session, now)
    return Session(applicant, session, item["created_at"])


def _touch(runtime: Runtime, applicant: str, session: str, now: int) -> None:
    """Note that the session is in use; losing the race against its end is no error."""
    touched = Update(
        "sessions",
        {"applicant": applicant, "session": session},
        set={"seen_at": now},
        when=exists("secret_hash"),
    )
    try:
        runtime.tables.write(touched)
    except (ConditionFailed, Busy):
        return
