"""A write goes through, its answer is lost, the client library writes again: still success."""

import pytest

from functions.cloud.outbox import Letter, row
from functions.cloud.tables import ConditionFailed
from functions.verify import (
    challenges,
    confirmation,
    mailbox,
    passwords,
    phone,
    registration,
    statements,
)
from functions.verify.delivery import deliver
from functions.web.sessions import find_session
from tests.fakes import FakeTables, fake_runtime
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    PASSWORD,
    PROFILE,
    applicant_of,
    join_programme,
    last_letter,
    letters,
    login,
    prove_identity,
    ready,
    register,
    wait,
)


class StutteringTables(FakeTables):
    """Every write is done twice; the caller sees the answer to the second."""

    def __init__(self):
        super().__init__()
        self._inside = False

    def write(self, *actions):
        super().write(*actions)
        if not self._inside:
            super().write(*actions)

    def update(self, action):
        self._inside = True
        try:
            return super().update(action)
        finally:
            self._inside = False


@pytest.fixture
def runtime():
    return fake_runtime(tables=StutteringTables())


@pytest.fixture
def applicant(runtime):
    return join_programme(runtime)


def test_a_registration_and_its_confirmation(runtime, applicant):
    assert applicant_of(runtime) == applicant
    assert len(runtime.tables.items["accounts"]) == 1
    assert len(letters(runtime)) == 1


def test_a_resend(runtime):
    cookie = register(runtime)
    wait(runtime, 1)
    registration.resend(runtime, cookie, address=HERE)
    assert len(letters(runtime)) == 2


def test_a_login_and_a_change_of_password(runtime, applicant):
    assert find_session(runtime, login(runtime))
    token = passwords.change(runtime, applicant, PASSWORD, "teh manis hangat", cost=CHEAP)
    assert find_session(runtime, token)


def test_a_reset(runtime, applicant):
    passwords.forgot(runtime, EMAIL, address=HERE)
    token = last_letter(runtime)["parameters"]["token"]
    passwords.reset(runtime, token, "teh manis hangat", address=HERE, cost=CHEAP)
    assert login(runtime, password="teh manis hangat")


def test_a_proved_phone(runtime, applicant):
    phone.start(runtime, applicant, "081234569001", address=HERE, cost=CHEAP)
    phone.confirm(runtime, applicant, last_letter(runtime)["parameters"]["code"])
    assert ready(runtime, applicant)["phone"]


def test_a_change_of_address(runtime, applicant):
    mailbox.change(runtime, applicant, "sari@baru.id", PASSWORD, address=HERE, cost=CHEAP)
    token = last_letter(runtime)["parameters"]["token"]
    confirmation.by_link(runtime, token, address=HERE)
    assert applicant_of(runtime, "sari@baru.id") == applicant


def test_an_identity_its_correction_and_a_profile(runtime, applicant):
    prove_identity(runtime, applicant)
    prove_identity(runtime, applicant, nik="3201014106959003")
    statements.put_profile(runtime, applicant, PROFILE)
    claims = [claim for claim in runtime.tables.scan("claims") if claim["claim"][:4] == "nik#"]
    mac = runtime.vault.mac("nik", "3201014106959003")
    assert claims == [{"claim": f"nik#{mac}", "applicant": applicant}]


def test_an_outcome_is_still_told_and_once(runtime, applicant):
    letter = Letter("ab12", "mail", "outcome_selected", applicant, parameters={"wave": 7})
    FakeTables.write(runtime.tables, row(runtime.vault, letter, runtime.clock()))
    deliver(runtime, "ab12")
    deliver(runtime, "ab12")
    assert len(runtime.mailer.sent) == 1
    assert runtime.tables.get("outbox", {"message": "ab12"})["state"] == "sent"


def test_a_challenge_is_used_by_one_request_only():
    runtime = fake_runtime()
    register(runtime)
    (item,) = runtime.tables.scan("challenges")
    now = runtime.clock()
    with pytest.raises(ConditionFailed):
        runtime.tables.write(challenges.use(item, item["expires_at"], "late"))
    runtime.tables.write(challenges.use(item, now, "first"))
    with pytest.raises(ConditionFailed) as error:
        runtime.tables.write(challenges.use(item, now, "second"))
    assert challenges.used_by_us(error.value, 0, "first")
    assert not challenges.used_by_us(error.value, 0, "second")


def test_a_link_that_comes_twice_at_once_makes_one_account(runtime):
    register(runtime)
    token = last_letter(runtime)["parameters"]["token"]
    confirmation.by_link(runtime, token, address=HERE)
    assert len(runtime.tables.items["accounts"]) == 1
