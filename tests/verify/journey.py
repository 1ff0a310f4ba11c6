"""The whole way through verify, as a browser goes it; on fakes and on moto alike."""

import re

from functions.programme.times import MINUTE
from tests.verify.people import EMAIL, NAME, PASSWORD, PROFILE, SARI

IDENTITY = {**SARI, "birth_date": "1995-06-01"}
DECLARATION = {
    "in_education": False,
    "official": False,
    "employment": "unemployed",
    "truthful": True,
    "consent": True,
}
REGISTRATION = {"name": NAME, "email": EMAIL, "password": PASSWORD, "language": "id"}
LOGIN = {"email": EMAIL, "password": PASSWORD}


def code_in(text):
    return re.search(r"\b([0-9]{6})\b", text)[1]


def token_in(text):
    return re.search(r"#([0-9a-f]{32}\.[0-9a-f]{64})", text)[1]


def to_dashboard(browser, mails):
    """Register, confirm with the code, log in. `mails()` gives the texts received so far."""
    browser.ask("POST", "/accounts", REGISTRATION, expect=202)
    code = code_in(mails()[-1])
    confirmation = {"email": EMAIL, "code": code}
    assert browser.ask("POST", "/email/confirm", confirmation) == {"confirmed": True}
    assert browser.cookie("session") is None
    return browser.ask("POST", "/sessions", LOGIN, expect=201)["applicant"]


def to_readiness(browser, texts):
    """Everything that verify asks of an applicant. `texts()` gives the SMS received so far."""
    answer = browser.ask("POST", "/phone", {"phone": "0812-3456-9001"}, expect=202)
    assert answer["phone"] == "**********9001"
    browser.ask("POST", "/phone/confirm", {"code": code_in(texts()[-1])})
    left = ["ktp", "selfie", "declaration", "test"]
    kept = browser.ask("PUT", "/identity", IDENTITY)
    assert kept == {"warnings": [], "missing": ["profile", *left]}
    assert browser.ask("PUT", "/profile", PROFILE) == {"missing": left}
    assert browser.ask("PUT", "/declaration", DECLARATION) == {"missing": [*left[:2], "test"]}
    test = browser.ask("POST", "/test", {}, expect=201)
    assert len(test["questions"]) == test["of"] == 20
    for question in test["questions"]:
        choice = {"attempt": test["attempt"], "choice": right_choice(browser, question)}
        browser.ask("PUT", f"/test/answers/{question['n']}", choice, expect=204)
    result = browser.ask("POST", "/test/submit", {"attempt": test["attempt"]})
    assert result["passed"] is True
    return browser.ask("GET", "/me")


def right_choice(browser, question):
    """The place of the right option, found by its words."""
    from functions.verify.ability_test import bank

    known = next(q for q in bank().values() if dict(q.text) == question["text"])
    return question["options"].index(dict(known.options[known.answer]))


def new_password(browser, mails, password):
    """Forget the password and set another one by mail."""
    browser.ask("POST", "/password/forgot", {"email": EMAIL}, expect=202)
    token = token_in(mails()[-1])
    browser.ask("POST", "/password/reset", {"token": token, "password": password})
    browser.runtime.clock.advance(MINUTE)
