"""The freeze of a shard: who takes part, in which group, with how much room."""

from __future__ import annotations

import random

import pytest

from functions.programme.draw.roster import EXCLUDED, parse_roster, roster_bytes
from functions.programme.freeze import Entrant, GroupNumbers, Ledgers, freeze_shard

KEY = b"k" * 32
NOBODY = Ledgers(frozenset(), frozenset(), {})


def entrant(number: int, family: int, *, pool: int = 0, exclusions: tuple[str, ...] = ()):
    return Entrant(
        f"a{number}", number.to_bytes(32, "big"), f"nik{number}", f"kk{family}", pool, exclusions
    )


def frozen(*entrants, ledgers=NOBODY, shard=5):
    decisions = freeze_shard(entrants, ledgers, family_limit=2, shard=shard, freeze_key=KEY)
    parse_roster(roster_bytes(d.record for d in decisions), 2, 255)
    return {d.applicant: d for d in decisions}


def test_two_members_of_a_family_need_no_group():
    found = frozen(entrant(1, 1), entrant(2, 1))
    assert {(d.record.group, d.record.room) for d in found.values()} == {(0, 2)}


def test_three_members_of_a_family_share_a_group_with_room_for_two():
    found = frozen(entrant(1, 1), entrant(2, 1), entrant(3, 1), entrant(4, 2))
    groups = {found[name].record.group for name in ("a1", "a2", "a3")}
    assert len(groups) == 1 and groups != {0}
    assert {found[name].record.room for name in ("a1", "a2", "a3")} == {2}
    assert found["a4"].record.group == 0


def test_an_earlier_recipient_leaves_room_for_one():
    ledgers = Ledgers(frozenset(), frozenset(), {"kk1": 1})
    found = frozen(entrant(1, 1), entrant(2, 1), ledgers=ledgers)
    assert all(d.record.group and d.record.room == 1 for d in found.values())
    alone = frozen(entrant(1, 1), ledgers=ledgers)
    assert (alone["a1"].record.group, alone["a1"].record.room) == (0, 2)


@pytest.mark.parametrize("earlier", [2, 3])
def test_a_family_without_room_is_excluded_and_told_why(earlier):
    found = frozen(entrant(1, 1), ledgers=Ledgers(frozenset(), frozenset(), {"kk1": earlier}))
    assert found["a1"].record.status == EXCLUDED
    assert found["a1"].reasons == ("family_limit",)


def test_excluded_relatives_do_not_take_room():
    found = frozen(entrant(1, 1, exclusions=("official",)), entrant(2, 1), entrant(3, 1, pool=2))
    assert found["a1"].record[1:] == (0, 0, 0, EXCLUDED)
    assert found["a1"].reasons == ("official",)
    assert found["a2"].record.group == found["a3"].record.group == 0
    assert found["a3"].record.pool == 2


def test_past_recipients_and_blacklisted_people_are_excluded_for_themselves_alone():
    ledgers = Ledgers({"nik1"}, {"nik2", "nik1"}, {"kk1": 1})
    found = frozen(entrant(1, 1), entrant(2, 1), entrant(3, 1), ledgers=ledgers)
    assert found["a1"].reasons == ("past_recipient", "blacklisted")
    assert found["a2"].reasons == ("blacklisted",)
    assert found["a3"].reasons == () and found["a3"].record.status == 0


def test_the_same_person_twice_takes_part_once():
    twin = Entrant("b1", b"\xff" * 32, "nik1", "kk1", 0, ())
    found = frozen(entrant(1, 1), twin)
    assert found["a1"].reasons == () and found["b1"].reasons == ("duplicate",)


def test_a_shard_frozen_again_in_another_order_is_the_same():
    entrants = [entrant(n, n // 4) for n in range(1, 60)]
    shuffled = random.Random(7).sample(entrants, len(entrants))
    assert frozen(*entrants) == frozen(*shuffled)


def test_group_numbers_meet_neither_within_a_shard_nor_across_shards():
    numbers = []
    for shard in range(1024):
        groups = GroupNumbers(KEY, shard)
        numbers += [groups.of(f"kk{family}") for family in range(2000 if shard == 0 else 2)]
    assert len(set(numbers)) == len(numbers)
    assert 0 not in numbers and max(numbers) < 2**32


def test_a_taken_number_is_passed_over():
    groups = GroupNumbers(KEY, 3)
    first = groups.of("kk1")
    again = groups.of("kk1")
    assert again not in (0, first)


def test_another_key_gives_other_numbers():
    assert GroupNumbers(KEY, 3).of("kk1") != GroupNumbers(b"j" * 32, 3).of("kk1")
