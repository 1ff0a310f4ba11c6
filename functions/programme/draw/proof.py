"""One applicant's proof: that this record and this outcome are what was published (§11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.programme.draw import results, roster
from functions.programme.draw.allocation import ResultRecord
from functions.programme.draw.beacon import verify_beacon
from functions.programme.draw.canonical import Json, fields, integer, text, texts
from functions.programme.draw.commitment import verify_receipt
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.literals import format_base64, parse_base64, parse_hex
from functions.programme.draw.order import entry_number
from functions.programme.draw.published import OnStep, open_published, open_result, step
from functions.programme.draw.roster import RosterRecord
from functions.programme.draw.tree import CHUNK_RECORDS, ChunkTree, leaf_count, root_from_path

VERSION = 1


@dataclass(frozen=True)
class Proven:
    """What a proof shows of one entry. `number` is the 16 bytes that it was ordered by."""

    index: int
    record: RosterRecord
    result: ResultRecord
    number: bytes


def make_proof(
    wave: int, index: int, roster_tree: ChunkTree, results_tree: ChunkTree
) -> dict[str, Json]:
    """`proof.json` of the record at `index`. The trees serve any number of proofs.

    Error: `proof_index` when there is no such record.
    """
    if not 0 <= index < roster_tree.records:
        raise VerificationError("proof_index", index=index)
    leaf = index // CHUNK_RECORDS
    return {
        "version": VERSION,
        "wave": wave,
        "index": index,
        "roster_chunk": format_base64(roster_tree.chunk(leaf)),
        "roster_path": [beside.hex() for beside in roster_tree.path(leaf)],
        "results_chunk": format_base64(results_tree.chunk(leaf)),
        "results_path": [beside.hex() for beside in results_tree.path(leaf)],
    }


def verify_proof(
    proof: Mapping[str, Json],
    files: Mapping[str, bytes],
    pins_bytes: bytes,
    receipt: Mapping[str, Json],
    nik: str,
    kk: str,
    on_step: OnStep = lambda _: None,
) -> Proven:
    """Check a proof with the wave's small public files, the receipt and the applicant's numbers.

    Raises VerificationError: as `verify.verify_wave` for the files, as `verify_receipt` for the
    receipt; `receipt_wave`; `proof_wave`, `proof_index`, `proof_chunk`, `proof_path`,
    `proof_root` {tree}, `proof_commitment` for the proof.
    """
    wave = open_published(files, pins_bytes, on_step)
    head = open_result(files, wave, on_step)
    with step("receipt", on_step):
        own = verify_receipt(receipt, wave.pins.receipts, wave.params.digest, nik, kk)
        if own.wave != wave.params.wave:
            raise VerificationError("receipt_wave")
    with step("proof", on_step):
        found = fields(
            proof,
            *("version", "wave", "index"),
            *("roster_chunk", "roster_path", "results_chunk", "results_path"),
        )
        integer(found, "version", VERSION, VERSION)
        if integer(found, "wave") != wave.params.wave:
            raise VerificationError("proof_wave")
        index = integer(found, "index")
        if index >= wave.head.n:
            raise VerificationError("proof_index", index=index)
        pools = len(wave.params.pools)
        records = roster.parse_records(
            _proven_chunk(found, "roster", index, wave.head.n, roster.RECORD_SIZE, wave.head.root)
        )
        outcomes = results.parse_results(
            _proven_chunk(found, "results", index, head.n, results.RECORD_SIZE, head.root), pools
        )
        record, result = records[index % CHUNK_RECORDS], outcomes[index % CHUNK_RECORDS]
        roster.check_record(record, wave.pins.family_limit, pools, index)
        if record.commitment != own.commitment:
            raise VerificationError("proof_commitment")
    with step("beacon_signature", on_step):
        verify_beacon(wave.pins, wave.beacon)
    return Proven(index, record, result, entry_number(wave.seed, index))


def _proven_chunk(
    proof: Mapping[str, Json], tree: str, index: int, n: int, record_size: int, root: bytes
) -> bytes:
    """The chunk of `tree` around a record, if chunk and path lead to the signed root."""
    leaf = index // CHUNK_RECORDS
    chunk = parse_base64(text(proof, f"{tree}_chunk"))
    if len(chunk) != record_size * min(CHUNK_RECORDS, n - leaf * CHUNK_RECORDS):
        raise VerificationError("proof_chunk", tree=tree)
    path: Sequence[bytes] = [parse_hex(beside, 32) for beside in texts(proof, f"{tree}_path")]
    if root_from_path(chunk, leaf, leaf_count(n), path) != root:
        raise VerificationError("proof_root", tree=tree)
    return chunk
