"""Which limits hold an applicant up now, and taking them off; what can be, stands in one table.

Not in it is what others share: limits by network address, and the breakers for all. A pause after
wrong passwords belongs to one browser or address and ends by itself, within an hour.
"""

from __future__ import annotations

from dataclasses import dataclass

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Action, Item
from functions.programme.limits import (
    CODE_CHECKS,
    EXPORTS,
    IDENTITY_CHANGES,
    LOGIN_BY_ACCOUNT,
    MAIL_BY_MAILBOX,
    PASSWORD_CHECKS,
    SMS_BY_ACCOUNT,
    SMS_BY_NUMBER,
    Limit,
)
from functions.web import counting
from ops import audit
from ops.applicants import Sought, account_of
from ops.audit import Act

ACCOUNT, MAILBOX, NUMBER = "account", "mailbox", "number"


@dataclass(frozen=True)
class Clearable:
    """A limit that a person at a help desk may take off, and by what it is counted."""

    name: str
    limit: Limit
    counted_by: str


CLEARABLE = (
    # Too many wrong passwords from strange browsers: then each of these has one try an hour.
    Clearable("login", LOGIN_BY_ACCOUNT, MAILBOX),
    Clearable("password", PASSWORD_CHECKS, ACCOUNT),
    Clearable("mail", MAIL_BY_MAILBOX, MAILBOX),
    Clearable("code", CODE_CHECKS, ACCOUNT),
    Clearable("sms", SMS_BY_ACCOUNT, ACCOUNT),
    # Only for a number that was typed: it is sealed in the account.
    Clearable("sms_number", SMS_BY_NUMBER, NUMBER),
    Clearable("identity", IDENTITY_CHANGES, ACCOUNT),
    Clearable("export", EXPORTS, ACCOUNT),
)


def holding(runtime: Runtime, applicant: str, who: Sought) -> list[str]:
    """The names of the limits that are reached in their present window."""
    subjects = _subjects(account_of(runtime, applicant), who)
    return [
        one.name
        for one in CLEARABLE
        if one.counted_by in subjects
        and counting.reached(runtime, one.limit, subjects[one.counted_by])
    ]


def unblock(runtime: Runtime, operator: str, applicant: str, who: Sought, reason: str) -> list[str]:
    """Take off what `holding` names, recorded in the same transaction; often that is nothing."""
    names = holding(runtime, applicant, who)
    if not names:
        return []
    subjects = _subjects(account_of(runtime, applicant), who)
    gone: list[Action] = [
        counting.cleared(runtime, one.limit, subjects[one.counted_by])
        for one in CLEARABLE
        if one.name in names
    ]
    act = Act(operator, "unblock", f"applicant/{applicant}", (reason, *names))
    audit.write(runtime, act, *gone)
    return names


def _subjects(account: Item, who: Sought) -> dict[str, str]:
    """By what each kind of limit is counted for this person."""
    found = {ACCOUNT: account["applicant"], MAILBOX: account["email_mac"]}
    return {**found, NUMBER: who.value} if who.by == "phone" else found
