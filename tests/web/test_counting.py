"""Counting: atomic, with ends that are compared, closed for sends and open for joins."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from functions.programme.limits import (
    BACKOFFS,
    JOIN_BY_ACCOUNT,
    JOIN_BY_ADDRESS,
    LIMITS,
    LOGIN_BY_ADDRESS,
    MAIL_BY_ADDRESS,
    REGISTER_BY_ADDRESS,
    SMS_IN_ALL,
)
from functions.programme.times import HOUR, MINUTE
from functions.select.joining import check_limits
from functions.verify import phone
from functions.web import counting
from functions.web.errors import TooMany
from tests.fakes import FakeTables, fake_runtime
from tests.verify.people import HERE, join_programme, letters


def test_each_limit_counts_under_a_name_of_its_own():
    names = [limit.name for limit in (*LIMITS, *BACKOFFS)]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("limit", [x for x in LIMITS if x.name.endswith("_address")])
def test_what_is_counted_by_address_alone_only_slows(limit):
    assert (limit.code, limit.window) == ("slow_down", MINUTE)


def test_five_thousand_people_behind_one_address_register_and_join():
    # Registering takes some minutes; a close is one minute.
    assert 5 * min(REGISTER_BY_ADDRESS.count, MAIL_BY_ADDRESS.count) >= 5_000
    assert 3 * LOGIN_BY_ADDRESS.count >= 5_000
    assert JOIN_BY_ADDRESS.count >= 5_000


def test_of_many_joins_at_once_no_more_pass_than_the_limit():
    runtime = fake_runtime()

    def join(_):
        try:
            check_limits(runtime, "a" * 32, HERE)
        except TooMany as error:
            return error.code
        return "passed"

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(join, range(2 * JOIN_BY_ACCOUNT.count)))
    assert results.count("passed") == JOIN_BY_ACCOUNT.count
    runtime.clock.advance(MINUTE)
    assert join(0) == "passed"


class WithoutLimits(FakeTables):
    """Tables whose counters cannot be written."""

    broken = False

    def update(self, action):
        if self.broken and action.table == "limits":
            raise ClientError({"Error": {"Code": "InternalServerError"}}, "UpdateItem")
        return super().update(action)


def test_without_counters_nothing_is_sent_but_who_joins_is_let_through():
    runtime = fake_runtime(tables=WithoutLimits())
    applicant = join_programme(runtime)
    before = len(letters(runtime))
    runtime.tables.broken = True
    with pytest.raises(ClientError):
        phone.start(runtime, applicant, "0812-3456-9001", address=HERE)
    assert len(letters(runtime)) == before
    check_limits(runtime, applicant, HERE)


def test_the_breaker_ends_all_sms_of_the_hour_and_no_more():
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    number, _ = counting.window_of(SMS_IN_ALL, runtime.clock())
    key = counting._key(runtime, SMS_IN_ALL.name, "all", number)
    runtime.tables.items["limits"][(key["limit"],)] = {**key, "count": SMS_IN_ALL.count}
    with pytest.raises(TooMany) as error:
        phone.start(runtime, applicant, "0812-3456-9001", address=HERE)
    assert error.value.code == "slow_down"
    assert not letters(runtime, "phone_code")
    runtime.clock.advance(HOUR)
    assert phone.start(runtime, applicant, "0812-3456-9001", address=HERE)
