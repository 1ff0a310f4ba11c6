"""The inbox: mails and SMS as they would be received."""

import json
from email.message import EmailMessage

import pytest
import urllib3

from functions.cloud.mail import SesMailer
from functions.cloud.sms import SnsSender
from local import settings
from local.inbox import PATH, mail_messages
from local.mail_events import BOUNCING


@pytest.fixture(scope="module")
def sent(moto):
    """One mail and one SMS through the real adapters."""
    where, clients, _ = moto
    config = settings.config(where)
    clients("ses").verify_email_identity(EmailAddress=config.mail_from)
    SesMailer(clients, config).send(
        "budi@contoh.example",
        "Kode Anda",
        "Kodenya 123456 — åéî",
        "<p>Kodenya 123456</p>",
        message="ab12",
    )
    SnsSender(clients).send("+6281190009001", "Kode Anda 123456")
    return where


def inbox(where, query=""):
    answer = urllib3.request("GET", f"{where.cloud}{PATH}{query}")
    return json.loads(answer.data)


def test_a_mail_shows_its_subject_and_both_of_its_texts_once(sent):
    (mail,) = inbox(sent, "?to=Budi@contoh.example")
    assert (mail["channel"], mail["to"]) == ("mail", "budi@contoh.example")
    assert mail["subject"] == "Kode Anda"
    assert mail["text"].strip() == "Kodenya 123456 — åéî"
    assert "<p>Kodenya 123456</p>" in mail["html"]


def test_an_sms_shows_its_number_and_text(sent):
    (sms,) = inbox(sent, "?to=%2B6281190009001")
    assert (sms["channel"], sms["text"], sms["html"]) == ("sms", "Kode Anda 123456", "")


def test_the_newest_message_is_last_and_others_are_not_shown_to_a_name(sent):
    assert [message["channel"] for message in inbox(sent)] == ["mail", "sms"]
    assert inbox(sent, "?to=someone@else.example") == []


def test_a_mail_that_comes_back_is_told_to_the_queue_and_shown_to_nobody(moto, sent):
    """A request of the real adapter, through the stack that the template makes."""
    _, clients, _ = moto
    config = settings.config(sent)
    to = f"ani@{BOUNCING}"
    SesMailer(clients, config).send(to, "Kode Anda", "123456", "<p>123456</p>", message="cd34")
    sqs = clients("sqs")
    url = sqs.get_queue_url(QueueName=config.name("mail-events"))["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    told = [json.loads(message["Body"]) for message in found]
    assert {"event": "delivered", "message": ["ab12"]} in told
    assert {"event": "bounced", "message": ["cd34"]} in told
    assert inbox(sent, f"?to={to}") == []


def test_a_mail_without_html_is_shown_as_text():
    message = EmailMessage()
    message["To"], message["Subject"] = "a@b.example", "Halo"
    message.set_content("isi")
    (shown,) = mail_messages(message.as_string(), ["a@b.example"], "now")
    assert (shown.text.strip(), shown.html) == ("isi", "")
