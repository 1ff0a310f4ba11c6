"""Registration and confirmation."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.cloud.tables import Busy
from functions.verify import confirmation, registration
from functions.web.errors import ApiError, Conflict, Forbidden, InvalidFields, TooMany
from tests.fakes import Drawn, FakeTables, fake_runtime
from tests.verify.people import (
    EMAIL,
    HERE,
    applicant_of,
    join_programme,
    last_letter,
    letters,
    ready,
    register,
    wait,
)
from tests.verify.recording import RecordingTables


@pytest.fixture
def runtime():
    return fake_runtime()


def by_code(runtime, cookie, code=None, email=EMAIL):
    code = code or last_letter(runtime, "confirm_email")["parameters"]["code"]
    confirmation.by_code(runtime, cookie, email, code, address=HERE)


def by_link(runtime, token=None):
    token = token or last_letter(runtime, "confirm_email")["parameters"]["token"]
    confirmation.by_link(runtime, token, address=HERE)


def code_of(error):
    return error.value.code


def another(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_registration_makes_no_account_before_the_mailbox_answers(runtime):
    register(runtime)
    assert applicant_of(runtime) is None
    assert not runtime.tables.items["accounts"]
    assert last_letter(runtime)["to"] == EMAIL
    assert runtime.queues.sent == [("outbox", {"message": last_letter(runtime)["message"]})]


def test_the_link_makes_account_claim_and_readiness_together(runtime):
    register(runtime)
    by_link(runtime)
    applicant = applicant_of(runtime)
    assert ready(runtime, applicant) == {"applicant": applicant, "email": runtime.clock()}
    assert runtime.tables.get("accounts", {"applicant": applicant})["language"] == "id"


def test_the_code_works_in_the_browser_that_registered(runtime):
    cookie = register(runtime)
    by_code(runtime, cookie)
    assert applicant_of(runtime)


def test_the_code_serves_the_address_it_was_sent_to_and_no_other(runtime):
    cookie = register(runtime)
    with pytest.raises(ApiError) as error:
        by_code(runtime, cookie, email="budi@contoh.id")
    assert code_of(error) == "code_wrong"
    assert applicant_of(runtime) is None
    by_code(runtime, cookie, email=" Sari.Dewi@contoh.id")
    assert applicant_of(runtime)


def test_the_code_does_not_work_in_another_browser(runtime):
    register(runtime)
    other = register(runtime, email="budi@contoh.id", key="f" * 16)
    code = last_letter(runtime, "confirm_email")["parameters"]["code"]
    with pytest.raises(Forbidden):
        confirmation.by_code(runtime, None, EMAIL, code, address=HERE)
    with pytest.raises(ApiError) as error:
        by_code(runtime, other, code=letters(runtime)[0]["parameters"]["code"])
    assert code_of(error) == "code_wrong"
    assert applicant_of(runtime) is None


def test_the_address_is_one_however_it_is_typed(runtime):
    cookie = register(runtime, email=" Sari.Dewi@Contoh.id")
    by_code(runtime, cookie, email="SARI.dewi@contoh.id ")
    assert applicant_of(runtime, EMAIL)


def test_a_link_works_once(runtime):
    register(runtime)
    by_link(runtime)
    with pytest.raises(ApiError) as error:
        by_link(runtime)
    assert code_of(error) == "link_invalid"
    assert len(runtime.tables.items["accounts"]) == 1


def test_what_a_challenge_held_of_the_person_goes_when_it_is_used(runtime):
    register(runtime)
    by_link(runtime)
    (challenge,) = runtime.tables.scan("challenges")
    assert not {"name", "subject", "password_hash"} & set(challenge)


def test_five_wrong_codes_end_the_code_but_not_the_link(runtime):
    cookie = register(runtime)
    code = last_letter(runtime)["parameters"]["code"]
    left = []
    for _ in range(5):
        with pytest.raises(ApiError) as error:
            by_code(runtime, cookie, code=another(code))
        left.append(error.value.params["tries_left"])
    assert left == [4, 3, 2, 1, 0]
    with pytest.raises(ApiError) as error:
        by_code(runtime, cookie, code=code)
    assert code_of(error) == "code_expired"
    by_link(runtime)
    assert applicant_of(runtime)


def test_of_fifty_codes_at_once_one_succeeds(runtime):
    cookie = register(runtime)
    code = last_letter(runtime)["parameters"]["code"]

    def attempt(_):
        try:
            by_code(runtime, cookie, code=code)
        except ApiError as error:
            return error.code
        return "confirmed"

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(attempt, range(50)))
    assert results.count("confirmed") == 1
    assert set(results) == {"confirmed", "code_expired"}
    assert len(runtime.tables.items["accounts"]) == 1


def test_of_fifty_guesses_at_once_five_are_looked_at(runtime):
    cookie = register(runtime)
    code = last_letter(runtime)["parameters"]["code"]

    def guess(_):
        with pytest.raises(ApiError) as error:
            by_code(runtime, cookie, code=another(code))
        return code_of(error)

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(guess, range(50)))
    assert results.count("code_wrong") == 5


def test_a_proof_ends_after_a_day(runtime):
    cookie = register(runtime)
    wait(runtime, 24 * 60)
    with pytest.raises(ApiError) as error:
        by_link(runtime)
    assert code_of(error) == "link_invalid"
    with pytest.raises(ApiError) as error:
        by_code(runtime, cookie)
    assert code_of(error) == "code_expired"


def test_the_same_key_and_form_give_the_same_cookie_and_one_mail(runtime):
    assert register(runtime) == register(runtime)
    assert len(letters(runtime)) == 1


def test_a_repeat_after_the_confirmation_makes_nothing_new(runtime):
    cookie = register(runtime)
    by_link(runtime)
    assert register(runtime) == cookie
    assert len(letters(runtime)) == 1


@pytest.mark.parametrize(
    "change", [{"email": "budi@contoh.id"}, {"name": "Budi"}, {"password": "teh manis hangat"}]
)
def test_a_key_used_for_another_form_is_refused(runtime, change):
    register(runtime)
    with pytest.raises(Conflict) as error:
        register(runtime, **change)
    assert code_of(error) == "idempotency_key_reused"


def test_a_known_address_takes_the_same_calls_and_gets_another_mail(monkeypatch):
    runtime = fake_runtime(tables=RecordingTables(), random=Drawn())
    join_programme(runtime)
    hashes = []
    real = registration.hashing.hashed
    monkeypatch.setattr(registration.hashing, "hashed", lambda *a: hashes.append(a[1]) or real(*a))
    made = {}
    for email in (EMAIL, "baru@contoh.id"):
        runtime.tables.calls.clear()
        runtime.queues.sent.clear()
        cookie = register(runtime, email=email, key=f"key-of-{email}")
        registration_calls = list(runtime.tables.calls)
        wait(runtime, 2)
        registration.resend(runtime, cookie, address=HERE)
        made[email] = (
            registration_calls,
            list(runtime.tables.calls),
            len(runtime.queues.sent),
            len(hashes),
            len(cookie),
        )
        hashes.clear()
    assert made[EMAIL] == made["baru@contoh.id"]
    assert made[EMAIL][3] == 1
    told = {(row["to"], row["template"]) for row in letters(runtime)[1:]}
    assert told == {(EMAIL, "already_registered"), ("baru@contoh.id", "confirm_email")}


class UnmarkedTables(FakeTables):
    """Tables in which a challenge cannot be marked as used."""

    def write(self, *actions):
        if any(a.table == "challenges" and "used_at" in getattr(a, "set", ()) for a in actions):
            raise Busy()
        super().write(*actions)


def test_an_account_that_stands_is_acknowledged_though_its_challenge_cannot_be_marked():
    runtime = fake_runtime(tables=UnmarkedTables())
    register(runtime)
    by_link(runtime)
    assert applicant_of(runtime)
    with pytest.raises(ApiError) as error:
        by_link(runtime)
    assert code_of(error) == "link_invalid"
    assert len(runtime.tables.items["accounts"]) == 1


def test_a_registration_of_a_known_address_can_never_be_confirmed(runtime):
    first = join_programme(runtime)
    cookie = register(runtime, key="another-key-0123")
    assert last_letter(runtime)["parameters"] == {}
    (waiting,) = (c for c in runtime.tables.scan("challenges") if "used_at" not in c)
    lucky = registration.challenges.code(runtime, waiting)
    with pytest.raises(ApiError) as error:
        by_code(runtime, cookie, code=lucky)
    assert code_of(error) == "code_expired"
    assert applicant_of(runtime) == first


def test_two_registrations_of_one_address_end_in_one_account(runtime):
    register(runtime)
    first = last_letter(runtime)["parameters"]["token"]
    register(runtime, key="another-key-0123")
    by_link(runtime)
    with pytest.raises(ApiError) as error:
        by_link(runtime, first)
    assert code_of(error) == "link_invalid"
    assert len(runtime.tables.items["accounts"]) == 1


def test_a_resend_waits_a_minute_then_longer_and_carries_the_same_proofs(runtime):
    cookie = register(runtime)
    with pytest.raises(TooMany) as error:
        registration.resend(runtime, cookie, address=HERE)
    assert (code_of(error), error.value.seconds) == ("too_soon", 60)
    wait(runtime, 1)
    answer = registration.resend(runtime, cookie, address=HERE)
    assert answer == {"next_at": "2026-01-05T05:03:00Z"}
    wait(runtime, 1)
    with pytest.raises(TooMany):
        registration.resend(runtime, cookie, address=HERE)
    first, second = letters(runtime)
    assert first["parameters"] == second["parameters"]


def test_a_corrected_address_gets_new_proofs_and_the_old_ones_end(runtime):
    cookie = register(runtime, email="sari.dewi@conth.id")
    old = last_letter(runtime)["parameters"]
    registration.change_address(runtime, cookie, EMAIL, address=HERE)
    new = last_letter(runtime)
    assert new["to"] == EMAIL
    with pytest.raises(ApiError):
        by_link(runtime, old["token"])
    with pytest.raises(ApiError):
        by_code(runtime, cookie, code=old["code"], email="sari.dewi@conth.id")
    by_code(runtime, cookie, code=new["parameters"]["code"])
    assert applicant_of(runtime)
    assert applicant_of(runtime, "sari.dewi@conth.id") is None


def test_a_repeat_after_the_address_was_corrected_mails_nothing_to_either(runtime):
    cookie = register(runtime)
    registration.change_address(runtime, cookie, "sari@baru.id", address=HERE)
    before = letters(runtime)
    assert register(runtime) == cookie
    assert letters(runtime) == before


def test_correcting_the_address_gives_no_tries_back(runtime):
    cookie = register(runtime)
    code = last_letter(runtime)["parameters"]["code"]
    for _ in range(3):
        with pytest.raises(ApiError):
            by_code(runtime, cookie, code=another(code))
    registration.change_address(runtime, cookie, "sari@contoh.id", address=HERE)
    registration.change_address(runtime, cookie, EMAIL, address=HERE)
    code = last_letter(runtime)["parameters"]["code"]
    with pytest.raises(ApiError) as error:
        by_code(runtime, cookie, code=another(code))
    assert error.value.params == {"tries_left": 1}


def test_a_forged_cookie_opens_nothing(runtime):
    cookie = register(runtime)
    challenge = cookie.partition(".")[0]
    for forged in ("", challenge, f"{challenge}.", f"{challenge}.{'0' * 64}", "x.y"):
        with pytest.raises(Forbidden):
            registration.resend(runtime, forged, address=HERE)


def test_a_bad_address_and_a_bad_password_are_told_by_field(runtime):
    with pytest.raises(InvalidFields) as error:
        register(runtime, email="sari@")
    assert error.value.params == {"fields": {"email": "email_invalid"}}
    with pytest.raises(InvalidFields) as error:
        register(runtime, password="password1")
    assert error.value.params == {"fields": {"password": "password_common"}}
    assert not runtime.tables.items["challenges"]


def test_a_mailbox_is_not_flooded(runtime):
    for number in range(12):
        register(runtime, key=f"key-number-{number:08}")
    with pytest.raises(TooMany) as error:
        register(runtime, key="key-number-thirteen")
    assert code_of(error) == "too_many"
    assert len(letters(runtime)) == 12
    wait(runtime, 24 * 60)
    register(runtime, key="key-number-thirteen")


def test_a_row_stays_in_the_outbox_when_the_queue_is_down():
    from botocore.exceptions import EndpointConnectionError

    class NoQueues:
        def send(self, queue, body):
            raise EndpointConnectionError(endpoint_url="https://sqs.example")

    runtime = fake_runtime(queues=NoQueues())
    register(runtime)
    assert last_letter(runtime)["state"] == "waiting"
