"""Accounts: reading them, their sealed fields, and the shape of each change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, equals, exists
from functions.programme.emails import EmailInvalid, normalised
from functions.programme.limits import PASSWORD_CHECKS
from functions.verify import hashing
from functions.web import counting
from functions.web.errors import InvalidFields, Unauthorized


def load(runtime: Runtime, applicant: str) -> Item:
    """An applicant's account. Raises Unauthorized when it is gone."""
    account = runtime.tables.get("accounts", {"applicant": applicant})
    if account is None:
        raise Unauthorized("no_session")
    return account


def readiness(runtime: Runtime, applicant: str) -> Item:
    """An applicant's readiness item; it is there as long as the account."""
    return runtime.tables.get("readiness", {"applicant": applicant}) or {"applicant": applicant}


def note_done(runtime: Runtime, applicant: str, **steps: Any) -> Item:
    """Note when steps were completed, with what was said in them; returns the readiness after it.

    Written after what completes the step, and alone: until then nothing is acknowledged, and a
    step that is done and not noted, by a call that died between, is noted by the next one or by
    `GET me`. Raises Unauthorized when the account is gone.
    """
    key = {"applicant": applicant}
    try:
        return runtime.tables.update(Update("readiness", key, set=steps, when=exists("applicant")))
    except ConditionFailed as error:
        raise Unauthorized("no_session") from error


def seal(runtime: Runtime, applicant: str, field: str, text: str) -> bytes:
    """A field of the account as it is stored."""
    return runtime.vault.seal("accounts", applicant, field, text)


def opened(runtime: Runtime, account: Item, field: str) -> str | None:
    """A sealed field of the account in clear, or None when it is not there."""
    if field not in account:
        return None
    return runtime.vault.open("accounts", account["applicant"], field, account[field])


def unreachable(account: Item) -> str | None:
    """Why mail does not reach the present address, `bounced` or `complained`; None when it does,
    as far as is known. Of an address that was given up nothing is said."""
    mark = account.get("unreachable")
    return mark["why"] if mark and mark["mac"] == account["email_mac"] else None


def changed(account: Item, **fields: Any) -> Update:
    """The action that sets fields of an account, unless someone else changed it meanwhile.

    `changed_by`, where given, marks this change, for `changed_by_us`.
    """
    return Update(
        "accounts",
        {"applicant": account["applicant"]},
        set={**fields, "revision": account["revision"] + 1},
        when=equals("revision", account["revision"]),
    )


def answered(account: Item, now: int, **fields: Any) -> Update:
    """The same when the mailbox has answered: the address is proved, and mail goes there."""
    return replace(changed(account, email_at=now, **fields), remove=("unreachable",))


def new_mark(runtime: Runtime) -> str:
    """A value for `changed_by`."""
    return runtime.random(8).hex()


def changed_by_us(error: ConditionFailed, position: int, mark: str) -> bool:
    """Whether a change failed only because it had gone through before (a lost answer)."""
    found = error.failed.get(position)
    return found is not None and found.get("changed_by") == mark


def email_or_error(typed: str) -> str:
    """One form of an address. Raises InvalidFields."""
    try:
        return normalised(typed)
    except EmailInvalid as error:
        raise InvalidFields({"email": "email_invalid"}) from error


def holder_of_email(runtime: Runtime, email_mac: str) -> str | None:
    """The applicant whose confirmed address this is."""
    claim = runtime.tables.get("claims", {"claim": f"email#{email_mac}"})
    return None if claim is None else str(claim["applicant"])


def demand_password(
    runtime: Runtime, account: Item, password: str, cost: hashing.Cost, field: str = "password"
) -> None:
    """Raise InvalidFields unless this is the account's password. Tries are limited."""
    counting.spend(runtime, PASSWORD_CHECKS, account["applicant"])
    if not hashing.matches(password, account["password_hash"], cost):
        raise InvalidFields({field: "password_wrong"})
