"""The audit chain: what operators saw and did, each record bound to the one before it.

A record's hash covers all its fields and the hash before it, so a record that was changed, left
out, moved or put in between shows. Whoever could write the whole chain anew would have to be
caught by a head (number and hash) that was noted elsewhere: `check` takes such heads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

VERSION = "gelombang/audit/v1"
# What the first record has in place of the hash before it.
BEGINNING = "0" * 64


@dataclass(frozen=True)
class Record:
    """One record.

    number    0, 1, 2, … without a gap
    at        milliseconds since 1970 UTC
    who       name of the operator
    what      the act, a code
    about     the thing, by ids alone: no personal data
    details   words that belong to the act, such as reasons
    previous  hash of the record before, hex
    hash      SHA-256 over all of these, hex
    """

    number: int
    at: int
    who: str
    what: str
    about: str
    details: tuple[str, ...]
    previous: str
    hash: str


class Broken(Exception):
    """The chain does not hold; `number` is the first record that is wrong."""

    def __init__(self, number: int, why: str):
        super().__init__(f"record {number}: {why}")
        self.number = number


def following(
    last: Record | None, *, at: int, who: str, what: str, about: str, details: Iterable[str] = ()
) -> Record:
    """The record that comes after `last`; the first one when that is None."""
    record = Record(
        number=0 if last is None else last.number + 1,
        at=at,
        who=who,
        what=what,
        about=about,
        details=tuple(details),
        previous=BEGINNING if last is None else last.hash,
        hash="",
    )
    return replace(record, hash=hash_of(record))


def hash_of(record: Record) -> str:
    """SHA-256 over the version and the record's fields as JSON with sorted keys, in hex."""
    fields = {**asdict(record), "version": VERSION}
    del fields["hash"]
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def check(records: Iterable[Record], heads: Mapping[int, str] | None = None) -> Record | None:
    """The last record of a chain that holds, given from its beginning; None for an empty one.

    `heads` are hashes noted earlier by number. Raises Broken.
    """
    last: Record | None = None
    wanted = dict(heads or {})
    for record in records:
        if record.number != (0 if last is None else last.number + 1):
            raise Broken(0 if last is None else last.number + 1, "is missing")
        if record.previous != (BEGINNING if last is None else last.hash):
            raise Broken(record.number, "does not follow the one before it")
        if record.hash != hash_of(record):
            raise Broken(record.number, "was changed")
        if wanted.pop(record.number, record.hash) != record.hash:
            raise Broken(record.number, "is not the one that was noted")
        last = record
    if wanted:
        raise Broken(min(wanted), "was noted and is missing")
    return last
