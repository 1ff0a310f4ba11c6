"""Times, hex, base64 and decimals in the only spelling the protocol accepts."""

from __future__ import annotations

import base64
import binascii
import re

from functions.programme import times
from functions.programme.draw.errors import VerificationError

_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def parse_hex(text: str, size: int | None = None) -> bytes:
    """The bytes of lower-case hex; `size` in bytes if it is fixed. Error: `hex_malformed`."""
    if not _HEX.fullmatch(text) or (size is not None and len(text) != 2 * size):
        raise VerificationError("hex_malformed")
    return bytes.fromhex(text)


def parse_base64(text: str) -> bytes:
    """The bytes of standard, padded base64. Error: `base64_malformed`.

    Re-encoding must give the same text: otherwise the unused bits of the last letter would let
    one signature be written in several ways.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise VerificationError("base64_malformed") from None
    if format_base64(data) != text:
        raise VerificationError("base64_malformed")
    return data


def format_base64(data: bytes) -> str:
    """Standard, padded base64."""
    return base64.b64encode(data).decode("ascii")


def parse_decimal(text: str, highest: int) -> int:
    """A number 0…`highest` without leading zeros. Error: `decimal_malformed`."""
    if not _DECIMAL.fullmatch(text) or int(text) > highest:
        raise VerificationError("decimal_malformed")
    return int(text)


def parse_time(text: str) -> int:
    """Seconds since 1970 of exactly `YYYY-MM-DDTHH:MM:SSZ`. Error: `time_malformed`."""
    try:
        if not _TIME.fullmatch(text):
            raise ValueError
        return times.from_iso(text) // times.SECOND
    except ValueError:
        raise VerificationError("time_malformed") from None


def format_time(seconds: int) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ` of seconds since 1970."""
    return times.iso(seconds * times.SECOND)
