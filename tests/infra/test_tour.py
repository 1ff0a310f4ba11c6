"""Every way through upload, select and the operators' commands, for the record of their calls."""

from __future__ import annotations

import json

import pytest
from moto import mock_aws

from functions.cloud import chain
from functions.cloud import runtime as runtimes
from functions.cloud.tables import Delete, Put, Update
from functions.programme.limits import EXPORTS
from functions.programme.times import DAY, HOUR, MINUTE, iso, wib_date
from functions.web import counting
from tests.infra.tour import Tour, accepted, refused
from tests.select.conftest import remembered_pairings
from tests.select.world import kk_of, nik_of
from tests.verify.journey import (
    DECLARATION,
    IDENTITY,
    LOGIN,
    REGISTRATION,
    code_in,
    to_dashboard,
    to_readiness,
    token_in,
)
from tests.verify.people import EMAIL, PROFILE, SARI

__all__ = ["remembered_pairings"]
PEOPLE = 5
BUDI_LOGIN = {**LOGIN, "email": "budi@contoh.id"}
SRI, BUDI = ("--operator", "sri"), ("--operator", "budi")


@pytest.fixture(scope="module")
def tour():
    """One stage for all: to make it anew takes as long as to go through it."""
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        monkeypatch.setattr(runtimes, "_installed", [])
        yield Tour(monkeypatch)


def test_photos_are_sent_judged_and_asked_about(tour, tmp_path):
    nik = nik_of(1)
    person = tour.person(1, ktp=None, nik_photo_mac=tour.runtime.vault.mac("photo", nik))
    browser = tour.browser("upload", person)
    tour.post(browser, person, accepted(), kind="selfie")
    first = tour.post(browser, person, refused())
    second = tour.post(browser, person, refused())
    tour.clock.advance(6 * MINUTE)  # the session is noted as in use
    assert browser.ask("GET", f"photos/{first}")["state"] == "refused"
    assert browser.ask("POST", f"photos/{second}/review")["state"] == "in_review"
    assert len(browser.ask("GET", "photos")["photos"]) == 3
    tour.forget_copy(person, second)
    browser.ask("POST", f"photos/{second}/review")
    out = ("--out", tmp_path / "picture.jpg")
    tour.operate("review", "next", *SRI, *out)
    tour.operate("review", "refuse", f"{person}/{second}", *SRI, "--reason", "corrupt")
    tour.post(browser, person, refused())
    last = tour.post(browser, person, refused())
    browser.ask("POST", f"photos/{last}/review")
    tour.operate("review", "next", *SRI, *out)
    tour.operate("review", "accept", f"{person}/{last}", *SRI, "--nik", nik)
    tour.post(browser, person, accepted())

    lost = browser.ask(
        "POST",
        "photos",
        json={"kind": "ktp", "size": 9, "content_type": "image/jpeg"},
        headers={"Idempotency-Key": "k" * 32},
    )["photo"]
    name = f"{person}/{lost}"
    version = tour.runtime.files.write("incoming", name, b"x", content_type="image/jpeg")
    tour.runtime.files.delete("incoming", name, version)
    tour.pump.drain()

    def decided_meanwhile():
        tour.decide_meanwhile(person, lost)
        return refused()

    tour.verdicts.append(decided_meanwhile)
    tour.runtime.files.write("incoming", name, b"x", content_type="image/jpeg")
    tour.pump.drain()
    assert tour.verdicts == []


