"""What becomes of a mail after it was sent: rows, accounts and registrations that it marks."""

import itertools
import json

import pytest

from functions.cloud.mail import SendFailed
from functions.cloud.outbox import Letter, row
from functions.cloud.tables import Delete
from functions.programme.times import DAY, MINUTE
from functions.verify import confirmation, mailbox, me, passwords, registration, worker
from functions.verify.delivery import deliver
from functions.web.errors import Conflict, Forbidden, InvalidFields
from tests.fakes import fake_runtime
from tests.verify.people import (
    CHEAP,
    EMAIL,
    HERE,
    PASSWORD,
    join_programme,
    last_letter,
    register,
    wait,
)
from tests.verify.test_delivery import crash, outcome, stored

NEW = "sari@baru.id"


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def applicant(runtime):
    found = join_programme(runtime)
    wait(runtime, 1)
    return found


def tell(runtime, event, message="ab12"):
    """One event, as the queue brings it; what comes back."""
    body = json.dumps({"event": event, "message": [message]})
    return worker.handle_mail_events(runtime, [{"messageId": "m1", "body": body}])


def sent(runtime, applicant, message="ab12"):
    """An outcome's mail that SES took; a minute later."""
    deliver(runtime, outcome(runtime, applicant, message))
    wait(runtime, 1)
    return message


def fate(runtime, applicant):
    """(state of the newest note, why the address cannot be reached), as the dashboard has them."""
    shown = me.show(runtime, applicant)
    return shown["delivery"][0]["state"], shown["email_unreachable"]


@pytest.mark.parametrize(
    ("event", "note", "unreachable"),
    [
        ("delivered", "delivered", None),
        ("undelivered", "failed", None),
        ("bounced", "unreachable", "bounced"),
        ("complained", "unreachable", "complained"),
    ],
)
def test_each_event_is_told_and_only_a_lasting_one_marks_the_address(
    runtime, applicant, event, note, unreachable
):
    assert tell(runtime, event, sent(runtime, applicant)) == []
    assert stored(runtime)["state"] == event
    assert fate(runtime, applicant) == (note, unreachable)


def test_events_in_any_order_and_number_end_in_the_gravest():
    events = ("delivered", "bounced", "complained", "delivered")
    for order in set(itertools.permutations(events)):
        runtime = fake_runtime()
        applicant = join_programme(runtime)
        sent(runtime, applicant)
        for event in order:
            assert tell(runtime, event) == []
        assert stored(runtime)["state"] == "complained"
        assert fate(runtime, applicant) == ("unreachable", "complained")


def test_an_event_about_a_row_that_is_gone_or_a_person_who_has_left_changes_nothing(
    runtime, applicant
):
    assert tell(runtime, "bounced", "none") == []
    sent(runtime, applicant)
    runtime.tables.write(Delete("accounts", {"applicant": applicant}))
    assert tell(runtime, "bounced") == []
    assert runtime.tables.get("accounts", {"applicant": applicant}) is None
    assert runtime.tables.get("outbox", {"message": "none"}) is None


def test_an_sms_is_no_business_of_a_mail_event(runtime, applicant):
    outcome(runtime, applicant, channel="sms")
    assert tell(runtime, "bounced") == []
    assert stored(runtime)["state"] == "waiting"


def test_what_no_rule_writes_comes_back_to_end_among_the_dead_letters(runtime, applicant, caplog):
    sent(runtime, applicant)
    assert tell(runtime, "opened") == [{"itemIdentifier": "m1"}]
    records = [{"messageId": "m2", "body": f"not json {EMAIL}"}]
    assert worker.handle_mail_events(runtime, records) == [{"itemIdentifier": "m2"}]
    assert EMAIL not in caplog.text


def test_an_outcome_given_up_as_unsure_is_sent_once_the_provider_says_so(runtime, applicant):
    lost = SendFailed("ReadTimeoutError", again=True, unsure=True)
    runtime.mailer.failures = [lost]
    sent(runtime, applicant)
    assert stored(runtime)["reason"] == "unsure"
    tell(runtime, "delivered")
    assert stored(runtime)["state"] == "delivered"
    assert not {"reason", "failed_at"} & set(stored(runtime))
    assert fate(runtime, applicant) == ("delivered", None)


