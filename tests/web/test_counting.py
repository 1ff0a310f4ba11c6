"""Counting: atomic, with ends that are compared, closed for sends and open for joins."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import sqrt

import pytest
from botocore.exceptions import ClientError

from functions.cloud.outbox import Letter
from functions.programme.limits import (
    BACKOFFS,
    BREAKER_PARTS,
    JOIN_BY_ACCOUNT,
    JOIN_BY_ADDRESS,
    LIMITS,
    LOGIN_BY_ADDRESS,
    LOGIN_BY_PAIR,
    MAIL_BY_ADDRESS,
    MAIL_IN_ALL,
    REGISTER_BY_ADDRESS,
    SMS_BY_ACCOUNT,
    SMS_BY_ADDRESS,
    SMS_BY_NUMBER,
    SMS_BY_PREFIX,
    SMS_IN_ALL,
    Limit,
)
from functions.programme.times import HOUR, MINUTE
from functions.select.joining import slowed
from functions.verify import leaving, mailbox, passwords, phone, registration
from functions.verify.delivery import deliver
from functions.verify.posting import post
from functions.web import counting
from functions.web.errors import Conflict, TooMany
from tests.fakes import Drawn, FakeTables, fake_runtime
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    PASSWORD,
    join_programme,
    letters,
    register,
    wait,
)


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


@pytest.mark.parametrize("limit", [x for x in LIMITS if x.sample > 1], ids=lambda x: x.name)
def test_only_what_many_share_is_counted_by_samples_and_to_a_tenth(limit):
    assert limit.code == "slow_down" and limit.name.split("_")[1] in ("address", "prefix", "all")
    parts = BREAKER_PARTS if limit.name.endswith("_all") else 1
    count = limit.count / parts
    assert sqrt(count * (limit.sample - 1)) <= count / 10


@pytest.mark.parametrize("sample", [1, 4])
def test_of_many_uses_at_once_no_more_are_counted_than_the_limit(sample):
    runtime = fake_runtime(random=Drawn())
    limit = Limit("some", 40, MINUTE, "slow_down", sample)

    def use(_):
        try:
            counting.spend(runtime, limit, "someone")
        except TooMany as error:
            return error.code
        return "passed"

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(use, range(80)))
    assert results.count("passed") == 40 // sample
    runtime.clock.advance(MINUTE)
    assert use(0) == "passed"


def test_who_is_not_drawn_writes_nothing_and_is_refused_when_the_limit_is_reached():
    runtime = fake_runtime(random=Drawn())
    limit = Limit("some", 40, MINUTE, "slow_down", 4)
    runtime.random.every = False
    for _ in range(100):
        counting.spend(runtime, limit, "someone")
    assert not runtime.tables.items["limits"]
    runtime.random.every = True
    for _ in range(10):
        counting.spend(runtime, limit, "someone")
    runtime.random.every = False
    with pytest.raises(TooMany):
        counting.spend(runtime, limit, "someone")


def test_one_in_so_many_is_drawn_and_the_count_comes_near_the_truth():
    runtime = fake_runtime()
    limit = Limit("some", 1_000_000, MINUTE, "slow_down", 16)
    writes = []
    runtime.tables.update = lambda action, update=runtime.tables.update: (
        writes.append(action) or update(action)
    )
    for _ in range(4_000):
        counting.spend(runtime, limit, "someone")
    (item,) = runtime.tables.items["limits"].values()
    assert item["count"] == 16 * len(writes)
    assert abs(item["count"] - 4_000) < 4 * sqrt(4_000 * 15)


def test_joins_that_fail_are_slowed_and_those_that_succeed_are_not():
    runtime = fake_runtime()

    def fail():
        with slowed(runtime, "a" * 32, HERE):
            raise Conflict("wave_closed")

    for _ in range(2 * JOIN_BY_ACCOUNT.count):
        with slowed(runtime, "a" * 32, HERE):
            pass
    assert not runtime.tables.items["limits"]
    for _ in range(JOIN_BY_ACCOUNT.count):
        with pytest.raises(Conflict):
            fail()
    with pytest.raises(TooMany):
        fail()
    with pytest.raises(TooMany), slowed(runtime, "a" * 32, HERE):
        pass
    runtime.clock.advance(MINUTE)
    with slowed(runtime, "a" * 32, HERE):
        pass


class WithoutLimits(FakeTables):
    """Tables whose counters cannot be written."""

    broken = False

    def update(self, action):
        self._fail(action.table)
        return super().update(action)

    def get(self, table, key, *, only=()):
        self._fail(table)
        return super().get(table, key, only=only)

    def _fail(self, table):
        if self.broken and table == "limits":
            raise ClientError({"Error": {"Code": "InternalServerError"}}, "UpdateItem")


def test_without_counters_nothing_is_sent_but_who_joins_is_let_through():
    runtime = fake_runtime(tables=WithoutLimits())
    applicant = join_programme(runtime)
    before = len(letters(runtime))
    runtime.tables.broken = True
    with pytest.raises(ClientError):
        phone.start(runtime, applicant, "0812-3456-9001", address=HERE)
    assert len(letters(runtime)) == before
    with slowed(runtime, applicant, HERE):
        pass
    with pytest.raises(Conflict), slowed(runtime, applicant, HERE):
        raise Conflict("wave_closed")


def use_up(runtime, limit, left=0):
    """All of an hour are spent, but for some in each part."""
    number, _ = counting.window_of(limit, runtime.clock())
    for part in range(BREAKER_PARTS):
        key = counting._key(runtime, limit.name, f"part {part}", number)
        used = limit.count // BREAKER_PARTS - left
        runtime.tables.items["limits"][(key["limit"],)] = {**key, "count": used}


def test_the_breaker_ends_all_sms_of_the_hour_and_no_more(caplog):
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    use_up(runtime, SMS_IN_ALL)
    with pytest.raises(TooMany) as error:
        phone.start(runtime, applicant, "0812-3456-9001", address=HERE)
    assert error.value.code == "slow_down"
    assert "limit sms_all is reached" in caplog.text
    assert not letters(runtime, "phone_code")
    runtime.clock.advance(HOUR)
    assert phone.start(runtime, applicant, "0812-3456-9001", address=HERE)


def ask_for_mails(runtime, applicant):
    """Each way to ask for a mail without one that was sent before."""
    new = "sari@baru.id"
    return {
        "register": lambda: register(runtime, email="cici@contoh.id", key="9" * 16),
        "forgot": lambda: passwords.forgot(runtime, EMAIL, address=HERE),
        "change": lambda: mailbox.change(
            runtime, applicant, new, PASSWORD, address=HERE, cost=CHEAP
        ),
    }


def test_the_breaker_of_mail_ends_what_is_asked_for_and_nothing_that_is_told(caplog):
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    cookie = register(runtime, email="budi@contoh.id", key="8" * 16)
    wait(runtime, 2)
    use_up(runtime, MAIL_IN_ALL)
    before = len(letters(runtime))
    asked = ask_for_mails(runtime, applicant)
    asked["resend"] = lambda: registration.resend(runtime, cookie, address=HERE)
    for name, ask in asked.items():
        with pytest.raises(TooMany) as error:
            ask()
        assert error.value.code == "slow_down", name
    assert len(letters(runtime)) == before
    assert caplog.text.count("limit mail_all is reached") == len(asked)
    leaving.ask(runtime, applicant, PASSWORD, None, cost=CHEAP)
    result = Letter("f" * 32, "mail", "outcome_selected", applicant=applicant, to=EMAIL)
    result = replace(result, parameters={"wave": 1})
    post(runtime, result)
    for message in [row["message"] for row in letters(runtime)[before:]]:
        deliver(runtime, message)
    assert len(runtime.mailer.sent) == 2
    runtime.clock.advance(HOUR)
    for ask in ask_for_mails(runtime, applicant).values():
        ask()


def test_every_letter_that_can_be_asked_for_without_end_counts_against_a_breaker():
    """A sample's worth is left in each of the sixteen parts; forty people ask, all are drawn."""
    runtime = fake_runtime(random=Drawn())
    use_up(runtime, MAIL_IN_ALL, left=MAIL_IN_ALL.sample)
    refused = 0
    for number in range(40):
        try:
            register(runtime, email=f"orang{number}@contoh.id", key=f"{number:016d}")
        except TooMany:
            refused += 1
    assert refused >= 40 - BREAKER_PARTS
    assert len(letters(runtime)) == 40 - refused


