"""Me: what an applicant sees of the own account, with numbers masked."""

from __future__ import annotations

from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme import holds
from functions.programme.ability_test import Attempt
from functions.programme.holds import CONTESTED
from functions.programme.readiness import READINESS
from functions.programme.times import iso
from functions.programme.tokens import mask_digits, mask_email
from functions.verify import accounts, identity, notes, statements
from functions.verify.ability_test import settle_overdue

DELIVERIES_SHOWN = 10


def show(runtime: Runtime, applicant: str) -> dict[str, Any]:
    """The answer of `GET me` (docs/data.md)."""
    # A test whose time ran out while nobody looked may have been passed.
    attempt = settle_overdue(runtime, applicant, runtime.clock())
    ready = accounts.readiness(runtime, applicant)
    if CONTESTED in ready.get("held", ()):
        identity.settle(runtime, applicant)
        ready = accounts.readiness(runtime, applicant)
    account = accounts.load(runtime, applicant)
    done = _done_unnoted(runtime, account, ready, attempt)
    if done:
        ready = accounts.note_done(runtime, applicant, **done)
    missing = holds.missing_shown(ready)
    phone = accounts.opened(runtime, account, "phone")
    return {
        "applicant": applicant,
        "name": accounts.opened(runtime, account, "name"),
        "email": mask_email(accounts.opened(runtime, account, "email") or ""),
        "email_unreachable": accounts.unreachable(account),
        "phone": mask_digits(phone) if phone else None,
        "language": account["language"],
        "readiness": {step: step not in missing for step in READINESS},
        "missing": missing,
        "identity": _identity(runtime, account),
        "profile": statements.opened(runtime, ready, account, "profile"),
        "declaration": statements.opened(runtime, ready, account, "declaration"),
        "locked": bool(ready.get("open_waves")),
        "held": holds.shown(ready),
        "recipient_of": ready.get("recipient_of"),
        "delivery": notes.shown(account)[:DELIVERIES_SHOWN],
        "server_time": iso(runtime.clock()),
    }


def _done_unnoted(
    runtime: Runtime, account: Item, ready: Item, attempt: Attempt | None
) -> dict[str, int]:
    """Steps that were done by a call which died before it noted them in the readiness."""
    now = runtime.clock()
    done: dict[str, int] = {"phone": now} if "phone" in account else {}
    if attempt is not None and attempt.passed_at is not None:
        done["test"] = attempt.passed_at
    return {step: at for step, at in done.items() if step not in ready}


def _identity(runtime: Runtime, account: Item) -> dict[str, str | None] | None:
    nik, kk = (accounts.opened(runtime, account, name) for name in ("nik", "kk"))
    if nik is None or kk is None:
        return None
    return {
        "nik": mask_digits(nik),
        "kk": mask_digits(kk),
        "birth_date": accounts.opened(runtime, account, "birth_date"),
        "sex": accounts.opened(runtime, account, "sex"),
    }