def test_a_row_that_nobody_marked_after_a_crash_is_delivered_and_not_sent_again(
    runtime, applicant, monkeypatch
):
    def dies(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("functions.verify.delivery._mark_sent", dies)
    crash(runtime, outcome(runtime, applicant))
    monkeypatch.undo()
    assert stored(runtime)["state"] == "sending"
    tell(runtime, "delivered")
    runtime.clock.advance(6 * MINUTE)
    deliver(runtime, "ab12")
    assert stored(runtime)["state"] == "delivered"
    assert not {"unsent", "parameters"} & set(stored(runtime))
    assert len(runtime.mailer.sent) == 1


def test_an_event_that_is_quicker_than_the_sender_is_not_taken_back(runtime, applicant):
    """The worker marks its row only after the event has come."""

    class Quick(type(runtime.mailer)):
        def send(self, *words, message):
            given = super().send(*words, message=message)
            tell(runtime, "bounced", message)
            return given

    runtime.mailer.__class__ = Quick
    sent(runtime, applicant)
    assert stored(runtime)["state"] == "bounced"
    assert fate(runtime, applicant) == ("unreachable", "bounced")


def test_an_older_mail_does_not_speak_over_a_later_one_of_its_kind(runtime, applicant):
    sent(runtime, applicant)
    sent(runtime, applicant, "cd34")
    tell(runtime, "undelivered")
    assert fate(runtime, applicant) == ("sent", None)


def test_mail_to_an_address_that_cannot_be_reached_is_not_sent_and_told(runtime, applicant):
    tell(runtime, "bounced", sent(runtime, applicant))
    before = len(runtime.mailer.sent)
    deliver(runtime, outcome(runtime, applicant, "cd34"))
    assert len(runtime.mailer.sent) == before
    assert (stored(runtime, "cd34")["state"], stored(runtime, "cd34")["reason"]) == (
        "failed",
        "unreachable",
    )
    assert fate(runtime, applicant) == ("unreachable", "bounced")


def ask_mailbox(runtime, applicant, email):
    """Ask a mailbox to answer for the account; its token."""
    mailbox.change(runtime, applicant, email, PASSWORD, address=HERE, cost=CHEAP)
    return last_letter(runtime, "change_email")["parameters"]["token"]


def test_another_address_is_reached_and_what_is_said_of_the_old_one_does_not_count(
    runtime, applicant
):
    sent(runtime, applicant)
    confirmation.by_link(runtime, ask_mailbox(runtime, applicant, NEW), address=HERE)
    tell(runtime, "bounced")  # late, about the address of before
    assert fate(runtime, applicant)[1] is None
    wait(runtime, 1)
    tell(runtime, "bounced", sent(runtime, applicant, "cd34"))
    assert fate(runtime, applicant)[1] == "bounced"
    wait(runtime, 2)
    confirmation.by_link(runtime, ask_mailbox(runtime, applicant, "s@lagi.id"), address=HERE)
    assert fate(runtime, applicant)[1] is None
    assert "unreachable" not in runtime.tables.get("accounts", {"applicant": applicant})


def test_the_same_address_may_answer_anew_and_is_then_reached(runtime, applicant):
    with pytest.raises(InvalidFields):
        ask_mailbox(runtime, applicant, EMAIL)
    tell(runtime, "complained", sent(runtime, applicant))
    token = ask_mailbox(runtime, applicant, EMAIL)
    wait(runtime, 1)
    confirmation.by_link(runtime, token, address=HERE)
    assert fate(runtime, applicant)[1] is None
    tell(runtime, "complained")  # the same event again, of before the answer
    assert fate(runtime, applicant)[1] is None
    deliver(runtime, outcome(runtime, applicant, "cd34"))
    assert stored(runtime, "cd34")["state"] == "sent"


def test_a_link_for_a_password_goes_even_to_an_address_that_bounced(runtime, applicant):
    """It is asked for without a session: to refuse it would say that there is an account."""
    tell(runtime, "bounced", sent(runtime, applicant))
    passwords.forgot(runtime, EMAIL, address=HERE)
    deliver(runtime, last_letter(runtime, "reset_password")["message"])
    assert runtime.mailer.sent[-1]["to"] == EMAIL


def registered(runtime, email=EMAIL, key="0123456789abcdef"):
    """A registration whose mail SES took: its cookie and its row."""
    cookie = register(runtime, email=email, key=key)
    message = last_letter(runtime)["message"]
    deliver(runtime, message)
    wait(runtime, 2)
    return cookie, message


def test_who_registers_is_told_that_the_mail_came_back_until_the_address_is_changed(runtime):
    cookie, message = registered(runtime)
    assert registration.standing(runtime, cookie)["state"] == "waiting"
    tell(runtime, "bounced", message)
    assert registration.standing(runtime, cookie)["state"] == "unreachable"
    with pytest.raises(Conflict, match="email_unreachable"):
        registration.resend(runtime, cookie, address=HERE)
    with pytest.raises(InvalidFields):
        registration.change_address(runtime, cookie, EMAIL, address=HERE)
    registration.change_address(runtime, cookie, NEW, address=HERE)
    assert registration.standing(runtime, cookie)["state"] == "waiting"
    tell(runtime, "complained", message)  # late, about the address of before
    assert registration.standing(runtime, cookie)["state"] == "waiting"


def test_nobody_else_is_told_and_no_other_registration_of_the_address_is_marked(runtime):
    cookie, message = registered(runtime)
    other, _ = registered(runtime, key="fedcba9876543210")
    tell(runtime, "bounced", message)
    assert registration.standing(runtime, other)["state"] == "waiting"
    mixed = f"{cookie.partition('.')[0]}.{other.partition('.')[2]}"
    with pytest.raises(Forbidden):
        registration.standing(runtime, mixed)


@pytest.mark.parametrize("event", ["delivered", "undelivered", "bounced", "complained"])
def test_a_stranger_learns_the_same_of_an_address_with_an_account_and_of_one_without(
    runtime, applicant, event
):
    tell(runtime, "bounced", sent(runtime, applicant))
    told = []
    for email, key in ((EMAIL, "1" * 16), ("tidak@contoh.id", "2" * 16)):
        cookie, message = registered(runtime, email, key)
        tell(runtime, event, message)
        told.append(registration.standing(runtime, cookie)["state"])
    assert told[0] == told[1]
    assert fate(runtime, applicant)[1] == "bounced"


def test_a_complaint_about_a_strangers_registration_does_not_touch_the_account(runtime, applicant):
    _, message = registered(runtime, EMAIL, "1" * 16)
    tell(runtime, "complained", message)
    assert me.show(runtime, applicant)["email_unreachable"] is None


def test_a_proof_that_was_used_or_is_gone_is_not_marked(runtime):
    cookie, message = registered(runtime)
    token = last_letter(runtime, "confirm_email")["parameters"]
    assert token == {}  # the row forgets it once sent
    key = {"challenge": cookie.partition(".")[0]}
    runtime.tables.items["challenges"][(key["challenge"],)]["used_at"] = runtime.clock()
    tell(runtime, "bounced", message)
    assert "unreachable" not in runtime.tables.get("challenges", key)
    runtime.tables.write(Delete("challenges", key))
    tell(runtime, "complained", message)
    assert runtime.tables.get("challenges", key) is None


def test_the_row_keeps_no_address_and_logs_name_none(runtime, applicant, caplog):
    caplog.set_level("DEBUG")
    tell(runtime, "bounced", sent(runtime, applicant))
    kept = stored(runtime)
    assert kept["to_mac"] == runtime.vault.mac("email", EMAIL)
    assert not {"to", "parameters"} & set(kept)
    assert "ab12" in caplog.text and EMAIL not in caplog.text and kept["to_mac"] not in caplog.text


def test_a_death_between_two_steps_is_mended_by_the_same_event(runtime, applicant, monkeypatch):
    sent(runtime, applicant)
    for step in ("_mark_address", "_mark_row", "notes.leave"):
        with monkeypatch.context() as patched:
            patched.setattr(f"functions.verify.mail_events.{step}", _dies)
            with pytest.raises(KeyboardInterrupt):
                tell(runtime, "bounced")
        tell(runtime, "bounced")
        assert stored(runtime)["state"] == "bounced"
        assert fate(runtime, applicant) == ("unreachable", "bounced")


def _dies(*_, **__):
    raise KeyboardInterrupt


def test_a_mark_on_an_address_that_was_given_up_says_nothing_of_the_new_one(runtime, applicant):
    tell(runtime, "bounced", sent(runtime, applicant))
    account = runtime.tables.items["accounts"][(applicant,)]
    account["email_mac"] = runtime.vault.mac("email", NEW)
    assert me.show(runtime, applicant)["email_unreachable"] is None
    deliver(runtime, outcome(runtime, applicant, "cd34"))
    assert stored(runtime, "cd34")["state"] == "sent"


def test_a_letter_without_an_address_of_its_own_marks_nobody(runtime, applicant):
    letter = Letter("ab12", "mail", "email_changed", to=EMAIL, language="id")
    runtime.tables.write(row(runtime.vault, letter, runtime.clock()))
    deliver(runtime, "ab12")
    tell(runtime, "bounced")
    assert stored(runtime)["state"] == "bounced"
    assert me.show(runtime, applicant)["email_unreachable"] is None


def test_an_export_says_whether_the_address_is_reached(runtime, applicant):
    from functions.verify import exporting
    from functions.web.sessions import find_session
    from tests.verify.people import login

    tell(runtime, "bounced", sent(runtime, applicant))
    session = find_session(runtime, login(runtime))
    told = exporting.export(runtime, session)
    assert told["account"]["email_unreachable"] == "bounced"
    assert set(told["messages"][0]) == {"channel", "template", "state", "at"}
    assert runtime.clock() < session.created_at + DAY
