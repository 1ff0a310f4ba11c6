"""`proof.json` for one applicant, from the stored leaves and two ranged reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.cloud.runtime import Runtime
from functions.programme.draw import results, roster
from functions.programme.draw.literals import format_base64
from functions.programme.draw.proof import VERSION
from functions.programme.draw.published import RESULTS, ROSTER
from functions.programme.draw.tree import CHUNK_RECORDS, leaf_hash, node_hash
from functions.select.entries import entry_of
from functions.select.folder import RESULTS_LEAVES, ROSTER_LEAVES, read_internal, read_public
from functions.web.errors import Conflict

HASH_SIZE = 32


def leaves_of(data: bytes, record_size: int) -> bytes:
    """The leaf hashes of a list, one after another: what proofs are made from later."""
    step = record_size * CHUNK_RECORDS
    chunks = (data[start : start + step] for start in range(0, len(data), step))
    return b"".join(map(leaf_hash, chunks))


def find_proof(runtime: Runtime, applicant: str, wave: int) -> dict[str, Any]:
    """The proof of the applicant's own entry.

    Raises NotFound `entry_unknown`, Conflict `not_drawn` before the outcome is announced.
    """
    _, entry = entry_of(runtime, applicant, wave)
    if "index" not in entry:
        raise Conflict("not_drawn")
    index = entry["index"]
    leaf = index // CHUNK_RECORDS
    proof: dict[str, Any] = {"version": VERSION, "wave": wave, "index": index}
    for tree, name, leaves_name, record_size in (
        ("roster", ROSTER, ROSTER_LEAVES, roster.RECORD_SIZE),
        ("results", RESULTS, RESULTS_LEAVES, results.RECORD_SIZE),
    ):
        chunk_size = record_size * CHUNK_RECORDS
        span = range(leaf * chunk_size, (leaf + 1) * chunk_size)
        chunk = read_public(runtime.files, wave, name, span)
        path = path_over(_split(read_internal(runtime.files, wave, leaves_name)), leaf)
        proof[f"{tree}_chunk"] = format_base64(chunk)
        proof[f"{tree}_path"] = [beside.hex() for beside in path]
    return proof


def path_over(leaves: Sequence[bytes], leaf: int) -> list[bytes]:
    """The hashes beside the way from a leaf to the root, lowest first (protocol §4)."""
    level, path = list(leaves), []
    while len(level) > 1:
        if leaf ^ 1 < len(level):
            path.append(level[leaf ^ 1])
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)] + odd
        leaf >>= 1
    return path


def _split(leaves: bytes) -> list[bytes]:
    return [leaves[at : at + HASH_SIZE] for at in range(0, len(leaves), HASH_SIZE)]
