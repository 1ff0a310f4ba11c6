"""Logging in and out, resetting and changing the password."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.programme.limits import LOGIN_BY_ADDRESS
from functions.programme.times import DAY, HOUR, MINUTE
from functions.verify import confirmation, devices, hashing, mailbox, passwords, sessions
from functions.web import counting
from functions.web.errors import ApiError, InvalidFields, TooMany, Unauthorized
from functions.web.sessions import find_session
from tests.fakes import FakeTables, fake_runtime
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    PASSWORD,
    applicant_of,
    join_programme,
    last_letter,
    letters,
    login,
    wait,
)

NEW_PASSWORD = "teh manis hangat"


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    return join_programme(runtime)


def forgot(runtime, email=EMAIL):
    passwords.forgot(runtime, email, address=HERE)
    return last_letter(runtime)["parameters"].get("token")


def reset(runtime, token, password=NEW_PASSWORD, address=HERE):
    passwords.reset(runtime, token, password, address=address, cost=CHEAP)


def change(runtime, applicant, current=PASSWORD, password=NEW_PASSWORD):
    return passwords.change(runtime, applicant, current, password, cost=CHEAP)


def test_the_right_password_opens_a_session_of_its_own_each_time(runtime, applicant):
    first, second = login(runtime), login(runtime, email=" SARI.DEWI@contoh.id ")
    assert first != second
    assert find_session(runtime, first).applicant == applicant
    assert find_session(runtime, second).applicant == applicant


def test_only_the_hash_of_a_token_is_stored(runtime, applicant):
    secret = login(runtime).rpartition(".")[2]
    assert len(secret) == 64
    assert secret not in repr(runtime.tables.items)


def test_a_session_ends_after_30_idle_minutes_and_after_12_hours(runtime, applicant):
    idle = login(runtime)
    runtime.clock.advance(30 * MINUTE)
    assert find_session(runtime, idle) is None
    busy = login(runtime)
    for _ in range(12 * 3 - 1):
        runtime.clock.advance(HOUR // 3)
        assert find_session(runtime, busy)
    runtime.clock.advance(HOUR // 3)
    assert find_session(runtime, busy) is None


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "salah sekali ini"), ("tidak@contoh.id", PASSWORD), ("bukan alamat", PASSWORD)],
)
def test_a_wrong_password_and_an_unknown_address_fail_alike(runtime, applicant, email, password):
    with pytest.raises(Unauthorized) as error:
        login(runtime, email=email, password=password)
    assert error.value.body() == {"error": {"code": "login_failed", "params": {}}}


def test_an_unknown_address_costs_one_hash_too(runtime, applicant, monkeypatch):
    compared = []
    real = hashing.matches
    monkeypatch.setattr(
        hashing, "matches", lambda *a: compared.append(a[1].split("$")[3]) or real(*a)
    )
    for email in (EMAIL, "tidak@contoh.id"):
        with pytest.raises(Unauthorized):
            login(runtime, email=email, password="salah sekali ini")
    assert len(compared) == 2
    assert len(set(compared)) == 1


def test_an_unconfirmed_registration_cannot_log_in(runtime):
    from tests.verify.people import register

    register(runtime)
    with pytest.raises(Unauthorized):
        login(runtime)


def test_logging_out_ends_this_session_only(runtime, applicant):
    here, there = login(runtime), login(runtime)
    sessions.logout(runtime, applicant, here.split(".")[1])
    assert find_session(runtime, here) is None
    assert find_session(runtime, there)


def guess(runtime, address=HERE, device=None):
    with pytest.raises((Unauthorized, TooMany)) as error:
        sessions.login(
            runtime, EMAIL, "salah sekali ini", address=address, device=device, cost=CHEAP
        )
    return error.value.params.get("seconds", 0)


def test_after_five_wrong_tries_the_pause_doubles_up_to_a_quarter_of_an_hour(runtime, applicant):
    assert [guess(runtime) for _ in range(5)] == [0] * 5
    pauses = []
    for _ in range(8):
        pauses.append(guess(runtime))
        runtime.clock.advance(pauses[-1] * 1000)
        assert guess(runtime) == 0
    assert pauses == [15, 30, 60, 120, 240, 480, 900, 900]
    runtime.clock.advance(15 * MINUTE)
    assert login(runtime)
    assert [guess(runtime) for _ in range(5)] == [0] * 5


def test_right_passwords_are_never_paused_and_forgive_the_wrong_ones_before(runtime, applicant):
    for wrong in (0, 0, 0, 3, 3, 0, 3, 0, 0):
        for _ in range(wrong):
            with pytest.raises(ApiError) as error:
                login(runtime, password="wrong password")
            assert error.value.code == "login_failed"
        assert login(runtime)


def test_an_address_of_which_all_fail_is_slowed_and_one_where_all_succeed_is_not(
    runtime, applicant
):
    for _ in range(3):
        assert login(runtime)
    limit = LOGIN_BY_ADDRESS
    number, _ = counting.window_of(limit, runtime.clock())
    key = counting._key(runtime, limit.name, HERE, number)
    assert (key["limit"],) not in runtime.tables.items["limits"]
    with pytest.raises(ApiError):
        login(runtime, password="wrong password")
    item = runtime.tables.items["limits"][(key["limit"],)]
    assert item["count"] == 1
    item["count"] = limit.count
    with pytest.raises(TooMany) as error:
        login(runtime)
    assert error.value.code == "slow_down"


def test_a_pause_that_nobody_tried_for_a_day_is_forgotten_though_its_item_is_still_there(
    runtime, applicant
):
    for _ in range(5):
        guess(runtime)
    runtime.clock.advance(DAY)
    assert [guess(runtime) for _ in range(5)] == [0] * 5


def test_of_fifty_guesses_at_once_five_are_looked_at(runtime, applicant, monkeypatch):
    looked = []
    monkeypatch.setattr(hashing, "matches", lambda *a: bool(looked.append(a)))
    with ThreadPoolExecutor(50) as pool:
        list(pool.map(lambda _: guess(runtime), range(50)))
    assert len(looked) <= 5


def test_strangers_even_behind_the_same_address_cannot_hold_up_the_owners_browser(
    runtime, applicant
):
    device = sessions.login(runtime, EMAIL, PASSWORD, address=HERE, cost=CHEAP)[2]
    for _ in range(20):
        guess(runtime)
    for number in range(100):
        guess(runtime, address=f"198.51.100.{number}")
    guess(runtime)
    with pytest.raises(TooMany):
        login(runtime)
    assert sessions.login(runtime, EMAIL, PASSWORD, address=HERE, device=device, cost=CHEAP)


def test_an_attacked_account_lets_its_owner_in_from_a_new_place_but_a_list_of_passwords_not(
    runtime, applicant
):
    for number in range(100):
        guess(runtime, address=f"198.51.100.{number}")
    assert guess(runtime, address="198.51.100.200") == 0
    assert guess(runtime, address="198.51.100.200") == 60
    assert login(runtime, address="198.51.100.201")


def test_the_cookie_of_a_device_serves_its_own_account_and_opens_nothing(runtime, applicant):
    device = sessions.login(runtime, EMAIL, PASSWORD, address=HERE, cost=CHEAP)[2]
    join_programme(runtime, email="budi@contoh.id", name="Budi")
    email_mac = runtime.vault.mac("email", EMAIL)
    other_mac = runtime.vault.mac("email", "budi@contoh.id")
    assert devices.known(runtime, email_mac, device)
    for cookie in (None, "", device[:-1], device.replace(".", ".0")):
        assert devices.known(runtime, email_mac, cookie) is None
    assert devices.known(runtime, other_mac, device) is None
    with pytest.raises(Unauthorized):
        sessions.login(runtime, EMAIL, "salah", address=HERE, device=device, cost=CHEAP)


def test_a_reset_lets_the_owner_in_whoever_is_guessing(runtime, applicant):
    for _ in range(20):
        guess(runtime)
    with pytest.raises(TooMany):
        login(runtime)
    token = forgot(runtime)
    device = passwords.reset(runtime, token, NEW_PASSWORD, address=HERE, cost=CHEAP)
    assert sessions.login(runtime, EMAIL, NEW_PASSWORD, address=HERE, device=device, cost=CHEAP)


def test_a_reset_sets_the_password_and_ends_all_sessions(runtime, applicant):
    token = login(runtime)
    reset(runtime, forgot(runtime))
    assert find_session(runtime, token) is None
    with pytest.raises(Unauthorized):
        login(runtime)
    assert login(runtime, password=NEW_PASSWORD)
    assert last_letter(runtime)["template"] == "password_changed"


def test_a_reset_link_works_once_and_for_an_hour(runtime, applicant):
    token = forgot(runtime)
    reset(runtime, token)
    with pytest.raises(ApiError) as error:
        reset(runtime, token, "air putih dingin")
    assert error.value.code == "link_invalid"
    late = forgot(runtime)
    wait(runtime, 60)
    with pytest.raises(ApiError) as error:
        reset(runtime, late)
    assert error.value.code == "link_invalid"


def test_a_refused_password_leaves_the_link_alive(runtime, applicant):
    token = forgot(runtime)
    with pytest.raises(InvalidFields):
        reset(runtime, token, "sari.dewi 123")
    reset(runtime, token)


def test_a_reset_link_dies_with_a_change_of_password(runtime, applicant):
    token = forgot(runtime)
    wait(runtime, 1)
    change(runtime, applicant)
    with pytest.raises(ApiError) as error:
        reset(runtime, token)
    assert error.value.code == "link_invalid"


def test_forgetting_answers_alike_and_tells_the_truth_to_the_mailbox(runtime, applicant):
    assert forgot(runtime)
    assert forgot(runtime, "tidak@contoh.id") is None
    assert last_letter(runtime)["template"] == "reset_unknown"
    assert last_letter(runtime)["to"] == "tidak@contoh.id"


def test_a_confirmation_link_resets_no_password(runtime, applicant):
    from tests.verify.people import register

    register(runtime, email="budi@contoh.id", key="b" * 16)
    token = last_letter(runtime)["parameters"]["token"]
    with pytest.raises(ApiError) as error:
        reset(runtime, token)
    assert error.value.code == "link_invalid"
    with pytest.raises(ApiError):
        confirmation.by_link(runtime, forgot(runtime), address=HERE)


def test_changing_the_password_needs_the_old_one(runtime, applicant):
    with pytest.raises(InvalidFields) as error:
        change(runtime, applicant, current="salah sekali ini")
    assert error.value.params == {"fields": {"current": "password_wrong"}}


def test_changing_the_password_ends_all_other_sessions(runtime, applicant):
    old = login(runtime)
    new = change(runtime, applicant)
    assert find_session(runtime, old) is None
    assert find_session(runtime, new).applicant == applicant


def test_a_login_that_began_before_the_change_opens_nothing(runtime, applicant):
    before = runtime.tables.get("accounts", {"applicant": applicant})["password_hash"]
    change(runtime, applicant)
    with pytest.raises(Unauthorized):
        sessions.open_session(runtime, applicant, before)


@pytest.mark.parametrize("call", [("write", "sessions"), ("get", "accounts")])
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_login_that_began_before_the_change_and_ends_beside_it_opens_nothing(before, call):
    tables = MeddledTables()
    runtime = fake_runtime(tables=tables)
    applicant = join_programme(runtime)
    stored = tables.get("accounts", {"applicant": applicant})["password_hash"]
    tables.meddle(call, before, lambda: change(runtime, applicant))
    try:
        token = sessions.open_session(runtime, applicant, stored)
    except Unauthorized:
        token = ""
    assert tables.meddled
    assert find_session(runtime, token) is None
    others = [item for item in tables.scan("sessions") if item["applicant"] == applicant]
    assert len(others) == 1, "the change has opened one"


class MeddledTables(FakeTables):
    """Tables on which something else is done before or after the first call of a kind."""

    def __init__(self):
        super().__init__()
        self.waits, self.meddled = None, False

    def meddle(self, call, before, deed):
        self.waits = call, before, deed

    def get(self, table, key, *, only=()):
        return self._around(("get", table), lambda: FakeTables.get(self, table, key))

    def write(self, *actions):
        work = lambda: FakeTables.write(self, *actions)  # noqa: E731
        return self._around(("write", actions[0].table), work)

    def _around(self, call, work):
        if self.waits is None or self.waits[0] != call:
            return work()
        (_, before, deed), self.waits, self.meddled = self.waits, None, True
        if before:
            deed()
        done = work()
        if not before:
            deed()
        return done


def move(runtime, applicant, email="sari@baru.id", password=PASSWORD):
    return mailbox.change(runtime, applicant, email, password, address=HERE, cost=CHEAP)


def test_an_address_moves_when_the_new_mailbox_answers(runtime, applicant):
    token = login(runtime)
    _, cookie = move(runtime, applicant)
    letter = last_letter(runtime)
    assert (letter["template"], letter["to"]) == ("change_email", "sari@baru.id")
    assert applicant_of(runtime) == applicant
    code = letter["parameters"]["code"]
    confirmation.by_code(runtime, cookie, "sari@baru.id", code, address=HERE)
    assert applicant_of(runtime, "sari@baru.id") == applicant
    assert applicant_of(runtime) is None
    assert find_session(runtime, token) is None
    told = last_letter(runtime)
    assert (told["template"], told["to"]) == ("email_changed", EMAIL)
    assert login(runtime, email="sari@baru.id")


def test_a_reset_link_dies_with_the_mailbox_it_was_sent_to(runtime, applicant):
    reset_token = forgot(runtime)
    move(runtime, applicant)
    token = last_letter(runtime)["parameters"]["token"]
    confirmation.by_link(runtime, token, address=HERE)
    with pytest.raises(ApiError) as error:
        reset(runtime, reset_token)
    assert error.value.code == "link_invalid"


def test_an_address_of_another_account_gets_a_notice_and_no_proof(runtime, applicant):
    other = join_programme(runtime, email="budi@contoh.id", name="Budi")
    move(runtime, applicant, email="budi@contoh.id")
    letter = last_letter(runtime)
    assert (letter["template"], letter["parameters"]) == ("already_registered", {})
    assert applicant_of(runtime, "budi@contoh.id") == other


def test_moving_needs_the_password_and_another_address(runtime, applicant):
    with pytest.raises(InvalidFields) as error:
        move(runtime, applicant, password="salah sekali ini")
    assert error.value.params == {"fields": {"password": "password_wrong"}}
    with pytest.raises(InvalidFields) as error:
        move(runtime, applicant, email=EMAIL)
    assert error.value.params == {"fields": {"email": "email_same"}}
    assert not letters(runtime, "change_email")