def test_a_breaker_is_counted_in_items_that_a_table_can_keep_up_with():
    opening_minute, writes, reads = 80_000 / 60, 1_000, 3_000
    assert opening_minute / MAIL_IN_ALL.sample < writes / 5
    assert opening_minute / BREAKER_PARTS < reads / 5
    runtime = fake_runtime(random=Drawn())
    for number in range(200):
        register(runtime, email=f"orang{number}@contoh.id", key=f"{number:016d}")
    shared = [i["count"] for (k,), i in runtime.tables.items["limits"].items() if "mail_all" in k]
    assert len(shared) == BREAKER_PARTS and max(shared) < 40 * MAIL_IN_ALL.sample


@pytest.mark.parametrize(
    ("limit", "subject"),
    [
        (SMS_BY_NUMBER, "+6281234569001"),
        (SMS_BY_PREFIX, "+62812"),
        (SMS_BY_ADDRESS, HERE),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_limit_of_sms_stops_a_code_by_itself(limit, subject):
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    use_up_one(runtime, limit, subject or applicant)
    with pytest.raises(TooMany) as error:
        phone.start(runtime, applicant, "0812-3456-9001", address=HERE)
    assert error.value.code == limit.code
    assert not letters(runtime, "phone_code")
    runtime.clock.advance(limit.window)
    assert phone.start(runtime, applicant, "0812-3456-9001", address=HERE)


def test_an_account_has_so_many_codes_a_day_after_its_first():
    runtime = fake_runtime()
    applicant = join_programme(runtime)
    for number in range(1 + SMS_BY_ACCOUNT.count):
        assert phone.start(runtime, applicant, f"0812-3456-9{number:03d}", address=HERE)
    with pytest.raises(TooMany) as error:
        phone.start(runtime, applicant, "0812-3456-9999", address=HERE)
    assert error.value.code == SMS_BY_ACCOUNT.code
    runtime.clock.advance(SMS_BY_ACCOUNT.window)
    assert phone.start(runtime, applicant, "0812-3456-9999", address=HERE)


def test_an_address_that_registers_without_end_is_slowed():
    runtime = fake_runtime()
    use_up_one(runtime, REGISTER_BY_ADDRESS, HERE)
    with pytest.raises(TooMany):
        register(runtime)
    runtime.clock.advance(MINUTE)
    assert register(runtime)


def use_up_one(runtime, limit, subject):
    number, _ = counting.window_of(limit, runtime.clock())
    key = counting._key(runtime, limit.name, subject, number)
    runtime.tables.items["limits"][(key["limit"],)] = {**key, "count": limit.count}


class Overtaken(FakeTables):
    """Tables in which another try comes between the reading of a try and its writing."""

    meanwhile = None

    def get(self, table, key, *, only=()):
        found = super().get(table, key, only=only)
        between, self.meanwhile = self.meanwhile, None
        if between is not None:
            between()
        return found


def test_of_two_tries_at_once_both_are_counted():
    runtime = fake_runtime(tables=Overtaken())

    def take():
        counting.take_try(runtime, LOGIN_BY_PAIR, "someone")

    runtime.tables.meanwhile = take
    take()
    (item,) = runtime.tables.items["limits"].values()
    assert item["count"] == 2