def test_a_wave_is_joined_drawn_looked_into_and_changed(tour, tmp_path):
    tour.open_wave(1, quota=2, reserve=2)
    browsers = {}
    for number in range(10, 10 + PEOPLE):
        applicant = tour.person(number)
        browsers[applicant] = tour.browser("select", applicant)
        key = {"Idempotency-Key": "a" * 36}
        browsers[applicant].ask("POST", "waves/1/entry", json={"consent": True}, headers=key)
    other = {"json": {"consent": True}, "headers": {"Idempotency-Key": "b" * 36}}
    browsers[applicant].ask("POST", "waves/1/entry", refused=True, **other)
    browser = next(iter(browsers.values()))
    tour.clock.advance(6 * MINUTE)  # the session is noted as in use
    for path in ("waves", "waves/1", "entries", "entries/1"):
        browser.ask("GET", path)
    tour.to_close()
    tour.pump.tick()
    tour.stop_runs()
    tour.clock.advance(2 * MINUTE)
    tour.tick()
    assert tour.phase() == "roster_published"
    tour.pump.tick()  # nothing comes of it, but what waits is looked for
    for answer in (("dismissed", "record_right"), ("upheld", "record_wrong")):
        applicant, browser = browsers.popitem()
        told = {"reason": "other", "text": "Mohon diperiksa."}
        key = {"Idempotency-Key": "b" * 36}
        browser = tour.browser("select", applicant)
        browser.ask("POST", "entries/1/objection", json=told, headers=key)
        _answer(tour, *answer)
    tour.to_draw()
    tour.tick()
    tour.tick()
    assert tour.phase() == "announced" and "reported_at" in tour.wave()
    browser = tour.browser("select", next(iter(browsers)))
    for path in ("entries", "entries/1", "entries/1/proof"):
        browser.ask("GET", path)

    _look(tour, tmp_path)
    _ledgers(tour, tmp_path)
    _change(tour, tmp_path)
    tour.browser("select", applicant).ask("GET", "entries/1")
    browser = tour.browser("verify", applicant)
    tour.clock.advance(6 * MINUTE)
    browser.ask("GET", "me")


def _answer(tour, verdict, code):
    tour.operate("objections", "list")
    name = json.loads(tour.operate("objections", "next", *SRI, "--json"))["objection"]
    why = ("--code", code, "--sentence", "Sudah diperiksa.")
    tour.operate("objections", "answer", name, verdict, *SRI, *why)


def _look(tour, tmp_path):
    tour.operate("wave", "list")
    tour.operate("wave", "show", "--wave", 1)
    tour.operate("wave", "funnel", 1, "--scan")
    tour.operate("draw", "report", 1)
    tour.operate("draw", "audit-sample", 1, *SRI, "--out", tmp_path / "sample.csv")
    tour.operate("audit", "show", "--last", 5)
    tour.operate("audit", "verify")
    tour.operate("review", "list")
    stop = ("--reason", "drill", *SRI)
    tour.operate("flags", "set", "sms", "--minutes", 1, *stop)
    tour.operate("flags", "list")
    tour.operate("flags", "clear", "sms", *stop)


def _ledgers(tour, tmp_path):
    had, listed = tmp_path / "had.csv", tmp_path / "listed.csv"
    had.write_text(f"nik,kk,wave\n{nik_of(70)},{kk_of(70)},0\n")
    tour.operate("recipients", "import", had, *SRI)
    tour.operate("recipients", "list")
    listed.write_text(f"nik,reason\n{nik_of(71)},misuse\n")
    tour.operate("blacklist", "import", listed, *SRI)
    one = f"{nik_of(72)}\n"
    tour.operate("blacklist", "add", "--reason", "misuse", *SRI, given=one)
    tour.operate("blacklist", "remove", "--reason", "in error", *SRI, given=one)


def _change(tour, tmp_path):
    for applicant, (nik, _) in tour.people.items():
        claim = f"nik#{tour.runtime.vault.mac('nik', nik)}"
        tour.tables.write(Put("claims", {"claim": claim, "applicant": applicant}))
    ranked = sorted(tour.entries().values(), key=lambda entry: entry["rank"])
    for entry, reason in ((ranked[0], "declined"), (ranked[1], "false_declaration")):
        nik = tour.people[entry["applicant"]][0]
        tour.operate("draw", "remove", 1, "--reason", reason, *SRI, given=f"{nik}\n")
    tour.operate("draw", "promote", 1, *SRI, "--until", iso(tour.clock() + DAY))
    _revoke(tour, tmp_path)


