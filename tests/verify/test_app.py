"""The HTTP side of verify, route by route, on fakes."""

import json
import logging

import pytest

from functions.verify import app, worker
from functions.web.access import ACCESS, Access
from tests.fakes import CONFIG, fake_runtime
from tests.verify.browser import Browser
from tests.verify.journey import (
    DECLARATION,
    IDENTITY,
    LOGIN,
    REGISTRATION,
    code_in,
    new_password,
    to_dashboard,
    to_readiness,
    token_in,
)
from tests.verify.people import EMAIL, NAME, PASSWORD, PROFILE, SARI, wait


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def browser(runtime):
    return Browser(runtime)


def pump(runtime):
    """Carry the queue's messages to the worker, as Lambda does."""
    sent, runtime.queues.sent[:] = list(runtime.queues.sent), []
    records = [
        {"messageId": str(number), "body": json.dumps(body)}
        for number, (_, body) in enumerate(sent)
    ]
    assert worker.handle_batch(runtime, records) == []


@pytest.fixture
def mails(runtime):
    def received():
        pump(runtime)
        return [mail["text"] for mail in runtime.mailer.sent]

    return received


@pytest.fixture
def texts(runtime):
    def received():
        pump(runtime)
        return [sms["text"] for sms in runtime.sms.sent]

    return received


VERIFY = [(m, p.removeprefix("/api/verify")) for m, p in ACCESS if p.startswith("/api/verify")]


def paths(access):
    """(method, path) of the routes with that access, with 1 for a number."""
    return [
        (method, path.replace("<int:number>", "1"))
        for method, path in VERIFY
        if ACCESS[method, f"/api/verify{path}"] is access
    ]


def test_every_route_of_the_access_table_is_served_and_no_other():
    rules = {(r.method, r.rule.removeprefix("/api/verify")) for r in app.room.endpoints}
    assert rules | {("GET", "/openapi.json")} == set(VERIFY)


@pytest.mark.parametrize(("method", "path"), paths(Access.SESSION))
def test_routes_of_the_account_need_a_session(browser, method, path):
    assert browser.refused(method, path, {}, status=401) == ("no_session", {})


@pytest.mark.parametrize(("method", "path"), [r for r in VERIFY if r[0] != "GET"])
def test_nothing_is_changed_from_another_origin(browser, method, path):
    path = path.replace("<int:number>", "1")
    for origin in ("https://gelombang.example.evil", "null", ""):
        response = browser.send(method, path, {}, headers={"Origin": origin})
        assert response.status_code == 403
        assert response.get_json()["error"]["code"] == "wrong_origin"


def test_a_person_reaches_readiness_through_http(browser, mails, texts):
    applicant = to_dashboard(browser, mails)
    me = to_readiness(browser, texts)
    assert me["applicant"] == applicant
    assert me["missing"] == ["ktp", "selfie"]
    assert me["identity"]["nik"] == "************9001"
    assert me["profile"] == PROFILE
    assert [note["template"] for note in me["delivery"]] == ["phone_code"]


def test_registration_needs_an_idempotency_key(browser):
    code, _ = browser.refused("POST", "/accounts", REGISTRATION, status=400, key="short")
    assert code == "idempotency_key_missing"


def test_a_repeated_registration_gives_the_same_cookie(browser):
    key = browser.new_key()
    browser.ask("POST", "/accounts", REGISTRATION, expect=202, key=key)
    first = browser.cookie("registration")
    browser.ask("POST", "/accounts", REGISTRATION, expect=202, key=key)
    assert browser.cookie("registration") == first
    other = {**REGISTRATION, "name": "Budi"}
    code, _ = browser.refused("POST", "/accounts", other, status=409, key=key)
    assert code == "idempotency_key_reused"


def test_a_known_address_gets_the_same_answer(browser, mails):
    to_dashboard(browser, mails)
    answers = [
        browser.send("POST", "/accounts", {**REGISTRATION, "email": email})
        for email in (EMAIL, "baru@contoh.id")
    ]
    first, second = answers
    assert (first.status_code, first.data) == (second.status_code, second.data) == (202, b"{}")
    assert set(first.headers.keys()) == set(second.headers.keys())


def test_cookies_are_bound_to_the_host_and_out_of_reach_of_scripts(browser, mails):
    to_dashboard(browser, mails)
    response = browser.send("POST", "/sessions", LOGIN)
    session, device = response.headers.getlist("Set-Cookie")
    assert session.startswith("__Host-session=")
    assert "Max-Age=43200" in session
    assert device.startswith("__Host-device=")
    for cookie in (session, device):
        for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie


def test_plain_http_on_one_machine_has_a_cookie_that_old_browsers_keep():
    from dataclasses import replace

    runtime = fake_runtime(config=replace(CONFIG, origin="http://127.0.0.1:8000"))
    response = Browser(runtime).send("POST", "/accounts", REGISTRATION)
    (cookie,) = response.headers.getlist("Set-Cookie")
    assert cookie.startswith("registration=")
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie


