"""After the draw: places that became free, and reserves that move up strictly by rank."""

from __future__ import annotations

import pytest

from functions.programme.draw.allocation import Outcome, ResultRecord
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.notes import sign_note
from functions.programme.draw.promotions import (
    BEGINNING,
    Removal,
    Step,
    check_changes,
    open_promotions,
    open_removals,
    plan,
    promotions_text,
    removals_text,
)
from tests.programme.draw.world import OPERATOR, RECEIPTS, digest, make_pins

PINS = make_pins()
RESULT = digest("result")
DAY = 86_400
UNTIL = 100 * DAY
# Index 0…3 selected; 4…7 on reserve, the last of them first by rank; 8 not taken.
RESULTS = [ResultRecord(Outcome.SELECTED, 0, rank) for rank in (1, 2, 3, 4)]
RESULTS += [ResultRecord(Outcome.RESERVE, 0, rank) for rank in (8, 7, 6, 5)]
RESULTS += [ResultRecord(Outcome.NOT_SELECTED, 0, 9)]


class Notes:
    """The notes of wave 7 as an operator makes them; `forged` leaves the rules aside."""

    def __init__(self):
        self.removals, self.promotions = [], []

    def remove(self, *indexes, at=DAY, number=None, previous=None, result=RESULT):
        notes = self.removals
        before = notes[-1].digest if notes else BEGINNING
        text = removals_text(
            7,
            len(notes) + 1 if number is None else number,
            before if previous is None else previous,
            result,
            at,
            [Removal(index, "declined") for index in indexes],
        )
        notes.append(open_removals(sign_note(text, OPERATOR), PINS))

    def promote(self, *steps, at=DAY, until=UNTIL):
        notes = self.promotions
        text = promotions_text(
            7,
            len(notes) + 1,
            notes[-1].digest if notes else BEGINNING,
            RESULT,
            self.removals[-1].digest if self.removals else BEGINNING,
            until,
            at,
            steps,
        )
        notes.append(open_promotions(sign_note(text, OPERATOR), PINS))

    def check(self):
        return check_changes(7, RESULT, RESULTS, self.removals, self.promotions)


@pytest.fixture
def notes():
    return Notes()


def test_without_notes_the_reserve_waits_by_rank(notes):
    standing = notes.check()
    assert standing.waiting == (7, 6, 5, 4) and standing.open_places == ()
    assert plan(standing, lambda _: "") == []


def test_each_place_goes_to_the_next_by_rank(notes):
    notes.remove(1, 3)
    steps = plan(notes.check(), lambda _: "")
    assert steps == [Step(7, 1), Step(6, 3)]
    notes.promote(*steps)
    standing = notes.check()
    assert standing.promoted == (7, 6) and standing.open_places == ()
    assert standing.waiting == (5, 4) and standing.until == UNTIL


def test_who_is_passed_over_is_named_with_a_reason(notes):
    notes.remove(0)
    steps = plan(notes.check(), {7: "past_recipient", 6: "family_limit"}.get)
    assert [step.index for step in plan(notes.check(), lambda i: "declined")] == [7, 6, 5, 4]
    steps = plan(notes.check(), lambda i: {7: "past_recipient", 6: "family_limit"}.get(i, ""))
    assert steps == [
        Step(7, reason="past_recipient"),
        Step(6, reason="family_limit"),
        Step(5, 0),
    ]
    notes.promote(*steps)
    assert notes.check().waiting == (4,)


def test_a_removed_reserve_is_out_of_line_and_frees_no_place(notes):
    notes.remove(7)
    assert notes.check().open_places == ()
    notes.remove(2)
    assert plan(notes.check(), lambda _: "") == [Step(6, 2)]


def test_a_promoted_reserve_can_be_removed_in_turn(notes):
    notes.remove(0)
    notes.promote(Step(7, 0))
    notes.remove(7)
    assert plan(notes.check(), lambda _: "") == [Step(6, 7)]


