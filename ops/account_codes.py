"""Sending a code anew for somebody who calls: the one that is awaited, under the same limits.

It belongs to who may open an account's number. A registration that waits cannot be found by its
address, so there is nothing to send anew: whoever registers again gets another mail.
"""

from __future__ import annotations

from functions.cloud.runtime import Runtime
from functions.verify import challenges, texting
from functions.web.errors import TooMany, Unprocessable
from ops import audit
from ops.audit import Act
from ops.errors import Refused
from ops.recovery import account_by_email


def resend(runtime: Runtime, operator: str, email: str) -> str:
    """Send the code by SMS that this account waits for; gives the masked number. Raises Refused.

    Recorded before it is sent. The limits are the applicant's own; in place of a network address
    the operator is counted.
    """
    account = account_by_email(runtime, email)
    applicant = account["applicant"]
    for purpose in challenges.TO_PHONES:
        item = texting.waiting(runtime, purpose, applicant)
        if item is not None:
            break
    else:
        raise Refused("no code is awaited: the applicant asks for one on the dashboard")
    number = challenges.subject(runtime, item)
    kept = {name: item[name] for name in ("allowed_at",) if name in item}
    try:
        fresh, before = texting.challenge(runtime, purpose, applicant, number, **kept)
        audit.write(runtime, Act(operator, "resend", f"applicant/{applicant}", (purpose,)))
        language, counted = account["language"], f"operator|{operator}"
        sent = texting.send_code(runtime, fresh, before, number, language, counted)
    except TooMany as error:
        raise Refused(f"{error.code}: in {error.seconds} seconds") from error
    except Unprocessable as error:
        raise Refused("the code was used meanwhile") from error
    return str(sent["phone"])
