"""A shard's share of the roster, kept in the work folder between freeze and merge.

A segment holds the shard's records, sorted, and the reasons of those excluded. It is named
by its digest: the gate says which one counts, and no late writer can change that one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.cloud.files import Files
from functions.programme.draw.roster import RECORD_SIZE, RosterRecord, parse_records, roster_bytes
from functions.programme.freeze import Decision
from functions.select.folder import read_internal, write_internal

COUNT_SIZE = 4


@dataclass(frozen=True)
class Segment:
    """`records` are 40 bytes each; `reasons` maps a commitment (hex) to codes."""

    records: bytes
    reasons: Mapping[str, Sequence[str]]

    @property
    def count(self) -> int:
        """How many records."""
        return len(self.records) // RECORD_SIZE

    def commitments(self) -> list[bytes]:
        """The commitments, ascending."""
        return [record.commitment for record in parse_records(self.records)]

    def decisions(self) -> list[tuple[RosterRecord, list[str]]]:
        """Each record with its reasons."""
        return [
            (record, list(self.reasons.get(record.commitment.hex(), ())))
            for record in parse_records(self.records)
        ]


def segment_of(decisions: Sequence[Decision]) -> Segment:
    """The segment of a shard's decisions."""
    return Segment(
        roster_bytes(decision.record for decision in decisions),
        {d.record.commitment.hex(): d.reasons for d in decisions if d.reasons},
    )


def write_segment(files: Files, wave: int, shard: int, segment: Segment) -> str:
    """Keep a segment; returns the name under which it lies in the work folder."""
    reasons = json.dumps(segment.reasons, sort_keys=True).encode()
    data = segment.count.to_bytes(COUNT_SIZE, "big") + segment.records + reasons
    name = f"segments/{shard}-{hashlib.sha256(data).hexdigest()}"
    write_internal(files, wave, name, data)
    return name


def read_segment(files: Files, wave: int, name: str) -> Segment:
    """The segment of that name. Raises FileMissing; ValueError if the file was changed."""
    data = read_internal(files, wave, name)
    if not name.endswith(hashlib.sha256(data).hexdigest()):
        raise ValueError(f"segment {name} of wave {wave} was changed")
    end = COUNT_SIZE + RECORD_SIZE * int.from_bytes(data[:COUNT_SIZE], "big")
    return Segment(data[COUNT_SIZE:end], json.loads(data[end:]))
