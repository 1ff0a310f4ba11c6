"""Once a phone is proved, a change of password, address or number takes a code sent to it."""

import pytest

from functions.cloud.tables import ConditionFailed
from functions.verify import confirmation, mailbox, passwords, phone, second_proof
from functions.web.errors import ApiError, Conflict, InvalidFields
from functions.web.sessions import find_session
from tests.fakes import fake_runtime
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    PASSWORD,
    join_programme,
    last_letter,
    letters,
    login,
    wait,
)

NEW_PASSWORD = "teh manis hangat"
OLD_NUMBER, NEW_NUMBER = "0812-3456-9001", "0812-3456-9002"


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    applicant = join_programme(runtime)
    phone.start(runtime, applicant, OLD_NUMBER, address=HERE, cost=CHEAP)
    phone.confirm(runtime, applicant, sms(runtime, "phone_code"))
    return applicant


def sms(runtime, template="change_code"):
    return last_letter(runtime, template)["parameters"]["code"]


def code_for(runtime, applicant):
    wait(runtime, 11)
    second_proof.send(runtime, applicant, PASSWORD, address=HERE, cost=CHEAP)
    return sms(runtime)


def new_password(runtime, applicant, code, password=NEW_PASSWORD):
    return passwords.change(runtime, applicant, PASSWORD, password, code=code, cost=CHEAP)


def new_address(runtime, applicant, code):
    return mailbox.change(
        runtime, applicant, "sari@baru.id", PASSWORD, address=HERE, code=code, cost=CHEAP
    )


def new_number(runtime, applicant, code, number=NEW_NUMBER):
    return phone.start(
        runtime, applicant, number, address=HERE, password=PASSWORD, code=code, cost=CHEAP
    )


CHANGES = (new_password, new_address, new_number)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_needs_the_code_that_was_sent_to_the_proved_number(runtime, applicant, change):
    before = dict(runtime.tables.items["accounts"]), len(letters(runtime))
    with pytest.raises(InvalidFields) as error:
        change(runtime, applicant, None)
    assert error.value.params == {"fields": {"code": "missing"}}
    with pytest.raises(ApiError) as error:
        change(runtime, applicant, "000000")
    assert error.value.code == "code_expired"
    assert (runtime.tables.items["accounts"], len(letters(runtime))) == before
    code = code_for(runtime, applicant)
    with pytest.raises(ApiError) as error:
        change(runtime, applicant, f"{(int(code) + 1) % 10**6:06d}")
    assert (error.value.code, error.value.params) == ("code_wrong", {"tries_left": 4})
    change(runtime, applicant, code)


@pytest.mark.parametrize("change", CHANGES)
def test_a_code_serves_one_change(runtime, applicant, change):
    code = code_for(runtime, applicant)
    new_address(runtime, applicant, code)
    with pytest.raises(ApiError) as error:
        change(runtime, applicant, code)
    assert error.value.code == "code_expired"


def test_of_two_changes_at_once_with_one_code_one_is_made(runtime, applicant):
    code = code_for(runtime, applicant)
    account = runtime.tables.get("accounts", {"applicant": applicant})
    first, second = (second_proof.demand(runtime, account, code) for _ in range(2))
    runtime.tables.write(*first)
    with pytest.raises(ConditionFailed):
        runtime.tables.write(*second)


def test_a_code_for_a_number_does_not_change_an_account_and_the_other_way(runtime, applicant):
    code = code_for(runtime, applicant)
    new_number(runtime, applicant, code)
    with pytest.raises(ApiError):
        new_password(runtime, applicant, sms(runtime, "phone_code"))
    code = code_for(runtime, applicant)
    with pytest.raises(ApiError):
        phone.confirm(runtime, applicant, code)


def test_the_code_goes_to_the_proved_number_and_needs_the_password(runtime, applicant):
    with pytest.raises(InvalidFields):
        second_proof.send(runtime, applicant, "salah sekali ini", address=HERE, cost=CHEAP)
    code_for(runtime, applicant)
    assert last_letter(runtime, "change_code")["to"] == "+6281234569001"


def test_an_account_without_a_phone_has_no_code_to_give(runtime):
    applicant = join_programme(runtime, email="budi@contoh.id", name="Budi")
    with pytest.raises(Conflict) as error:
        second_proof.send(runtime, applicant, PASSWORD, address=HERE, cost=CHEAP)
    assert error.value.code == "phone_not_proved"
    assert new_password(runtime, applicant, None)


def test_a_replaced_number_ends_all_sessions_and_mailbox_and_old_number_are_told(
    runtime, applicant
):
    old = login(runtime)
    new_number(runtime, applicant, code_for(runtime, applicant))
    _, token = phone.confirm(runtime, applicant, sms(runtime, "phone_code"))
    assert find_session(runtime, old) is None
    assert find_session(runtime, token).applicant == applicant
    told = {row["channel"]: row.get("to") for row in letters(runtime, "phone_changed")}
    assert told == {"mail": None, "sms": "+6281234569001"}


def test_while_the_new_number_is_awaited_its_code_can_be_sent_again(runtime, applicant):
    new_number(runtime, applicant, code_for(runtime, applicant))
    first = sms(runtime, "phone_code")
    wait(runtime, 1)
    phone.start(runtime, applicant, NEW_NUMBER, address=HERE, cost=CHEAP)
    assert sms(runtime, "phone_code") == first
    with pytest.raises(InvalidFields):
        phone.start(runtime, applicant, "0812-3456-9003", address=HERE, cost=CHEAP)


def test_a_number_that_was_awaited_before_the_first_was_proved_replaces_nothing(runtime):
    applicant = join_programme(runtime, email="budi@contoh.id", name="Budi")
    phone.start(runtime, applicant, NEW_NUMBER, address=HERE, cost=CHEAP)
    stolen = sms(runtime, "phone_code")
    account = runtime.tables.items["accounts"][(applicant,)]
    account["phone"] = runtime.vault.seal("accounts", applicant, "phone", "+6281234569001")
    with pytest.raises(ApiError) as error:
        phone.confirm(runtime, applicant, stolen)
    assert error.value.code == "code_expired"


def test_a_code_ends_with_the_number_it_was_sent_to(runtime, applicant):
    """As when officers take a lost phone off the account and its owner proves another."""
    code = code_for(runtime, applicant)
    number = runtime.vault.seal("accounts", applicant, "phone", "+6281234569002")
    runtime.tables.items["accounts"][(applicant,)]["phone"] = number
    with pytest.raises(ApiError) as error:
        new_password(runtime, applicant, code)
    assert error.value.code == "code_expired"


def test_a_new_address_ends_all_sessions_and_the_old_address_is_told(runtime, applicant):
    old = login(runtime)
    new_address(runtime, applicant, code_for(runtime, applicant))
    token = last_letter(runtime, "change_email")["parameters"]["token"]
    confirmation.by_link(runtime, token, address=HERE)
    assert find_session(runtime, old) is None
    assert last_letter(runtime, "email_changed")["to"] == EMAIL