def test_the_mailed_link_works_in_another_browser(runtime, browser, mails):
    browser.ask("POST", "/accounts", REGISTRATION, expect=202)
    token = token_in(mails()[-1])
    elsewhere = Browser(runtime, address="198.51.100.1")
    assert elsewhere.ask("POST", "/email/confirm", {"token": token}) == {"confirmed": True}
    refused = elsewhere.refused("POST", "/email/confirm", {"token": token}, status=422)
    assert refused == ("link_invalid", {})
    browser.ask("POST", "/sessions", LOGIN, expect=201)


def test_a_code_needs_its_cookie_and_counts_its_tries(runtime, browser, mails):
    browser.ask("POST", "/accounts", REGISTRATION, expect=202)
    code = code_in(mails()[-1])
    body = {"email": EMAIL, "code": code}
    elsewhere = Browser(runtime)
    assert elsewhere.refused("POST", "/email/confirm", body, status=403)[0] == "no_registration"
    wrong = {**body, "code": f"{(int(code) + 1) % 10**6:06d}"}
    refused = browser.refused("POST", "/email/confirm", wrong, status=422)
    assert refused == ("code_wrong", {"tries_left": 4})
    incomplete = browser.refused("POST", "/email/confirm", {"email": EMAIL}, status=422)
    assert incomplete == ("invalid", {"fields": {"code": "missing"}})


def test_a_resend_tells_when_the_next_is_allowed(runtime, browser):
    browser.ask("POST", "/accounts", REGISTRATION, expect=202)
    response = browser.send("POST", "/email/resend", {})
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "60"
    assert response.get_json()["error"]["params"]["next_at"] == "2026-01-05T05:01:00Z"
    wait(runtime, 1)
    answer = browser.ask("POST", "/email/resend", {}, expect=202)
    assert answer == {"next_at": "2026-01-05T05:03:00Z"}
    assert Browser(runtime).refused("POST", "/email/resend", {}, status=403)[0] == "no_registration"


def test_a_mistyped_address_can_be_corrected(browser, mails):
    browser.ask("POST", "/accounts", {**REGISTRATION, "email": "sari@conth.id"}, expect=202)
    browser.ask("PUT", "/email", {"email": EMAIL}, expect=202)
    body = {"email": EMAIL, "code": code_in(mails()[-1])}
    browser.ask("POST", "/email/confirm", body)


def test_changing_the_address_of_an_account_needs_its_password(browser, mails):
    to_dashboard(browser, mails)
    new = {"email": "sari@baru.id"}
    refused = browser.refused("PUT", "/email", new, status=422)
    assert refused == ("invalid", {"fields": {"password": "missing"}})
    browser.ask("PUT", "/email", {**new, "password": PASSWORD}, expect=202)
    confirmation = {**new, "code": code_in(mails()[-1])}
    browser.ask("POST", "/email/confirm", confirmation)
    assert browser.refused("GET", "/me", status=401)[0] == "no_session"
    browser.ask("POST", "/sessions", {**LOGIN, **new}, expect=201)
    assert browser.ask("GET", "/me")["email"] == "s***i@baru.id"


def test_a_registration_cookie_does_not_change_another_persons_address(runtime, browser, mails):
    to_dashboard(browser, mails)
    stranger = Browser(runtime)
    body = {"email": "penipu@contoh.id", "password": PASSWORD}
    assert stranger.refused("PUT", "/email", body, status=401)[0] == "no_session"


def test_logging_out_ends_the_session_at_the_server(browser, mails):
    to_dashboard(browser, mails)
    token, other = browser.cookie("session"), Browser(browser.runtime)
    other.ask("POST", "/sessions", LOGIN, expect=201)
    browser.ask("DELETE", "/sessions", {}, expect=204)
    assert not browser.cookie("session")
    for stolen, status in ((token, 401), (other.cookie("session"), 200)):
        thief = Browser(browser.runtime)
        thief.hold("session", stolen)
        assert thief.send("GET", "/me").status_code == status


def test_a_forgotten_password_is_replaced_by_mail(browser, mails):
    to_dashboard(browser, mails)
    new_password(browser, mails, "teh manis hangat")
    assert browser.refused("POST", "/sessions", LOGIN, status=401) == ("login_failed", {})
    browser.ask("POST", "/sessions", {**LOGIN, "password": "teh manis hangat"}, expect=201)


