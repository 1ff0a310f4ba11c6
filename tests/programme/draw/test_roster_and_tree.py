"""The frozen list keeps its rules, and its tree has the shape of RFC 6962."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.programme.draw.errors import VerificationError
from functions.programme.draw.roster import (
    RECORD_SIZE,
    RosterRecord,
    excluded_record,
    family_records,
    parse_roster,
    roster_bytes,
)
from functions.programme.draw.tree import ChunkTree, leaf_hash, node_hash, root_from_path
from tests.programme.draw.world import digest


def family(size: int, room: int = 2, group: int = 9) -> list[RosterRecord]:
    return family_records([(digest(f"{group}/{i}"), 0) for i in range(size)], room, 2, group)


@given(st.permutations(family(3) + family(1, group=8) + [excluded_record(digest("x"))]))
def test_the_order_in_which_records_are_made_does_not_matter(records):
    data = roster_bytes(records)
    assert len(data) == 5 * RECORD_SIZE
    assert parse_roster(data, 2, 0) == sorted(records)


def test_a_family_that_fits_its_room_is_not_told_apart():
    assert {(one.group, one.room) for one in family(2)} == {(0, 2)}
    assert {(one.group, one.room) for one in family(1, room=1)} == {(0, 2)}
    assert {(one.group, one.room) for one in family(3)} == {(9, 2)}
    assert {(one.group, one.room) for one in family(2, room=1)} == {(9, 1)}


def test_an_empty_roster_is_a_roster():
    assert parse_roster(b"", 2, 0) == [] and roster_bytes([]) == b""


C = digest("one")


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([RosterRecord(C, 0, 2, 0, 2)], "roster_record"),
        ([RosterRecord(C, 0, 1, 0, 0)], "roster_record"),
        ([RosterRecord(C, 0, 0, 0, 0)], "roster_record"),
        ([RosterRecord(C, 0, 2, 2, 0)], "roster_record"),
        ([RosterRecord(C, 0, 2, 0, 1)], "roster_record"),
        ([RosterRecord(C, 0, 0, 1, 1)], "roster_record"),
        ([RosterRecord(C, 5, 0, 0, 1)], "roster_record"),
        ([RosterRecord(C, 5, 3, 0, 0)], "roster_record"),
        ([RosterRecord(C, 5, 0, 0, 0)], "roster_record"),
        ([RosterRecord(C, 0, 2, 0, 0)] * 2, "roster_order"),
        ([RosterRecord(C, 5, 1, 0, 0)], "roster_group group=5"),
        ([one._replace(room=1 + (one == max(family(3)))) for one in family(3)], "roster_room"),
        (family(3)[:2], "roster_group group=9"),
    ],
)
def test_a_record_against_the_rules_is_refused(records, code):
    with pytest.raises(VerificationError, match=code):
        parse_roster(roster_bytes(records), 2, 1)


def test_bytes_that_are_not_records_are_refused():
    data = roster_bytes(family(3))
    for wrong, code in (
        (data[:-1], "roster_size"),
        (data + b"\x00", "roster_size"),
        (data[:-1] + b"\x01", "roster_record"),
        (data[40:80] + data[:40] + data[80:], "roster_order"),
    ):
        with pytest.raises(VerificationError, match=code):
            parse_roster(wrong, 2, 0)


def rfc_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1 by its own recursion: split at the largest power of two below n."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf_hash(leaves[0])
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(rfc_root(leaves[:k]), rfc_root(leaves[k:]))


@pytest.mark.parametrize("records", [0, 1, 255, 256, 257, 512, 513, 1280, 1281, 256 * 13 + 7])
def test_root_and_paths_are_those_of_rfc_6962(records):
    data = b"".join(i.to_bytes(8, "big") for i in range(records))
    chunks = [data[at : at + 2048] for at in range(0, len(data), 2048)]
    tree = ChunkTree(data, 8)
    assert tree.root == rfc_root(chunks) and tree.records == records
    for leaf, chunk in enumerate(chunks):
        path = tree.path(leaf)
        assert tree.chunk(leaf) == chunk
        assert root_from_path(chunk, leaf, len(chunks), path) == tree.root
        for other in {0, leaf ^ 1, len(chunks) - 1} - {leaf}:
            try:
                assert root_from_path(chunk, other, len(chunks), path) != tree.root
            except VerificationError as error:
                assert error.code == "proof_path"
        for wrong in (path[:-1], [*path, bytes(32)]):
            if wrong != path:
                with pytest.raises(VerificationError, match="proof_path"):
                    root_from_path(chunk, leaf, len(chunks), wrong)


def test_a_chunk_is_not_taken_for_a_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
