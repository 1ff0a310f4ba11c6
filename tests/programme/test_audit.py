"""The audit chain: whatever is done to a record shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.programme.audit import Broken, check, following, hash_of


def chain(length=5):
    records = []
    for number in range(length):
        last = records[-1] if records else None
        act = {"at": 1_000 + number, "who": "sri", "what": "view", "about": f"a/{number}"}
        records.append(following(last, **act, details=("blurred",)))
    return records


def test_a_chain_holds_and_gives_its_head():
    records = chain()
    assert check(records) == records[-1]
    assert [r.number for r in records] == [0, 1, 2, 3, 4]
    assert check([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"who": "budi"},
        {"what": "accept"},
        {"about": "b/2"},
        {"at": 1},
        {"details": ()},
        {"details": ("blurred", "glare")},
    ],
)
def test_a_changed_record_is_found(change):
    records = chain()
    records[2] = replace(records[2], **change)
    with pytest.raises(Broken, match="record 2: was changed"):
        check(records)


def test_a_changed_record_with_a_new_hash_is_found_by_the_next():
    records = chain()
    forged = replace(records[2], who="budi")
    records[2] = replace(forged, hash=hash_of(forged))
    with pytest.raises(Broken, match="record 3: does not follow"):
        check(records)


def test_a_record_left_out_is_found_anywhere():
    for number in range(4):
        records = chain()
        del records[number]
        with pytest.raises(Broken, match=f"record {number}: is missing"):
            check(records)


def test_two_records_in_the_wrong_order_are_found():
    records = chain()
    records[1], records[2] = records[2], records[1]
    with pytest.raises(Broken):
        check(records)


def test_a_chain_cut_short_or_written_anew_is_found_by_a_noted_head():
    records = chain()
    noted = {4: records[4].hash, 2: records[2].hash}
    assert check(records, noted) == records[4]
    with pytest.raises(Broken, match="record 4: was noted and is missing"):
        check(records[:3], noted)
    anew = [following(None, at=1, who="budi", what="view", about="a/0")]
    for _ in range(4):
        anew.append(following(anew[-1], at=1, who="budi", what="view", about="a/0"))
    check(anew)
    with pytest.raises(Broken, match="record 2: is not the one that was noted"):
        check(anew, noted)


def test_fields_cannot_flow_into_one_another():
    one = following(None, at=1, who="a", what="bc", about="d", details=("e", "f"))
    other = following(None, at=1, who="ab", what="c", about="d", details=("e,f",))
    assert one.hash != other.hash
