"""Phone numbers: Indonesian mobile numbers, however they are typed."""

from __future__ import annotations

import phonenumbers

COUNTRY = "ID"
COUNTRY_CODE = 62
PREFIX_DIGITS = 6  # `+62812`: the operator


class PhoneInvalid(ValueError):
    """Not a mobile number of Indonesia."""


def normalised(typed: str) -> str:
    """E.164 (`+6281234567890`) of `0812-3456-7890`, `62 812…` or `+62812…`.

    Raises PhoneInvalid.
    """
    try:
        number = phonenumbers.parse(typed, COUNTRY)
    except phonenumbers.NumberParseException as error:
        raise PhoneInvalid("not a number") from error
    mobile = phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    if number.country_code != COUNTRY_CODE or number.extension or not mobile:
        raise PhoneInvalid("not a mobile number of Indonesia")
    if not phonenumbers.is_valid_number(number):
        raise PhoneInvalid("no such number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def prefix(number: str) -> str:
    """The part of an E.164 number that names the operator, for limits."""
    return number[:PREFIX_DIGITS]
