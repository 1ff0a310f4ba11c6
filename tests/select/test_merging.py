"""The merge of sorted segments is the sorted whole, whatever lies where."""

from __future__ import annotations

import hashlib
import random

import pytest

from functions.programme.draw.roster import RECORD_SIZE, RosterRecord, roster_bytes
from functions.programme.draw.tree import ChunkTree
from functions.programme.tally import tally
from functions.select import merging
from functions.select.folder import BUCKET, internal_key, public_key, read_internal
from functions.select.lease import LeaseLost, take
from functions.select.merging import Share, merge
from functions.select.places import read_places
from functions.select.segments import Segment, write_segment
from functions.select.turn import StepBlocked, Turn
from tests.select.world import World


@pytest.fixture
def turn():
    world = World()
    world.create()
    lease = take(world.runtime, 1, "open")
    assert lease is not None
    return Turn(lease, world.outside, ends_at=0)


def commitments(count, seed, prefix=b""):
    return [
        prefix + hashlib.sha256(b"%d/%d" % (seed, n)).digest()[len(prefix) :] for n in range(count)
    ]


def share_of(turn, shard, those):
    segment = Segment(roster_bytes(RosterRecord(c, 0, 2, 0, 0) for c in those), {"ab": ["x"]})
    return Share(write_segment(turn.runtime.files, 1, shard, segment), len(those))


def merged(turn, shards):
    shares = [share_of(turn, shard, those) for shard, those in enumerate(shards)]
    found = merge(turn, shares, tally(c for those in shards for c in those).xor)
    return turn.runtime.files.read(BUCKET, public_key(1, "roster.bin")), found


# Sizes of the segments, and bytes that all commitments begin with.
SHAPES = {
    "none": ([0, 0, 0], b""),
    "one": ([0, 1, 0], b""),
    "of all sizes": ([0, 1, 7, 8, 9, 300, 31], b""),
    "one long": ([900, 3, 3], b""),
    "equal in the first word": ([40, 40, 40], b"same word"),
    "one only": ([700], b""),
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("block", [1, 2, 8, 1600])
def test_the_merge_is_the_sorted_whole(turn, monkeypatch, name, block):
    monkeypatch.setattr(merging, "BLOCK_RECORDS", max(block, 2))
    sizes, prefix = SHAPES[name]
    shards = [commitments(size, shard, prefix) for shard, size in enumerate(sizes)]
    roster, found = merged(turn, shards)
    everyone = sorted(c for those in shards for c in those)
    assert [roster[at : at + 32] for at in range(0, len(roster), RECORD_SIZE)] == everyone
    assert found.entries == len(everyone)
    assert found.root == ChunkTree(roster, RECORD_SIZE).root
    for shard, those in enumerate(shards):
        places = read_places(turn.runtime.files, 1, found.root, len(sizes), shard)
        assert places == [everyone.index(c) for c in sorted(those)]


@pytest.mark.parametrize("seed", range(5))
def test_segments_that_hardly_overlap_are_merged_too(turn, monkeypatch, seed):
    monkeypatch.setattr(merging, "BLOCK_RECORDS", 4)
    random_ = random.Random(seed)
    everyone = sorted(commitments(200, seed))
    cuts = sorted(random_.sample(range(200), 6))
    shards = [everyone[a:b] for a, b in zip([0, *cuts], [*cuts, 200], strict=True)]
    random_.shuffle(shards)
    roster, _ = merged(turn, shards)
    assert roster == roster_bytes(RosterRecord(c, 0, 2, 0, 0) for c in everyone)


def published(turn):
    return turn.runtime.files.names(BUCKET, public_key(1, "roster"))


def test_a_commitment_in_two_shards_publishes_nothing(turn):
    both = commitments(1, 1)
    with pytest.raises(StepBlocked, match="stands twice"):
        merged(turn, [both + commitments(5, 2), both + commitments(5, 3)])
    assert published(turn) == []


def test_a_segment_that_lacks_an_entry_which_its_shard_has_read_publishes_nothing(turn):
    those = commitments(9, 1)
    share = share_of(turn, 0, those[1:])
    with pytest.raises(StepBlocked, match="8 entries but 8 records"):
        merge(turn, [share], tally(those).xor)
    assert published(turn) == []


def test_a_segment_that_was_changed_publishes_nothing(turn):
    those = commitments(9, 1)
    share = share_of(turn, 0, those)
    whole = read_internal(turn.runtime.files, 1, share.segment)
    key = internal_key(1, share.segment)
    for at in (10, len(whole) - 1):
        changed = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        turn.runtime.files.write(BUCKET, key, changed, content_type="x")
        with pytest.raises(StepBlocked, match="was changed"):
            merge(turn, [share], tally(those).xor)
    assert published(turn) == []


def test_a_merger_whose_wave_has_moved_on_publishes_nothing(turn):
    turn.lease.move("void")
    with pytest.raises(LeaseLost):
        merged(turn, [commitments(5, 1)])
    assert published(turn) == []
