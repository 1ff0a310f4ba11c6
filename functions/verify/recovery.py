"""Recovery: the owner of an account stops one that was asked for in their name.

Operators ask and confirm (ops/recovery.py). The mail to the address of the account holds a link,
which works without a log-in and once.
"""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Update, all_of, equals
from functions.programme.limits import LINK_CHECKS_BY_ADDRESS
from functions.programme.tokens import hash_secret
from functions.web.counting import failures
from functions.web.errors import Unprocessable


def stop(runtime: Runtime, token: str, *, address: str) -> None:
    """End a recovery that waits, with the token of its mail. Raises `link_invalid`, TooMany."""
    with failures(runtime, LINK_CHECKS_BY_ADDRESS, address):
        _stop(runtime, token)


def _stop(runtime: Runtime, token: str) -> None:
    applicant, _, secret = token.partition(".")
    stopped = Update(
        "cases",
        {"case": case_of(applicant)},
        set={"state": "stopped", "closed_at": runtime.clock()},
        remove=("waits", "due_at", "stop_hash", "new_email"),
        when=all_of(equals("state", "waiting"), equals("stop_hash", hash_secret(secret))),
    )
    try:
        runtime.tables.write(stopped)
    except ConditionFailed as error:
        raise Unprocessable("link_invalid") from error


def case_of(applicant: str) -> str:
    """Key of an account's recovery."""
    return f"recovery#{applicant}"