def _revoke(tour, tmp_path):
    """One of those who moved up has bought; the other's place goes to wave 3."""
    promoted = [e for e in tour.entries().values() if "promoted_at" in e]
    sold = tmp_path / "sold.csv"
    nik, day = tour.people[promoted[0]["applicant"]][0], wib_date(tour.clock())
    sold.write_text(f"nik,bought_on\n{nik},{day}\n")
    tour.operate("purchases", "import", sold, "--wave", 1, *SRI)
    tour.clock.advance(31 * DAY)
    tour.operate("wave", "revoke", 1, *SRI, "--dry-run")
    tour.operate("wave", "revoke", 1, *SRI)
    tour.operate("wave", "revoke", 1, *BUDI, "--confirm")
    times = [iso(tour.clock() + hours * HOUR) for hours in (1, 2)]
    given = ("--wave", 3, "--quota", 1, "--shards", 1, "--opens", times[0], "--closes", times[1])
    tour.operate("wave", "create", *given, "--returned-from", 1, *SRI)
    assert tour.wave(3)["returned_from"] == {"1": len(promoted) - 1}
    tour.operate("wave", "funnel", 3)
    tour.tables.write(Delete("waves", {"wave": 3}))  # nobody waits for it


def test_accounts_are_disputed_recovered_exported_and_left(tour, tmp_path):
    tour.open_wave(2, quota=1)
    sari, budi = tour.visitor("203.0.113.7"), tour.visitor("203.0.113.8")
    holder = to_dashboard(sari, tour.mails)
    to_readiness(sari, tour.texts)
    tour.show_card(holder, SARI["nik"])
    for method in ("POST", "DELETE", "POST"):
        _entry(tour, holder, method)
    claimant = _same_person(tour, budi)
    _dispute(tour, budi, holder, claimant, tmp_path)
    _entry(tour, claimant, "POST")
    _void(tour, 2)
    assert "open_waves" not in tour.tables.get("readiness", {"applicant": claimant})

    _recover(tour, sari)
    _bounce(tour, sari)
    sari.refused("POST", "/sessions", {**LOGIN, "password": "not this one"}, status=401)
    sari.ask("POST", "/sessions", LOGIN, expect=201)
    _call(tour, sari, holder)
    sari.ask("GET", "/export")
    _leave(tour, budi, claimant, BUDI_LOGIN)
    tour.years_later()
    tour.tick()
    assert list(tour.tables.scan("objections")) == []
    assert tour.tables.get("tests", {"applicant": holder})["answers"] == {}
    _leave(tour, sari, holder, LOGIN)
    done = [record.what for record in chain.records(tour.tables, chain.JOBS)]
    assert done.count("account_deleted") == 2 and "retention" in done


def _entry(tour, applicant, method):
    key = {"Idempotency-Key": tour.runtime.random(18).hex()}
    body = {"json": {"consent": True}} if method == "POST" else {}
    tour.browser("select", applicant).ask(method, "waves/2/entry", headers=key, **body)


def _same_person(tour, browser):
    """A second account with the NIK, KK and number of the first; the applicant's id."""
    registration = {**REGISTRATION, **BUDI_LOGIN, "name": "Budi"}
    browser.ask("POST", "/accounts", registration, expect=202, key="2" * 32)
    code = code_in(tour.mails()[-1])
    browser.ask("POST", "/email/confirm", {"email": BUDI_LOGIN["email"], "code": code})
    applicant = browser.ask("POST", "/sessions", BUDI_LOGIN, expect=201)["applicant"]
    _prove_number(tour, browser)
    browser.ask("PUT", "/identity", IDENTITY)
    browser.ask("PUT", "/profile", PROFILE)
    browser.ask("PUT", "/declaration", DECLARATION)
    passed = Update("readiness", {"applicant": applicant}, set={"test": tour.clock()})
    tour.tables.write(passed)
    tour.show_card(applicant, SARI["nik"])
    return applicant


def _prove_number(tour, browser):
    browser.ask("POST", "/phone", {"phone": "0812-3456-9001"}, expect=202)
    browser.ask("POST", "/phone/confirm", {"code": code_in(tour.texts()[-1])})


