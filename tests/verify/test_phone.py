"""A phone number is proved by a code."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.programme.times import HOUR
from functions.verify import phone, second_proof, texting
from functions.web.errors import ApiError, Conflict, InvalidFields, TooMany
from tests.fakes import fake_runtime
from tests.verify.people import (
    CHEAP,
    HERE,
    PASSWORD,
    join_programme,
    last_letter,
    letters,
    ready,
    wait,
)

NUMBER = "0812-3456-9001"
OTHER = "0812-3456-9002"


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    return join_programme(runtime)


def start(runtime, applicant, number=NUMBER, **more):
    return phone.start(runtime, applicant, number, address=HERE, cost=CHEAP, **more)


def code(runtime):
    return last_letter(runtime, "phone_code")["parameters"]["code"]


def prove(runtime, applicant, number=NUMBER, **more):
    start(runtime, applicant, number, **more)
    phone.confirm(runtime, applicant, code(runtime))


def holders(runtime, number="+6281234569001"):
    claim = runtime.tables.get("claims", {"claim": f"phone#{runtime.vault.mac('phone', number)}"})
    return (claim or {}).get("applicants", set())


def wrong(runtime, applicant):
    typed = f"{(int(code(runtime)) + 1) % 10**6:06d}"
    with pytest.raises(ApiError) as error:
        phone.confirm(runtime, applicant, typed)
    return error.value


def test_a_number_is_proved_with_the_code_that_was_sent_to_it(runtime, applicant):
    answer = start(runtime, applicant)
    assert answer == {
        "phone": "**********9001",
        "next_at": "2026-01-05T05:01:00Z",
        "tries_left": 5,
        "server_time": "2026-01-05T05:00:00Z",
    }
    assert last_letter(runtime)["to"] == "+6281234569001"
    assert "phone" not in ready(runtime, applicant)
    phone.confirm(runtime, applicant, code(runtime))
    assert ready(runtime, applicant)["phone"] == runtime.clock()
    assert holders(runtime) == {applicant}


def test_the_code_is_stored_nowhere_in_clear(runtime, applicant):
    start(runtime, applicant)
    assert code(runtime) not in repr(runtime.tables.items)
    assert "81234569001" not in repr(runtime.tables.items)


def test_only_mobile_numbers_are_taken(runtime, applicant):
    with pytest.raises(InvalidFields) as error:
        start(runtime, applicant, "021 555 1234")
    assert error.value.params == {"fields": {"phone": "phone_invalid"}}


def test_a_resend_waits_and_carries_the_same_code(runtime, applicant):
    start(runtime, applicant)
    with pytest.raises(TooMany) as error:
        start(runtime, applicant)
    assert error.value.code == "too_soon"
    wait(runtime, 1)
    first = code(runtime)
    wrong(runtime, applicant)
    assert start(runtime, applicant)["tries_left"] == 4
    assert code(runtime) == first


def test_a_later_challenge_for_the_same_number_has_another_code(runtime, applicant):
    codes = set()
    for _ in range(3):
        start(runtime, applicant)
        codes.add(code(runtime))
        wait(runtime, 10)
    assert len(codes) == 3


def test_a_code_lives_ten_minutes_and_five_tries(runtime, applicant):
    start(runtime, applicant)
    wait(runtime, 10)
    with pytest.raises(ApiError) as error:
        phone.confirm(runtime, applicant, code(runtime))
    assert error.value.code == "code_expired"
    start(runtime, applicant)
    assert [wrong(runtime, applicant).params["tries_left"] for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(ApiError) as error:
        phone.confirm(runtime, applicant, code(runtime))
    assert error.value.code == "code_expired"


def test_after_five_wrong_tries_a_new_code_can_be_had(runtime, applicant):
    start(runtime, applicant)
    spent = code(runtime)
    for _ in range(5):
        wrong(runtime, applicant)
    wait(runtime, 1)
    assert start(runtime, applicant)["tries_left"] == 5
    assert code(runtime) != spent
    phone.confirm(runtime, applicant, code(runtime))


def test_another_number_replaces_the_challenge(runtime, applicant):
    start(runtime, applicant)
    first = code(runtime)
    start(runtime, applicant, OTHER)
    assert code(runtime) != first
    with pytest.raises(ApiError):
        phone.confirm(runtime, applicant, first)
    phone.confirm(runtime, applicant, code(runtime))
    assert holders(runtime, "+6281234569002") == {applicant}
    assert holders(runtime) == set()


def test_the_code_of_one_person_is_not_that_of_another(runtime, applicant):
    other = join_programme(runtime, email="budi@contoh.id", name="Budi")
    start(runtime, applicant)
    first = code(runtime)
    start(runtime, other)
    assert code(runtime) != first


def test_of_fifty_right_codes_at_once_one_succeeds(runtime, applicant):
    start(runtime, applicant)
    right = code(runtime)

    def attempt(_):
        try:
            phone.confirm(runtime, applicant, right)
        except ApiError as error:
            return error.code
        return "proved"

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(attempt, range(50))).count("proved") == 1


def test_a_code_that_has_proved_a_number_proves_it_no_second_time(runtime, applicant):
    start(runtime, applicant)
    right = code(runtime)
    phone.confirm(runtime, applicant, right)
    with pytest.raises(ApiError) as error:
        phone.confirm(runtime, applicant, right)
    assert error.value.code == "code_expired"


def test_an_account_has_twenty_wrong_codes_an_hour_whatever_is_sent(runtime, applicant):
    for number in range(4):
        start(runtime, applicant, f"0812-3456-90{number:02d}")
        for _ in range(5):
            with pytest.raises(ApiError) as error:
                phone.confirm(runtime, applicant, "no code")
            assert error.value.code == "code_wrong"
    start(runtime, applicant, "0812-3456-9004")
    right = code(runtime)
    with pytest.raises(TooMany):
        phone.confirm(runtime, applicant, right)
    runtime.clock.advance(HOUR)
    start(runtime, applicant, "0812-3456-9004")
    phone.confirm(runtime, applicant, code(runtime))


def test_whether_a_number_is_full_is_told_to_who_holds_it_alone(runtime):
    people = [join_programme(runtime, email=f"warga{n}@contoh.id", name="Warga") for n in range(5)]
    for applicant in people[:4]:
        prove(runtime, applicant)
    full = start(runtime, people[4])
    assert {**full, "phone": ""} == {**start(runtime, people[4], OTHER), "phone": ""}


def test_a_fifth_account_on_one_number_is_refused(runtime):
    people = [join_programme(runtime, email=f"warga{n}@contoh.id", name="Warga") for n in range(5)]
    for applicant in people[:4]:
        prove(runtime, applicant)
    with pytest.raises(Conflict) as error:
        prove(runtime, people[4])
    assert error.value.code == "phone_full"
    assert holders(runtime) == set(people[:4])


def test_the_cap_holds_when_the_last_place_goes_while_a_code_is_under_way(runtime):
    people = [join_programme(runtime, email=f"warga{n}@contoh.id", name="Warga") for n in range(5)]
    start(runtime, people[4])
    late = code(runtime)
    for applicant in people[:4]:
        prove(runtime, applicant)
    with pytest.raises(Conflict) as error:
        phone.confirm(runtime, people[4], late)
    assert error.value.code == "phone_full"
    assert "phone" not in ready(runtime, people[4])


def test_replacing_a_proved_number_needs_the_password_and_frees_the_old_place(runtime, applicant):
    prove(runtime, applicant)
    with pytest.raises(InvalidFields) as error:
        start(runtime, applicant, OTHER)
    assert error.value.params == {"fields": {"password": "missing"}}
    with pytest.raises(InvalidFields):
        start(runtime, applicant, OTHER, password="salah sekali ini")
    second_proof.send(runtime, applicant, PASSWORD, address=HERE, cost=CHEAP)
    change = last_letter(runtime, "change_code")["parameters"]["code"]
    prove(runtime, applicant, OTHER, password=PASSWORD, code=change)
    assert holders(runtime) == set()
    assert holders(runtime, "+6281234569002") == {applicant}


def test_one_number_gets_at_most_eight_messages_a_day(runtime):
    sent = 0
    for number in range(3):
        person = join_programme(runtime, email=f"warga{number}@contoh.id", name="Warga")
        for _ in range(4):
            try:
                start(runtime, person)
            except TooMany as error:
                assert error.code == "too_many"
                continue
            sent += 1
            wait(runtime, 11)
    assert sent == 8
    assert len(letters(runtime, "phone_code")) == 8


def test_a_try_between_reading_and_sending_is_not_given_back(runtime, applicant):
    start(runtime, applicant)
    wait(runtime, 2)
    number = "+6281234569001"
    item, before = texting.challenge(runtime, "phone", applicant, number)
    wrong(runtime, applicant)
    with pytest.raises(TooMany):
        texting.send_code(runtime, item, before, number, "id", HERE)
    assert wrong(runtime, applicant).params == {"tries_left": 3}
