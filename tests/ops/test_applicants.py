"""A help desk: people are found by what they say, and no number, name or address is shown."""

from __future__ import annotations

import json
import logging

import pytest
from click.testing import CliRunner

from functions.cloud.tables import Put, Update
from functions.programme.limits import EXPORTS, LIMITS, LOGIN_BY_ACCOUNT, SMS_BY_NUMBER
from functions.programme.times import HOUR, MINUTE
from functions.verify import phone, texting
from functions.web import counting
from functions.web.errors import TooMany, Unauthorized
from ops import audit
from ops.applicants_unblocked import CLEARABLE
from ops.commands import cli
from tests.fakes import fake_runtime
from tests.select.world import World
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    NAME,
    SARI,
    join_programme,
    last_letter,
    letters,
    login,
    prove_identity,
)

TYPED, NUMBER = "0812-3456-9001", "+6281234569001"
WHY = ("--reason", "asked_by_applicant")


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    """Sari, with a proved number and an identity."""
    applicant = join_programme(runtime)
    phone.start(runtime, applicant, TYPED, address=HERE, cost=CHEAP)
    phone.confirm(runtime, applicant, last_letter(runtime, "phone_code")["parameters"]["code"])
    prove_identity(runtime, applicant)
    return applicant


def command(runtime, *words, given, fails=False):
    env = {"GELOMBANG_OPERATOR": "ani"}
    obj = {"runtime": lambda: runtime}
    words = [str(word) for word in ("applicants", *words)]
    done = CliRunner().invoke(cli, words, obj=obj, env=env, input=f"{given}\n")
    assert (done.exit_code != 0) is fails, (done.output, done.exception)
    return done.output


def find(runtime, by, given):
    said = command(runtime, "find", "--by", by, *WHY, "--json", given=given)
    return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


def acts(runtime):
    return [(one.what, one.about, one.details) for one in audit.records(runtime)]


@pytest.mark.parametrize(
    ("by", "given"), [("nik", SARI["nik"]), ("email", "Sari.Dewi@contoh.id "), ("phone", TYPED)]
)
def test_an_applicant_is_found_by_what_they_say_and_the_look_is_recorded(
    runtime, applicant, by, given
):
    (found,) = find(runtime, by, given)
    assert found["applicant"] == applicant
    assert found["steps"]["phone"] != "missing" and found["steps"]["test"] == "missing"
    assert found["missing"] == ["profile", "ktp", "selfie", "declaration", "test"]
    details = ("asked_by_applicant", f"by {by}")
    assert acts(runtime) == [("look", f"applicant/{applicant}", details)]


def test_no_number_name_or_address_is_shown_logged_or_recorded(runtime, applicant, caplog):
    caplog.set_level(logging.DEBUG)
    said = "".join(
        command(runtime, "find", "--by", by, *WHY, given=given)
        for by, given in (("nik", SARI["nik"]), ("email", EMAIL), ("phone", TYPED))
    )
    said += command(runtime, "find", "--by", "nik", *WHY, given="32010141x", fails=True)
    everything = said + caplog.text + str(acts(runtime))
    for secret in (SARI["nik"], SARI["kk"], EMAIL, NAME, NUMBER, TYPED, "32010141x", "1995"):
        assert secret not in everything


def test_what_is_typed_is_no_option_of_any_command():
    """An argument would stay in the shell's history, and in the list of processes."""
    for name in ("find", "unblock"):
        options = {option.name for option in cli.commands["applicants"].commands[name].params}
        assert options <= {"by", "reason", "operator", "as_json"}


def test_a_look_that_finds_nobody_is_recorded_too(runtime):
    assert find(runtime, "email", "nobody@contoh.id") == []
    assert acts(runtime) == [("look", "applicant/none", ("asked_by_applicant", "by email"))]
    command(runtime, "find", "--by", "email", "--reason", "curious", given=EMAIL, fails=True)
    assert len(acts(runtime)) == 1


def test_nothing_is_shown_when_the_look_cannot_be_recorded(runtime, applicant, monkeypatch):
    def broken(*given):
        raise RuntimeError("no record")

    monkeypatch.setattr("ops.applicants.audit.write", broken)
    assert applicant not in command(runtime, "find", "--by", "email", *WHY, given=EMAIL, fails=True)


def test_mails_and_photos_are_told_with_their_states(runtime, applicant):
    now = runtime.clock()
    note = {"channel": "mail", "template": "joined", "state": "bounced", "at": now, "message": "m"}
    key = {"applicant": applicant}
    runtime.tables.write(Update("accounts", key, set={"delivery.mail-joined": note}))
    photo = {**key, "photo": "a" * 32, "kind": "ktp", "state": "refused", "reasons": ["blurred"]}
    runtime.tables.write(Put("photos", {**photo, "created_at": now}))
    said = command(runtime, "find", "--by", "email", *WHY, given=EMAIL)
    assert "mail joined: bounced" in said and "ktp refused (blurred)" in said
    (found,) = find(runtime, "email", EMAIL)
    assert [one["state"] for one in found["photos"]] == ["refused"]


