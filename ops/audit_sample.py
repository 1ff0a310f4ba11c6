"""What an independent auditor opens (§12): all taken entries, and 2,000 that chance names.

The file holds people's numbers. It is written for its owner alone, after the act is recorded.
"""

from __future__ import annotations

import csv
import hashlib
import heapq
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme.draw.commitment import make_commitment
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.heads import open_result_head
from functions.programme.draw.published import RESULT_HEAD, ROSTER
from functions.programme.draw.roster import RECORD_SIZE
from functions.programme.waves import gate_name
from functions.select.entries import OUTCOMES
from functions.select.folder import read_public
from functions.select.waves import find_pins
from ops import audit
from ops.audit import Act
from ops.errors import Refused
from ops.waves import find

SAMPLE = 2_000
CONTEXT = b"gelombang/audit/v1"
# `roster.bin` is read in pieces of so many records: 10 MB.
BLOCK = 256 * 1024
COLUMNS = (
    *("index", "entry", "salt", "commitment", "nik", "kk", "commitment_holds", "status", "group"),
    *("room", "pool", "reasons", "outcome", "rank", "taken", "sampled", "promoted", "removed"),
)


def write_sample(runtime: Runtime, operator: str, wave: int, path: Path) -> dict[str, int]:
    """Write the auditor's file, CSV or one JSON object a line by its name; gives counts.

    Raises Refused if the wave is not announced or the file exists.
    """
    item = find(runtime, wave)
    if item["phase"] != "announced":
        raise Refused(f"wave {wave} is {item['phase']}: the sample comes after the announcement")
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(f"cannot write {path}: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        audit.write(runtime, Act(operator, "audit_sample", f"wave/{wave}"))
        chosen = sampled(runtime, wave, item["entries"])
        counts = {"taken": 0, "sampled": 0, "commitment_differs": 0}
        write = _writer(file, path)
        for row in _rows(runtime, item, chosen):
            write(row)
            counts["taken"] += row["taken"]
            counts["sampled"] += row["sampled"]
            counts["commitment_differs"] += not row["commitment_holds"]
    return counts


def sampled(runtime: Runtime, wave: int, entries: int) -> frozenset[bytes]:
    """The commitments that come first by H("gelombang/audit/v1" || seed || C)."""
    try:
        head = open_result_head(read_public(runtime.files, wave, RESULT_HEAD), find_pins(runtime))
    except VerificationError as error:
        raise Refused(f"the result of wave {wave} does not hold: {error}") from error

    def commitments() -> Iterator[bytes]:
        for first in range(0, entries, BLOCK):
            span = range(first * RECORD_SIZE, min(entries, first + BLOCK) * RECORD_SIZE)
            block = read_public(runtime.files, wave, ROSTER, span)
            for at in range(0, len(block), RECORD_SIZE):
                yield block[at : at + 32]

    prefix = CONTEXT + head.seed
    return frozenset(
        heapq.nsmallest(
            SAMPLE, commitments(), key=lambda one: hashlib.sha256(prefix + one).digest()
        )
    )


def _rows(runtime: Runtime, item: Item, chosen: frozenset[bytes]) -> Iterator[dict[str, Any]]:
    for shard in range(item["shards"]):
        for entry in runtime.tables.query("entries", gate_name(item["wave"], shard)):
            taken = entry["outcome"] in (1, 2)
            if taken or bytes(entry["commitment"]) in chosen:
                yield _row(runtime, item["wave"], entry, chosen)


def _row(runtime: Runtime, wave: int, entry: Item, chosen: frozenset[bytes]) -> dict[str, Any]:
    account = runtime.tables.get("accounts", {"applicant": entry["applicant"]}) or {}
    place = f"{entry['gate']}|{entry['applicant']}"
    salt = runtime.vault.open("entries", place, "salt", entry["salt"])
    commitment = bytes(entry["commitment"])

    def opened(name: str) -> str:
        if name not in account:
            return ""
        return runtime.vault.open("accounts", entry["applicant"], name, account[name])

    nik, kk = opened("nik"), opened("kk")
    holds = bool(nik) and commitment == make_commitment(
        bytes.fromhex(salt), wave, bytes.fromhex(entry["entry"]), nik, kk
    )
    record = entry["record"]
    return {
        "index": entry["index"],
        "entry": entry["entry"],
        "salt": salt,
        "commitment": commitment.hex(),
        "nik": nik,
        "kk": kk,
        "commitment_holds": holds,
        **{name: record[name] for name in ("status", "group", "room", "pool")},
        "reasons": " ".join(record["reasons"]),
        "outcome": OUTCOMES[entry["outcome"]],
        "rank": entry["rank"],
        "taken": entry["outcome"] in (1, 2),
        "sampled": commitment in chosen,
        "promoted": "promoted_at" in entry,
        "removed": entry.get("removed_for", ""),
    }


def _writer(file: TextIO, path: Path) -> Callable[[dict[str, Any]], object]:
    if path.suffix == ".csv":
        rows = csv.DictWriter(file, COLUMNS)
        rows.writeheader()
        return rows.writerow
    return lambda row: file.write(json.dumps(row) + "\n")