def test_a_password_is_changed_with_the_old_one(browser, mails):
    to_dashboard(browser, mails)
    old = browser.cookie("session")
    body = {"current": "salah sekali ini", "password": "teh manis hangat"}
    refused = browser.refused("PUT", "/password", body, status=422)
    assert refused == ("invalid", {"fields": {"current": "password_wrong"}})
    browser.ask("PUT", "/password", {**body, "current": PASSWORD})
    assert browser.cookie("session") != old
    browser.ask("GET", "/me")


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"nik": "1"}, {"nik": "nik_format"}),
        ({"nik": 3201014106959001}, {"nik": "wrong_type"}),
        ({"sex": "x"}, {"sex": "unknown_choice"}),
        ({"birth_date": "01-06-1995"}, {"birth_date": "wrong_type"}),
        ({"nik_mac": "ff"}, {"nik_mac": "unknown_field"}),
    ],
)
def test_a_wrong_identity_is_told_by_field(browser, mails, change, fields):
    to_dashboard(browser, mails)
    refused = browser.refused("PUT", "/identity", {**IDENTITY, **change}, status=422)
    assert refused == ("invalid", {"fields": fields})


def address(**change):
    return {"address": {**PROFILE["address"], **change}}


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"education": "s9"}, {"education": "unknown_choice"}),
        ({"dependants": 21}, {"dependants": "out_of_range"}),
        ({"dependants": "2"}, {"dependants": "wrong_type"}),
        ({"recipient_of": 1}, {"recipient_of": "unknown_field"}),
        (address(village=" x "), {"address.village": "text_length"}),
        (address(street="a\x00bcd"), {"address.street": "text_signs"}),
        (address(regency="9999"), {"address.regency": "region_unknown"}),
        ({"address": None}, {"address": "missing"}),
    ],
)
def test_a_wrong_profile_is_told_by_field(browser, mails, change, fields):
    to_dashboard(browser, mails)
    refused = browser.refused("PUT", "/profile", {**PROFILE, **change}, status=422)
    assert refused == ("invalid", {"fields": fields})


def test_a_declaration_must_be_true_and_agreed_to(browser, mails):
    to_dashboard(browser, mails)
    for tick in ("truthful", "consent"):
        for wrong in (False, "true", 1):
            body = {**DECLARATION, tick: wrong}
            code, params = browser.refused("PUT", "/declaration", body, status=422)
            assert (code, set(params["fields"])) == ("invalid", {tick})


def test_a_phone_that_is_none_is_refused(browser, mails):
    to_dashboard(browser, mails)
    refused = browser.refused("POST", "/phone", {"phone": "021 555 1234"}, status=422)
    assert refused == ("invalid", {"fields": {"phone": "phone_invalid"}})
    assert browser.refused("POST", "/phone/confirm", {"code": "000000"}, status=422)[0] == (
        "code_expired"
    )


def test_the_test_is_shown_before_during_and_after(browser, mails, texts):
    to_dashboard(browser, mails)
    assert browser.ask("GET", "/test")["state"] == "none"
    to_readiness(browser, texts)
    assert browser.ask("GET", "/test")["state"] == "passed"
    assert browser.refused("POST", "/test", {}, status=409)[0] == "test_passed"


def test_the_openapi_document_describes_every_route(browser):
    document = browser.ask("GET", "/openapi.json")
    described = {(m.upper(), p) for p, methods in document["paths"].items() for m in methods}
    expected = {(e.method, e.rule.replace("<int:number>", "{number}")) for e in app.room.endpoints}
    assert described == expected
    profile = document["components"]["schemas"]["Profile"]
    assert "smk" in profile["properties"]["education"]["enum"]


def test_answers_are_for_one_reader(browser):
    headers = browser.send("GET", "/me").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_no_log_line_of_the_journey_holds_personal_data(browser, mails, texts, caplog):
    caplog.set_level(logging.DEBUG)
    to_dashboard(browser, mails)
    to_readiness(browser, texts)
    new_password(browser, mails, "teh manis hangat")
    secrets = [EMAIL, NAME, PASSWORD, SARI["nik"], SARI["kk"], "81234569001"]
    secrets += [code_in(texts()[-1]), token_in(mails()[-2])]
    assert not [secret for secret in secrets if secret in caplog.text]


def test_no_table_and_no_queue_of_the_journey_holds_personal_data(runtime, browser, mails, texts):
    to_dashboard(browser, mails)
    to_readiness(browser, texts)
    browser.ask("POST", "/password/forgot", {"email": EMAIL}, expect=202)
    stored = repr(runtime.tables.items) + repr(runtime.queues.sent)
    token = token_in(mails()[-1])
    stored += repr(runtime.tables.items)
    secrets = [EMAIL, NAME, PASSWORD, SARI["nik"], SARI["kk"], "81234569001", "Jalan Contoh"]
    secrets += [code_in(texts()[-1]), token.partition(".")[2], browser.cookie("session")]
    assert not [secret for secret in secrets if secret in stored]


def test_the_deployed_application_is_made_when_first_called(runtime, monkeypatch):
    monkeypatch.setattr("functions.cloud.runtime._installed", [runtime])
    app._deployed.cache_clear()
    from werkzeug.test import Client

    response = Client(app.application).get("/api/verify/openapi.json")
    app._deployed.cache_clear()
    assert response.status_code == 200
