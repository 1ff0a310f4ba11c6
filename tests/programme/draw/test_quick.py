"""The quick draw gives what the plain one gives: every byte, and every error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.programme.draw import results as plain_results
from functions.programme.draw import roster as plain_roster
from functions.programme.draw import verify
from functions.programme.draw.allocation import Outcome
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.invented import invented_number
from functions.programme.draw.order import entry_number
from functions.programme.draw.params import parse_params
from functions.programme.draw.published import open_published
from functions.programme.draw.quick import allocation, invented, listing, order, results, roster
from functions.programme.draw.quick.verify import QuickLists
from functions.programme.draw.tree import ChunkTree
from tests.programme.draw.waves import LIMIT, PINS, Wave, waves
from tests.programme.draw.world import WAVES, digest, make_params, quick_beacon, vector


@contextmanager
def small_blocks(records: int, ranks: int) -> Iterator[None]:
    """Let even a small wave take many blocks."""
    with (
        patch.object(listing, "BLOCK_RECORDS", records),
        patch.object(order, "BLOCK_RECORDS", records),
        patch.object(allocation, "_BLOCK", ranks),
        patch.object(results, "_BLOCK", ranks),
    ):
        yield


def agree(wave: Wave) -> None:
    """Both draws give the same bytes, and count and end alike."""
    pools = len(wave.params.pools)
    plain = wave.results()
    quick = results.draw(wave.roster, wave.params, wave.limit, wave.seed)
    assert bytes(quick.data) == plain_results.results_bytes(plain)
    assert quick.last_ranks == plain_results.last_ranks(bytes(quick.data), pools)
    counted = Counter(one.outcome for one in plain)
    assert quick.counts == {outcome: counted[outcome] for outcome in Outcome}


@pytest.mark.parametrize("blocks", [None, (256, 100)])
@pytest.mark.parametrize("name", WAVES)
def test_a_vector_is_drawn_and_verified_byte_for_byte(name, blocks, monkeypatch):
    monkeypatch.setattr(verify, "verify_beacon", quick_beacon)
    files, pins = vector(name)
    wave = open_published(files, pins, lambda _: None)
    with small_blocks(*(blocks or (listing.BLOCK_RECORDS, results._BLOCK))):
        drawn = results.draw(files["roster.bin"], wave.params, wave.pins.family_limit, wave.seed)
        quick = verify.verify_wave(files, pins, lists=QuickLists(files))
    assert bytes(drawn.data) == files["results.bin"]
    assert quick == verify.verify_wave(files, pins)


@given(waves())
def test_families_pools_and_exclusions_are_drawn_alike(wave):
    agree(wave)


@given(waves(largest=30, limit=5))
def test_heavy_families_are_drawn_alike(wave):
    agree(wave)


@given(waves(largest=12, limit=3), st.integers(1, 9), st.integers(1, 9))
def test_where_a_block_ends_changes_nothing(wave, records, ranks):
    with small_blocks(records, ranks):
        agree(wave)


@given(waves())
def test_a_large_group_number_is_a_number_like_others(wave):
    most = 2**32 - 1
    agree(
        replace(
            wave,
            records=[
                one._replace(group=one.group and most - one.group + 1) for one in wave.records
            ],
        )
    )


def test_nobody_and_one_are_waves_too():
    one = plain_roster.RosterRecord(digest("one"), 0, LIMIT, 0, 0)
    for quota, reserve in ((5, 5), (0, 1), (0, 0)):
        params = make_params(PINS, quota, reserve)
        for records in ([], [one], [plain_roster.excluded_record(digest("one"))]):
            agree(Wave(records, params, bytes(32)))


numbers = st.integers(0, 3).map(lambda number: number << 62) | st.integers(0, 2**64 - 1)


@settings(max_examples=200)
@given(
    st.lists(st.tuples(numbers, numbers, st.booleans()), max_size=60),
    st.integers(1, 70),
)
def test_numbers_that_begin_alike_are_told_apart_by_the_rest(halves, block):
    """Upper halves that are equal, and such as differ only below what the sorted words hold."""
    whole = [(upper << 64 | lower).to_bytes(16, "big") for upper, lower, _ in halves]
    uppers = np.array([upper for upper, _, _ in halves], np.uint64)
    eligible = np.array([taking_part for _, _, taking_part in halves], np.bool_)
    blocks = (uppers[at : at + block].copy() for at in range(0, len(halves), block))
    with patch.object(order, "BLOCK_RECORDS", block):
        found = order.sort_by_number(blocks, eligible, whole.__getitem__)
    expected = [i for i in range(len(halves)) if halves[i][2]]
    assert found.tolist() == sorted(expected, key=whole.__getitem__)


def test_without_the_rest_of_the_numbers_such_ties_would_come_out_wrong():
    """The test above can fail: by beginnings alone, the order is that of the list."""
    whole = [(7 << 64 | lower).to_bytes(16, "big") for lower in (3, 1, 2)]
    uppers = [np.full(3, 7, np.uint64)]
    everyone = np.ones(3, np.bool_)
    right = order.sort_by_number(iter([uppers[0].copy()]), everyone, whole.__getitem__)
    wrong = order.sort_by_number(iter([uppers[0].copy()]), everyone, lambda _: bytes(16))
    assert right.tolist() == [1, 2, 0] and wrong.tolist() == [0, 1, 2]


def test_upper_halves_are_those_of_the_entries_numbers():
    seed = digest("seed")
    halves = np.concatenate(list(order.upper_halves(seed, 3 * 16384 + 5)))
    assert len(halves) == 3 * 16384 + 5
    for index in (0, 1, 16383, 16384, 3 * 16384 + 4):
        assert int(halves[index]).to_bytes(8, "big") == entry_number(seed, index)[:8]


def told(parse, data: bytes, pools: int) -> tuple[str, dict] | None:
    try:
        parse(data, LIMIT, pools)
    except VerificationError as error:
        return error.code, error.params
    return None


@settings(max_examples=300)
@given(waves(largest=5), st.data(), st.integers(1, 9))
def test_a_list_against_the_rules_is_refused_with_the_plain_error(wave, data, block):
    """A few changes of any kind: the quick reading meets the same fault first."""
    rows = [plain_roster.roster_bytes([one]) for one in wave.records]
    for _ in range(data.draw(st.integers(1, 3))):
        kind = data.draw(st.sampled_from(["byte", "field", "swap", "twice", "drop", "cut"]))
        if not rows:
            break
        at = data.draw(st.integers(0, len(rows) - 1))
        other = data.draw(st.integers(0, len(rows) - 1))
        row = bytearray(rows[at])
        if kind in ("byte", "field"):
            place = data.draw(st.integers(0, 39) if kind == "byte" else st.integers(32, 39))
            row[min(place, len(row) - 1)] = data.draw(st.integers(0, 3))
            rows[at] = bytes(row)
        elif kind == "swap":
            rows[at], rows[other] = rows[other], rows[at]
        elif kind == "twice":
            rows.insert(at, rows[other])
        elif kind == "drop":
            del rows[at]
        elif data.draw(st.booleans()):
            rows[-1] = rows[-1][:-1]
    forged, pools = b"".join(rows), len(wave.params.pools)
    with small_blocks(block, block):
        assert told(roster.parse_roster, forged, pools) == told(
            plain_roster.parse_roster, forged, pools
        )


def test_commitments_that_differ_in_their_last_byte_alone_are_in_order():
    rows = [
        plain_roster.roster_bytes([plain_roster.RosterRecord(bytes(31) + bytes([n]), 0, 2, 0, 0)])
        for n in (1, 2, 3)
    ]
    for forged in (rows, rows[::-1], [rows[0], rows[2], rows[1]], [rows[0], rows[0]]):
        data = b"".join(forged)
        assert told(roster.parse_roster, data, 0) == told(plain_roster.parse_roster, data, 0)


@pytest.mark.parametrize("records", [0, 1, 255, 256, 257, 512, 1000])
def test_a_root_computed_in_blocks_is_the_root(records):
    data = b"".join(digest(f"{i}")[:8] for i in range(records))
    with patch.object(listing, "BLOCK_RECORDS", 256):
        assert listing.root_of_listing(data, 8) == ChunkTree(data, 8).root


def test_results_that_differ_are_named_by_the_first_that_does():
    files, pins = vector("pools")
    wave = open_published(files, pins, lambda _: None)
    for at in (0, 8, 8 * 1200 + 7, 8 * 2499):
        changed = bytearray(files["results.bin"])
        changed[at] ^= 1
        found = []
        for lists in (QuickLists, verify.PlainLists):
            forged = lists(files | {"results.bin": bytes(changed)})
            forged.check_roster(wave)
            with pytest.raises(VerificationError) as error:
                forged.check_draw(wave)
            found.append((error.value.code, error.value.params))
        assert found == [("results_differ", {"index": at // 8})] * 2


def test_the_draw_is_not_made_from_a_roster_that_was_not_checked():
    files, pins = vector("tiny")
    with pytest.raises(ValueError, match="not checked"):
        QuickLists(files).check_draw(open_published(files, pins, lambda _: None))


@given(st.integers(0, 140_000_000))
@example(0)
def test_invented_numbers_by_columns_are_the_invented_numbers(number):
    (digits,) = invented._digits(np.array([number], np.int64))
    assert digits.tobytes().decode() == invented_number(number)


def test_an_invented_crowd_makes_a_roster_that_keeps_the_rules():
    crowd = invented.invent_crowd("crowd", 3000, 2, LIMIT)
    data, people = invented.make_roster("crowd", crowd, b"context")
    records = plain_roster.parse_roster(bytes(data), LIMIT, 2)
    assert len(records) == 3000 and sorted(people.tolist()) == list(range(3000))
    groups = Counter(one.group for one in records if one.group)
    assert {min(count, 6) for count in groups.values()} == {2, 3, 4, 5, 6}
    assert {one.pool for one in records} == {0, 1, 2}
    assert parse_params(vector("pools")[0]["params.json"]).pools
