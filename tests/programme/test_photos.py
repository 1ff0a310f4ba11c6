"""When a person may be asked to look at a photo."""

from __future__ import annotations

import pytest

from functions.programme.photos import (
    REVIEW_ASKED_WITHIN,
    WITHOUT_PICTURE,
    Sent,
    review_refusal,
)
from functions.programme.times import HOUR

NOW = 1_000 * HOUR


def refused(photo, hour, *reasons, kind="ktp", **more):
    """A photo that was sent and refused in an hour before or at NOW."""
    at = NOW + hour * HOUR
    given = {"state": "refused", "decided_at": at + 1, "reasons": reasons or ("blurred",)}
    return Sent(photo, kind, created_at=at, **{**given, **more})


FIRST, SECOND = refused("first", -2), refused("second", -1)


def test_after_two_refusals_the_newest_photo_may_go_to_a_person():
    assert review_refusal(SECOND, [FIRST, SECOND], NOW) is None
    assert review_refusal(SECOND, [SECOND, FIRST], NOW) is None, "in any order"


def test_after_one_refusal_one_more_is_to_come():
    assert review_refusal(SECOND, [SECOND], NOW) == ("review_not_yet", 1)


def test_refusals_of_the_other_kind_do_not_count():
    selfie = refused("selfie", -2, kind="selfie")
    assert review_refusal(SECOND, [selfie, SECOND], NOW) == ("review_not_yet", 1)


def test_an_older_photo_than_the_newest_is_not_looked_at():
    assert review_refusal(FIRST, [FIRST, SECOND], NOW) == ("review_outdated", 0)


@pytest.mark.parametrize("reason", WITHOUT_PICTURE)
def test_a_file_that_gave_no_picture_leaves_nothing_to_look_at(reason):
    broken = refused("broken", 0, reason)
    assert review_refusal(broken, [FIRST, SECOND, broken], NOW) == ("review_not_possible", 0)


def test_a_file_that_gave_no_picture_counts_as_a_refusal():
    assert review_refusal(SECOND, [refused("broken", -2, "corrupt"), SECOND], NOW) is None


def test_one_photo_of_a_kind_is_with_a_person_at_a_time():
    waiting = refused("asked", -3, state="in_review")
    assert review_refusal(SECOND, [waiting, FIRST, SECOND], NOW) == ("review_running", 0)
    other = refused("asked", -3, state="in_review", kind="selfie")
    assert review_refusal(SECOND, [other, FIRST, SECOND], NOW) is None


def test_a_photo_accepted_since_makes_a_review_needless():
    accepted = refused("good", 0, state="accepted")
    assert review_refusal(SECOND, [FIRST, SECOND, accepted], NOW) == ("review_outdated", 0)
    assert review_refusal(accepted, [FIRST, SECOND, accepted], NOW) == ("photo_decided", 0)


def test_two_refusals_after_an_accepted_photo_count():
    """A changed NIK wants a new photo; who sent an accepted one before is not stuck."""
    accepted = refused("good", -9, state="accepted")
    assert review_refusal(SECOND, [accepted, FIRST, SECOND], NOW) is None
    assert review_refusal(SECOND, [FIRST, accepted, SECOND], NOW) is None
    between = refused("good", -1.5, state="accepted")
    assert review_refusal(SECOND, [FIRST, between, SECOND], NOW) == ("review_not_yet", 1)


def test_after_a_persons_refusal_two_new_ones_are_needed():
    seen = refused("seen", -5, by_person=True)
    assert review_refusal(seen, [seen], NOW) == ("photo_decided", 0)
    assert review_refusal(SECOND, [refused("old", -6), seen, SECOND], NOW) == ("review_not_yet", 1)
    assert review_refusal(SECOND, [seen, FIRST, SECOND], NOW) is None


def test_what_was_refused_while_a_person_looked_is_not_new():
    seen = refused("seen", -5, by_person=True, decided_at=NOW - HOUR // 2)
    assert review_refusal(SECOND, [seen, FIRST, SECOND], NOW) == ("review_not_yet", 2)


def test_a_photo_that_is_being_checked_neither_counts_nor_hinders():
    waiting = Sent("waiting", "ktp", "waiting", NOW)
    assert review_refusal(waiting, [FIRST, SECOND, waiting], NOW) == ("review_not_possible", 0)
    assert review_refusal(SECOND, [FIRST, SECOND, waiting], NOW) is None


def test_a_review_is_asked_for_while_the_picture_is_there():
    last = SECOND.decided_at + REVIEW_ASKED_WITHIN - 1
    assert review_refusal(SECOND, [FIRST, SECOND], last) is None
    assert review_refusal(SECOND, [FIRST, SECOND], last + 1) == ("review_too_late", 0)