def test_places_beyond_the_reserve_stay_free(notes):
    notes.remove(0, 1, 2, 3)
    notes.remove(4, 5)
    notes.promote(*plan(notes.check(), lambda _: ""))
    standing = notes.check()
    assert standing.promoted == (7, 6) and standing.open_places == (2, 3)


@pytest.mark.parametrize(
    "steps",
    [
        [Step(6, 0)],  # not the next by rank
        [Step(8, 0)],  # not on the reserve
        [Step(7, 1)],  # a place that nobody lost
        [Step(7, 0), Step(6, 0)],  # two for one removal
        [Step(7, 0), Step(7, 0)],
        [Step(6, reason="declined"), Step(7, 0)],
    ],
)
def test_any_other_order_is_refused(notes, steps):
    notes.remove(0)
    notes.promote(*steps)
    with pytest.raises(VerificationError, match="promotion_order"):
        notes.check()


def test_nobody_is_promoted_on_a_removal_that_came_later(notes):
    notes.promote(Step(7, 0))
    notes.remove(0)
    with pytest.raises(VerificationError, match="promotion_order"):
        notes.check()


@pytest.mark.parametrize("indexes", [(8,), (9,)])
def test_only_who_holds_a_place_or_waits_for_one_is_removed(notes, indexes):
    notes.remove(*indexes)
    with pytest.raises(VerificationError, match="removal_index"):
        notes.check()


def test_nobody_is_removed_twice(notes):
    notes.remove(0)
    notes.remove(0)
    with pytest.raises(VerificationError, match="removal_index"):
        notes.check()


def test_a_reserve_that_was_passed_over_has_nothing_to_lose(notes):
    notes.remove(0)
    notes.promote(Step(7, reason="declined"), Step(6, 0))
    notes.remove(7)
    with pytest.raises(VerificationError, match="removal_index"):
        notes.check()


def test_a_note_that_is_missing_moved_or_of_another_result_is_noticed(notes):
    for change in ({"number": 2}, {"previous": digest("x")}, {"result": digest("y")}):
        other = Notes()
        other.remove(0, **change)
        with pytest.raises(VerificationError, match="changes_chain"):
            other.check()
    notes.remove(0)
    notes.remove(1, at=DAY - 1)
    with pytest.raises(VerificationError, match="changes_chain"):
        notes.check()
    notes.promote(Step(7, 0))
    notes.removals.pop()
    with pytest.raises(VerificationError, match="changes_chain"):
        notes.check()


def test_nobody_is_promoted_after_the_date_and_the_date_stays(notes):
    notes.remove(0, 1)
    notes.promote(Step(7, 0))
    notes.promote(Step(6, 1), at=UNTIL + 1)
    with pytest.raises(VerificationError, match="promotion_until"):
        notes.check()
    notes.promotions.pop()
    notes.promote(Step(6, 1), until=UNTIL + DAY)
    with pytest.raises(VerificationError, match="promotion_until"):
        notes.check()


def test_notes_need_the_operator_and_the_one_form():
    text = removals_text(7, 1, BEGINNING, RESULT, DAY, [Removal(0, "died"), Removal(2, "declined")])
    assert open_removals(sign_note(text, OPERATOR), PINS).removed[1] == Removal(2, "declined")
    with pytest.raises(VerificationError, match="operator_signature_missing"):
        open_removals(sign_note(text, RECEIPTS), PINS)
    for old, new in (
        (b"0 died\n2 declined\n", b""),
        (b"0 died\n2 declined\n", b"2 declined\n0 died\n"),
        (b"0 died", b"00 died"),
        (b"died", b"bored"),
        (b"removals/v1", b"promotions/v1"),
    ):
        with pytest.raises(VerificationError, match="malformed"):
            open_removals(sign_note(text.replace(old, new), OPERATOR), PINS)
    text = promotions_text(7, 1, BEGINNING, RESULT, BEGINNING, UNTIL, DAY, [Step(7, 0)])
    for old, new in ((b"promote 7 0", b"promote 7"), (b"promote 7 0", b"skip 7 0")):
        with pytest.raises(VerificationError, match="malformed"):
            open_promotions(sign_note(text.replace(old, new), OPERATOR), PINS)
