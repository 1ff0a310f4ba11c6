"""Canonical JSON: RFC 8785 narrowed to what the protocol uses, and refused in any other form.

Objects, arrays, strings of 0x20-0x7E and integers 0…2^53-1; no floats, no true, false or null,
no whitespace, no final newline, no key twice. Parsing ends with writing the value again and
comparing the bytes, so a file that has two spellings cannot be accepted in the second.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from functions.programme.draw.errors import VerificationError

HIGHEST_INTEGER = 2**53 - 1
# The protocol's files nest three deep. Much deeper ones would not just fail in the standard
# parser: with a raised recursion limit they crash the process.
DEEPEST = 16
_STRINGS_AND_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{}]')

Json = int | str | Sequence["Json"] | Mapping[str, "Json"]


def serialise(value: Json) -> bytes:
    """The canonical bytes of a value. Error: `json_not_canonical` for a value that has none."""
    _check(value)
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.encode("ascii")


def parse(data: bytes) -> Json:
    """The value of canonical bytes. Error: `json_not_canonical` for any other bytes."""
    if depth(data) > DEEPEST:
        raise VerificationError("json_not_canonical")
    try:
        value: Json = json.loads(
            data.decode("ascii"),
            object_pairs_hook=_unique,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except ValueError:
        raise VerificationError("json_not_canonical") from None
    if serialise(value) != data:
        raise VerificationError("json_not_canonical")
    return value


def fields(value: Json, *names: str) -> Mapping[str, Json]:
    """`value` as an object with exactly these keys. Error: `json_fields`."""
    if not isinstance(value, Mapping) or set(value) != set(names):
        raise VerificationError("json_fields", expected=",".join(names))
    return value


def integer(owner: Mapping[str, Json], name: str, low: int = 0, high: int = HIGHEST_INTEGER) -> int:
    """The integer under `name`, `low`…`high`. Error: `json_value`."""
    value = owner[name]
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise VerificationError("json_value", field=name)
    return value


def text(owner: Mapping[str, Json], name: str) -> str:
    """The string under `name`. Error: `json_value`."""
    value = owner[name]
    if not isinstance(value, str):
        raise VerificationError("json_value", field=name)
    return value


def array(owner: Mapping[str, Json], name: str) -> Sequence[Json]:
    """The array under `name`. Error: `json_value`."""
    value = owner[name]
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise VerificationError("json_value", field=name)
    return value


def texts(owner: Mapping[str, Json], name: str) -> tuple[str, ...]:
    """The array of strings under `name`. Error: `json_value`."""
    values = array(owner, name)
    strings = tuple(value for value in values if isinstance(value, str))
    if len(strings) != len(values):
        raise VerificationError("json_value", field=name)
    return strings


def _check(value: Json) -> None:
    """Refuse what has no canonical form: other types, other characters, other numbers."""
    if isinstance(value, str):
        if not (value.isascii() and value.isprintable()):
            raise VerificationError("json_not_canonical")
    elif isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value <= HIGHEST_INTEGER:
            raise VerificationError("json_not_canonical")
    elif isinstance(value, Mapping):
        for key, member in value.items():
            _check(key)
            _check(member)
    elif isinstance(value, (list, tuple)):
        for member in value:
            _check(member)
    else:
        raise VerificationError("json_not_canonical")


def depth(data: bytes) -> int:
    """How deep the brackets of JSON nest, valid or not."""
    deepest = now = 0
    for part in _STRINGS_AND_BRACKETS.findall(data):
        now += (part in b"[{") - (part in b"]}")
        deepest = max(deepest, now)
    return deepest


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise VerificationError("json_not_canonical")
    return dict(pairs)


def _refuse(_: str) -> NoReturn:
    raise VerificationError("json_not_canonical")