def test_entries_are_told_with_their_outcome():
    world = World()
    world.create()
    applicant = world.enter(1)
    runtime, nik = world.runtime, world.people[applicant][0]
    claim = {"claim": f"nik#{runtime.vault.mac('nik', nik)}", "applicant": applicant}
    more = {"created_at": world.clock(), "email_mac": "m"}
    runtime.tables.write(Put("claims", claim))
    runtime.tables.write(Update("accounts", {"applicant": applicant}, set=more))
    (found,) = find(runtime, "nik", nik)
    assert [(one["wave"], one["phase"]) for one in found["entries"]] == [(1, "open")]
    assert "wave 1: open" in command(runtime, "find", "--by", "nik", *WHY, given=nik)


def reach(runtime, limit, subject):
    for _ in range(limit.count):
        counting.count(runtime, limit, subject)


def test_a_family_that_shares_a_number_is_found_whole(runtime, applicant):
    other = join_programme(runtime, "budi@contoh.id")
    runtime.clock.advance(HOUR)
    phone.start(runtime, other, TYPED, address=HERE, cost=CHEAP)
    phone.confirm(runtime, other, last_letter(runtime, "phone_code")["parameters"]["code"])
    assert {one["applicant"] for one in find(runtime, "phone", TYPED)} == {applicant, other}
    held = max(applicant, other)
    reach(runtime, EXPORTS, held)
    said = command(runtime, "unblock", "--by", "phone", *WHY, given=TYPED)
    assert f"{held}: export" in said and "nothing held it up" in said


def test_who_is_held_up_by_wrong_passwords_can_log_in_again(runtime, applicant):
    mac = runtime.vault.mac("email", EMAIL)
    reach(runtime, LOGIN_BY_ACCOUNT, mac)
    with pytest.raises(Unauthorized):
        login(runtime, password="not the password")
    with pytest.raises(TooMany):
        login(runtime)
    assert find(runtime, "email", EMAIL)[0]["held_up_by"] == ["login"]
    assert "login" in command(runtime, "unblock", "--by", "email", *WHY, given=EMAIL)
    assert login(runtime)
    assert acts(runtime)[-1] == (
        "unblock",
        f"applicant/{applicant}",
        ("asked_by_applicant", "login"),
    )
    again = command(runtime, "unblock", "--by", "email", *WHY, given=EMAIL, fails=True)
    assert "nobody is held up" in again


def test_a_numbers_own_limit_is_taken_off_only_for_the_number_that_is_typed(runtime, applicant):
    reach(runtime, SMS_BY_NUMBER, NUMBER)
    command(runtime, "unblock", "--by", "email", *WHY, given=EMAIL, fails=True)
    assert counting.reached(runtime, SMS_BY_NUMBER, NUMBER)
    assert "sms_number" in command(runtime, "unblock", "--by", "phone", *WHY, given=TYPED)
    assert not counting.reached(runtime, SMS_BY_NUMBER, NUMBER)


def test_only_a_persons_own_limits_can_be_taken_off():
    """Not those of an address that others share, nor the breakers."""
    names = {one.limit.name for one in CLEARABLE}
    assert names <= {limit.name for limit in LIMITS}
    assert not [name for name in names if name.endswith(("_address", "_prefix", "_all"))]


def resend(runtime, fails=False):
    return command(runtime, "resend", given=EMAIL, fails=fails)


def test_an_awaited_code_is_sent_anew_under_the_applicants_own_limits(runtime):
    applicant = join_programme(runtime)
    assert "no code is awaited" in resend(runtime, fails=True)
    phone.start(runtime, applicant, TYPED, address=HERE, cost=CHEAP)
    assert "too_soon" in resend(runtime, fails=True)
    runtime.clock.advance(MINUTE)
    said = resend(runtime)
    assert "9001" in said and NUMBER not in said and "81234569001" not in said
    first, second = (one["parameters"]["code"] for one in letters(runtime, "phone_code"))
    assert first == second
    phone.confirm(runtime, applicant, second)
    assert acts(runtime) == [("resend", f"applicant/{applicant}", ("phone",))]


def test_a_code_that_may_replace_a_proved_number_still_may_when_it_is_sent_anew(runtime, applicant):
    runtime.clock.advance(HOUR)
    new, allowed = "+6281234569002", {"allowed_at": runtime.clock()}
    item, before = texting.challenge(runtime, "phone", applicant, new, **allowed)
    texting.send_code(runtime, item, before, new, "id", HERE)
    runtime.clock.advance(MINUTE)
    resend(runtime)
    phone.confirm(runtime, applicant, last_letter(runtime, "phone_code")["parameters"]["code"])
    assert [one["applicant"] for one in find(runtime, "phone", new)] == [applicant]