def _call(tour, browser, applicant):
    """The help desk sends the code anew, looks at how far its caller is, and takes limits off."""
    browser.ask("POST", "/phone", {"phone": "0812-3456-9001"}, expect=202)
    tour.clock.advance(MINUTE)
    tour.operate("applicants", "resend", *SRI, given=f"{EMAIL}\n")
    browser.ask("POST", "/phone/confirm", {"code": code_in(tour.texts()[-1])})
    why = ("--reason", "asked_by_applicant", *SRI)
    for by, typed in (("nik", SARI["nik"]), ("email", EMAIL), ("phone", "0812-3456-9001")):
        tour.operate("applicants", "find", "--by", by, *why, given=f"{typed}\n")
    for _ in range(EXPORTS.count):
        counting.count(tour.runtime, EXPORTS, applicant)
    tour.operate("applicants", "unblock", "--by", "email", *why, given=f"{EMAIL}\n")


def _dispute(tour, browser, holder, claimant, tmp_path):
    """The claimant is given the NIK, and the holder's entry is taken back."""
    browser.ask("POST", "/not-me", {}, expect=202)
    tour.forget_copy(holder, tour.show_card(holder, SARI["nik"])["selfie"])
    tour.show_card(claimant, SARI["nik"])
    case = tour.operate("disputes", "list").split()[0]
    for operator, side in ((SRI, "holder"), (SRI, "claimant")):
        tour.operate("disputes", "next", *operator, "--out", tmp_path)
        tour.operate("disputes", "propose", case, "--for", side, *operator)
        if side == "holder":
            tour.operate("disputes", "confirm", case, "--for", "claimant", *BUDI, fails=True)
    tour.operate("disputes", "confirm", case, "--for", "claimant", *BUDI)
    assert "withdrawn" in tour.tables.get("readiness", {"applicant": holder})


def _void(tour, wave):
    why = ("--reason", "authority", "--sentence", "By order of the court.")
    tour.operate("wave", "void", wave, *SRI, *why)
    tour.operate("wave", "void", wave, *BUDI, "--confirm")
    tour.tick()
    assert tour.phase(wave) == "void" and "void_told_at" in tour.wave(wave)


def _recover(tour, browser):
    """The mailbox, which its owner stops; the mailbox again, then the number."""
    for lost, stopped in (("mailbox", True), ("mailbox", False), ("phone", False)):
        typed = EMAIL + ("\nsari@baru.id\n" if lost == "mailbox" else "\n")
        tour.operate("accounts", "recover", "--lost", lost, *SRI, given=typed)
        tour.operate("accounts", "list")
        if stopped:
            token = token_in(tour.mails()[-1])
            browser.ask("POST", "/recovery/stop", {"token": token})
            continue
        tour.clock.advance(2 * DAY)
        tour.operate("accounts", "confirm", *BUDI, given=f"{EMAIL}\n")


def _bounce(tour, browser):
    """Mail to a mailbox comes back, and one to an address that a registration waits for."""
    assert tour.mail_event("bounced") == "bounced"
    tour.clock.advance(MINUTE)  # the last mail is the one that was sent last
    registration = {**REGISTRATION, "email": "typo@contoh.id"}
    browser.ask("POST", "/accounts", registration, expect=202, key="3" * 32)
    assert browser.ask("GET", "/email")["state"] == "waiting"
    assert tour.mail_event("delivered") == "delivered"
    assert tour.mail_event("bounced") == "bounced"
    assert browser.ask("GET", "/email")["state"] == "unreachable"


def _leave(tour, browser, applicant, login):
    """The account is deleted, with a photo that was sent meanwhile."""
    browser.ask("POST", "/sessions", login, expect=201)
    password = {"password": login["password"]}
    browser.ask("POST", "/phone/code", password, expect=202)
    tour.clock.advance(2 * MINUTE)
    tour.pump.tick()  # the queue had its time: the code is put there again
    code = code_in(tour.texts()[-1])
    browser.ask("DELETE", "/me", {**password, "code": code}, expect=202)
    name = f"{applicant}/{'a' * 32}"
    tour.runtime.files.write("incoming", name, b"x", content_type="image/jpeg")
    tour.tick()
    assert tour.tables.get("accounts", {"applicant": applicant}) is None
    assert tour.runtime.files.versions("incoming", applicant) == []
