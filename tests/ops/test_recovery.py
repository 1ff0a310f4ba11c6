"""A lost phone or mailbox: two operators, 48 hours, and a notice by which the owner can object."""

import pytest
from click.testing import CliRunner

from functions.programme.times import DAY, HOUR
from functions.verify import confirmation, passwords, phone
from functions.verify import recovery as stopping
from functions.web.errors import Unprocessable
from functions.web.sessions import find_session
from ops import audit, recovery
from ops.commands import cli
from ops.errors import Refused
from tests.fakes import fake_runtime
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    PASSWORD,
    applicant_of,
    join_programme,
    last_letter,
    letters,
    login,
    ready,
)

NEW = "sari@baru.id"


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    applicant = join_programme(runtime)
    phone.start(runtime, applicant, "0812-3456-9001", address=HERE, cost=CHEAP)
    phone.confirm(runtime, applicant, last_letter(runtime, "phone_code")["parameters"]["code"])
    return applicant


def ask(runtime, lost="phone"):
    return recovery.ask(runtime, "ani", EMAIL, lost, NEW if lost == "mailbox" else None)


def after_two_days(runtime):
    runtime.clock.advance(48 * HOUR)


def test_a_lost_number_leaves_the_account_after_two_days_and_two_operators(runtime, applicant):
    token = login(runtime)
    ask(runtime)
    assert "phone" in ready(runtime, applicant)
    after_two_days(runtime)
    token = login(runtime)
    assert recovery.confirm(runtime, "budi", EMAIL) == "phone"
    assert "phone" not in ready(runtime, applicant)
    assert find_session(runtime, token) is None
    mac = runtime.vault.mac("phone", "+6281234569001")
    assert not runtime.tables.get("claims", {"claim": f"phone#{mac}"}).get("applicants")
    assert last_letter(runtime)["template"] == "phone_removed"
    assert passwords.change(runtime, applicant, PASSWORD, "teh manis hangat", cost=CHEAP)


def test_a_lost_mailbox_moves_when_the_new_one_answers_and_the_old_is_told(runtime, applicant):
    ask(runtime, "mailbox")
    after_two_days(runtime)
    recovery.confirm(runtime, "budi", EMAIL)
    assert applicant_of(runtime) == applicant
    mail = last_letter(runtime, "change_email")
    assert mail["to"] == NEW
    confirmation.by_link(runtime, mail["parameters"]["token"], address=HERE)
    assert applicant_of(runtime, NEW) == applicant
    assert last_letter(runtime, "email_changed")["to"] == EMAIL


@pytest.mark.parametrize(("lost", "channels"), [("phone", ["mail"]), ("mailbox", ["mail", "sms"])])
def test_the_owner_is_told_at_once(runtime, applicant, lost, channels):
    ask(runtime, lost)
    told = letters(runtime, "recovery_asked")
    assert [row["channel"] for row in told] == channels
    assert NEW not in repr(runtime.tables.items)


def test_nothing_happens_before_two_days_nor_after_two_weeks(runtime, applicant):
    ask(runtime)
    runtime.clock.advance(48 * HOUR - 1)
    with pytest.raises(Refused, match="too_early"):
        recovery.confirm(runtime, "budi", EMAIL)
    runtime.clock.advance(12 * DAY + 1)
    with pytest.raises(Refused, match="too_late"):
        recovery.confirm(runtime, "budi", EMAIL)
    assert ask(runtime)


def test_one_operator_alone_recovers_nothing(runtime, applicant):
    ask(runtime)
    after_two_days(runtime)
    with pytest.raises(Refused):
        recovery.confirm(runtime, "ANI", EMAIL)
    assert "phone" in ready(runtime, applicant)


def test_a_second_request_does_not_begin_while_one_waits(runtime, applicant):
    ask(runtime)
    with pytest.raises(Refused):
        ask(runtime, "mailbox")


def test_the_owner_stops_it_with_the_link_once_and_nobody_else_does(runtime, applicant):
    ask(runtime)
    token = last_letter(runtime, "recovery_asked")["parameters"]["token"]
    for wrong in (token[:-1] + "x", "", f"{applicant}.", "a.b"):
        with pytest.raises(Unprocessable):
            stopping.stop(runtime, wrong, address=HERE)
    stopping.stop(runtime, token, address=HERE)
    with pytest.raises(Unprocessable):
        stopping.stop(runtime, token, address=HERE)
    after_two_days(runtime)
    with pytest.raises(Refused, match="stopped"):
        recovery.confirm(runtime, "budi", EMAIL)
    assert "phone" in ready(runtime, applicant)


def test_what_is_lost_and_what_is_given_must_fit(runtime, applicant):
    other = join_programme(runtime, email="budi@contoh.id", name="Budi")
    assert other
    for email, lost, new in (
        (EMAIL, "mailbox", None),
        (EMAIL, "phone", NEW),
        ("budi@contoh.id", "phone", None),
        ("tidak@contoh.id", "phone", None),
        (EMAIL, "mailbox", "bukan alamat"),
    ):
        with pytest.raises(Refused):
            recovery.ask(runtime, "ani", email, lost, new)


def test_the_commands_leave_both_steps_in_the_audit_chain_and_no_address(runtime, applicant):
    def run(*words, typed):
        done = CliRunner().invoke(
            cli, ["accounts", *words], input=typed, obj={"runtime": lambda: runtime}
        )
        assert done.exit_code == 0, done.output
        return done.output

    run("recover", "--lost", "mailbox", "--operator", "ani", typed=f"{EMAIL}\n{NEW}\n")
    assert "mailbox by ani" in run("list", typed="")
    after_two_days(runtime)
    run("confirm", "--operator", "budi", typed=f"{EMAIL}\n")
    assert run("list", typed="") == ""
    records = list(audit.records(runtime))
    assert [record.what for record in records] == ["recovery_ask", "recovery_confirm"]
    assert EMAIL not in repr(records)
