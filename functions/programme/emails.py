"""E-mail addresses: one form for one mailbox."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email


class EmailInvalid(ValueError):
    """Not an address to which mail can be sent."""


def normalised(typed: str) -> str:
    """The address in the form that is stored and compared: lower case, NFC.

    The part before the @ is lowered as well: no provider in use tells `Sari@` from
    `sari@`, and people do not either. Whether mail arrives is proved by mail, not by
    DNS. Raises EmailInvalid.
    """
    try:
        found = validate_email(typed.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise EmailInvalid("not an address") from error
    return found.normalized.lower()
