"""The second proof: before a password, address or number changes, the proved phone answers too.

A code goes to the number that is proved now, and is used up in the transaction of the change: it
is bound to the account, to this purpose and to that number.
"""

from __future__ import annotations

from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Action, Item
from functions.programme.limits import CODE_CHECKS
from functions.verify import accounts, challenges, hashing, texting
from functions.web.counting import failures
from functions.web.errors import Conflict, InvalidFields, Unprocessable

PURPOSE = "change"


def send(
    runtime: Runtime,
    applicant: str,
    password: str,
    *,
    address: str,
    cost: hashing.Cost = hashing.PRODUCTION,
) -> dict[str, Any]:
    """Send a code for one change to the proved number: {`phone` masked, `next_at`, `tries_left`}.

    Raises InvalidFields, TooMany, Conflict `phone_not_proved`.
    """
    account = accounts.load(runtime, applicant)
    accounts.demand_password(runtime, account, password, cost)
    number = accounts.opened(runtime, account, "phone")
    if number is None:
        raise Conflict("phone_not_proved")
    return texting.ask(runtime, PURPOSE, account, number, address)


def demand(runtime: Runtime, account: Item, code: str | None) -> tuple[Action, ...]:
    """The action that uses the code up, for the transaction of the change; none without a phone.

    Raises InvalidFields, `code_wrong` with `tries_left`, `code_expired`, TooMany.
    """
    if "phone" not in account:
        return ()
    if code is None:
        raise InvalidFields({"code": "missing"})
    applicant = account["applicant"]
    with failures(runtime, CODE_CHECKS, applicant):
        item = challenges.try_code(runtime, f"{PURPOSE}#{applicant}", code)
    if challenges.subject(runtime, item) != accounts.opened(runtime, account, "phone"):
        raise Unprocessable("code_expired")
    return (challenges.use(item, runtime.clock(), runtime.random(16).hex()),)
