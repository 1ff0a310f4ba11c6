"""Profile, declaration, and what an applicant sees of the own account."""

import pytest

from functions.cloud.tables import Update
from functions.verify import me, statements
from functions.web.errors import InvalidFields, Unauthorized
from tests.fakes import fake_runtime
from tests.verify.people import PROFILE, join_programme, prove_identity, ready


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    return join_programme(runtime)


def declare(runtime, applicant):
    statements.put_declaration(
        runtime, applicant, in_education=True, official=False, employment="unemployed"
    )


def test_a_new_account_sees_what_it_lacks(runtime, applicant):
    shown = me.show(runtime, applicant)
    assert shown["name"] == "Sari Dewi"
    assert shown["email"] == "s***i@contoh.id"
    assert shown["missing"] == [
        "phone", "identity", "profile", "ktp", "selfie", "declaration", "test",
    ]  # fmt: skip
    assert shown["readiness"]["email"] is True
    assert (shown["phone"], shown["identity"], shown["profile"]) == (None, None, None)
    assert (shown["locked"], shown["recipient_of"], shown["delivery"]) == (False, None, [])


def test_numbers_are_masked(runtime, applicant):
    prove_identity(runtime, applicant)
    assert me.show(runtime, applicant)["identity"] == {
        "nik": "************9001",
        "kk": "************9002",
        "birth_date": "1995-06-01",
        "sex": "female",
    }


def test_a_profile_comes_back_as_it_was_sent_and_is_sealed(runtime, applicant):
    statements.put_profile(runtime, applicant, PROFILE)
    assert me.show(runtime, applicant)["profile"] == PROFILE
    assert ready(runtime, applicant)["profile"] == runtime.clock()
    assert "Jalan Contoh" not in repr(runtime.tables.items)


def test_an_address_outside_the_list_of_regions_is_refused(runtime, applicant):
    wrong = {**PROFILE, "current_address": {**PROFILE["address"], "regency": "3301"}}
    with pytest.raises(InvalidFields) as error:
        statements.put_profile(runtime, applicant, wrong)
    assert error.value.params == {"fields": {"current_address.regency": "region_elsewhere"}}
    assert "profile" not in ready(runtime, applicant)


def test_a_declaration_is_kept_with_its_time(runtime, applicant):
    declare(runtime, applicant)
    told = {"in_education": True, "official": False, "employment": "unemployed"}
    assert me.show(runtime, applicant)["declaration"] == told
    assert ready(runtime, applicant)["declaration"] == runtime.clock()
    assert "declaration" not in me.show(runtime, applicant)["missing"]


def test_what_select_writes_is_shown(runtime, applicant):
    runtime.tables.write(
        Update(
            "readiness",
            {"applicant": applicant},
            set={"recipient_of": 7},
            add={"open_waves": {8}},
        )
    )
    shown = me.show(runtime, applicant)
    assert (shown["locked"], shown["recipient_of"]) == (True, 7)


def test_only_the_ten_newest_deliveries_are_shown(runtime, applicant):
    notes = {
        f"mail-t{n}": {"channel": "mail", "template": f"t{n}", "state": "sent", "at": n * 1000}
        for n in range(12)
    }
    runtime.tables.write(Update("accounts", {"applicant": applicant}, set={"delivery": notes}))
    shown = [note["template"] for note in me.show(runtime, applicant)["delivery"]]
    assert shown == [f"t{n}" for n in range(11, 1, -1)]


def test_an_account_that_is_gone_shows_nothing(runtime):
    with pytest.raises(Unauthorized):
        me.show(runtime, "0" * 32)
