"""Other pages, other hosts, borrowed cookies: what a browser can be made to send."""

from __future__ import annotations

import pytest

from functions.web.access import ACCESS, Access
from tests.attack.stage import valid_body
from tests.verify.people import last_letter

OURS = "https://gelombang.example"
UNSAFE = [route for route in ACCESS if route[0] != "GET"]
READING = [
    route for route, access in ACCESS.items() if route[0] == "GET" and access is not Access.PUBLIC
]
OTHERS = (
    "https://evil.example",
    "https://gelombang.example.evil.example",
    "https://evil-gelombang.example",
    "https://www.gelombang.example",
    "http://gelombang.example",
    "https://gelombang.example:8443",
    "https://GELOMBANG.example/",
    "null",
    "",
)


def place_of(route):
    path = route[1].replace("<photo>", "f" * 32)
    return path.replace("<int:wave>", "2").replace("<int:number>", "1")


@pytest.mark.parametrize("route", UNSAFE, ids=" ".join)
def test_no_other_page_changes_anything_with_a_borrowed_session(stage, route):
    before, counted = stage.snapshot(), dict(stage.tables["limits"])
    held = {"session": stage.budi.session, "registration": stage.budi.owned["registration"]}
    body = valid_body(stage, route)
    for origin in OTHERS:
        answer = stage.send(route[0], place_of(route), body, headers={"Origin": origin}, **held)
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "wrong_origin")
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert (stage.snapshot(), stage.tables["limits"]) == (before, counted)


@pytest.mark.parametrize("route", READING, ids=" ".join)
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_page_even_makes_us_read_for_someone(stage, route, site):
    before, counted = stage.snapshot(), dict(stage.tables["limits"])
    answer = stage.send(
        route[0],
        place_of(route),
        session=stage.budi.session,
        headers={"Sec-Fetch-Site": site, "Origin": ""},
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "wrong_origin")
    assert (stage.snapshot(), stage.tables["limits"]) == (before, counted)


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_page_and_the_address_bar_read(stage, site):
    headers = {"Sec-Fetch-Site": site}
    answer = stage.send("GET", "/api/verify/me", session=stage.budi.session, headers=headers)
    assert answer.status_code == 200


FOREIGN = ("evil.example", "gelombang.example@evil.example", "evil.example:443")


@pytest.mark.parametrize("host", FOREIGN)
def test_no_mail_and_no_answer_names_a_host_that_the_request_brought(stage, host):
    headers = {
        "Host": host,
        "X-Forwarded-Host": host,
        "X-Original-URL": f"//{host}/",
        "Forwarded": f"host={host}",
    }
    body = {"email": stage.budi.email}
    answer = stage.send("POST", "/api/verify/password/forgot", body, headers=headers)
    assert "evil" not in answer.text + str(answer.headers)
    if answer.status_code == 202:
        from functions.verify.writing import write_mail

        row = last_letter(stage.runtime, "reset_password")
        mail = write_mail(stage.runtime.config, row["template"], "id", row["parameters"])
        assert f"{OURS}/masuk/sandi/#" in mail.text
        assert "evil" not in mail.subject + mail.text + mail.html


@pytest.mark.parametrize(
    "path", ["/api//verify/me", "/api/verify//me", "/api/verify/me/", "/api/verify/../verify/me"]
)
def test_no_spelling_of_a_path_is_answered_with_a_redirect(stage, path):
    headers = {"Host": "evil.example"}
    answer = stage._apps["verify"].test_client().get(path, headers=headers)
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_session_that_someone_planted_is_not_the_one_that_a_login_opens(stage):
    budi, ani = stage.budi, stage.ani
    login = {"email": ani.email, "password": ani.password}
    planted = [
        f"{ani.applicant}.{'1' * 32}.{'2' * 64}",
        budi.session,
        ani.session,
    ]
    for session in planted:
        answer = stage.send("POST", "/api/verify/sessions", login, session=session)
        cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
        assert cookie != session
        assert cookie.split(".")[0] == ani.applicant
        assert not set(cookie.split(".")[1:]) & set(session.split(".")[1:])
    unknown = stage.send("GET", "/api/verify/me", session=planted[0])
    assert unknown.status_code == 401
    assert stage.send("GET", "/api/verify/me", session=budi.session).json["applicant"] == (
        budi.applicant
    )


def test_a_planted_registration_does_not_confirm_or_log_in_whoever_holds_it(stage):
    """Budi plants his waiting registration in Ani's browser: her login stays her own."""
    planted = stage.budi.owned["registration"]
    login = {"email": stage.ani.email, "password": stage.ani.password}
    answer = stage.send("POST", "/api/verify/sessions", login, registration=planted)
    assert answer.json == {"applicant": stage.ani.applicant}
    session = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    body = {"email": "neu@contoh.id", "password": stage.ani.password}
    answer = stage.send("PUT", "/api/verify/email", body, session=session, registration=planted)
    # With a session it is the account that would move, and that takes its own phone's code.
    assert answer.json["error"]["params"] == {"fields": {"code": "missing"}}
