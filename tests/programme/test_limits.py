"""The table of limits."""

from functions.programme import limits
from functions.programme.times import HOUR, MINUTE, SECOND


def test_every_limit_has_a_name_of_its_own():
    names = [limit.name for limit in limits.LIMITS]
    assert len(names) > 10
    assert len(set(names)) == len(names)


def test_a_limit_by_address_lets_five_thousand_people_in_within_minutes_and_only_slows():
    by_address = [limit for limit in limits.LIMITS if limit.name.endswith("_address")]
    assert by_address
    for limit in by_address:
        assert limit.window == MINUTE
        assert limit.code == "slow_down"
        assert limit.count * 20 >= 5_000


def test_the_pause_between_sendings_grows_and_then_stays():
    pauses = [limits.resend_at(0, sends) for sends in range(1, 9)]
    assert pauses[0] == 60 * SECOND
    assert pauses == sorted(pauses)
    assert pauses[-1] == HOUR


def test_a_window_ends_where_the_next_begins():
    limit = limits.LOGIN_BY_ACCOUNT
    number, end = limits.window_of(limit, 1_767_589_200_000)
    assert limits.window_of(limit, end - 1) == (number, end)
    assert limits.window_of(limit, end)[0] == number + 1
