"""What an applicant still lacks before joining."""

from functions.programme.readiness import READINESS, missing


def test_a_new_account_lacks_all_but_the_confirmed_address():
    assert missing({"applicant": "aa", "email": 1}) == list(READINESS[1:])


def test_nothing_is_missing_when_every_step_is_there():
    assert missing(dict.fromkeys(READINESS, 1)) == []


def test_what_is_missing_is_told_in_the_order_of_the_journey():
    item = dict.fromkeys(READINESS, 1)
    del item["test"], item["phone"]
    assert missing(item) == ["phone", "test"]
