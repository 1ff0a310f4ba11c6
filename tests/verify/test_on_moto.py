"""The whole of verify on an emulator of AWS: tables, keys, queue, mail and SMS."""

from functools import partial

import boto3
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends
from moto.sns import sns_backends

from functions.cloud.tables import KEYS
from functions.programme.times import MINUTE
from functions.verify import worker
from functions.web.sessions import find_session
from tests.verify.browser import Browser
from tests.verify.emulator import REGION, emulated
from tests.verify.journey import (
    LOGIN,
    REGISTRATION,
    code_in,
    new_password,
    to_dashboard,
    to_readiness,
)
from tests.verify.people import EMAIL, NAME, PROFILE, SARI


@pytest.fixture
def runtime():
    with emulated() as made:
        yield made


def pump(runtime):
    """Bring what is on the queues to the worker, as Lambda does."""
    for queue in ("outbox", "codes"):
        carry(runtime, boto3.client("sqs", region_name=REGION), queue)


def carry(runtime, sqs, queue):
    url = sqs.get_queue_url(QueueName=runtime.config.name(queue))["QueueUrl"]
    while found := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in found]
        assert worker.handle_batch(runtime, records) == []
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def mails(runtime):
    from email import message_from_string, policy

    def received():
        pump(runtime)
        sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
        raw = [message_from_string(mail.raw_data, policy=policy.default) for mail in sent]
        return [mail.get_body(("plain",)).get_content() for mail in raw]

    return received


@pytest.fixture
def texts(runtime):
    def received():
        pump(runtime)
        sent = sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages.values()
        return [text for _, text in sent]

    return received


def test_an_applicant_goes_all_the_way_on_the_emulator(runtime, mails, texts):
    browser = Browser(runtime)
    to_dashboard(browser, mails)
    me = to_readiness(browser, texts)
    assert me["missing"] == ["ktp", "selfie"]
    assert me["profile"] == PROFILE
    assert [(note["template"], note["state"]) for note in me["delivery"]] == [
        ("phone_code", "sent")
    ]
    session = browser.cookie("session")
    new_password(browser, mails, "teh manis hangat")
    assert find_session(runtime, session) is None
    browser.ask("POST", "/sessions", {**LOGIN, "password": "teh manis hangat"}, expect=201)
    move_mailbox(browser, mails, texts)
    browser.ask("DELETE", "/sessions", {}, expect=204)
    check_nothing_in_clear(runtime)


def move_mailbox(browser, mails, texts):
    new = {"email": "sari@baru.id"}
    body = {**new, "password": "teh manis hangat"}
    browser.ask("POST", "/phone/code", {"password": body["password"]}, expect=202)
    browser.ask("PUT", "/email", {**body, "code": code_in(texts()[-1])}, expect=202)
    browser.ask("POST", "/email/confirm", {**new, "code": code_in(mails()[-1])})
    browser.ask("POST", "/sessions", body, expect=201)
    assert browser.ask("GET", "/me")["email"] == "s***i@baru.id"


def check_nothing_in_clear(runtime):
    stored = "".join(repr(item) for table in KEYS for item in runtime.tables.scan(table))
    secrets = (EMAIL, "sari@baru.id", NAME, SARI["nik"], SARI["kk"], "81234569001", "Contoh")
    assert not [secret for secret in secrets if secret in stored]


def test_conditions_refuse_on_the_emulator_what_they_refuse_on_fakes(runtime, mails, texts):
    first, second = Browser(runtime), Browser(runtime, address="198.51.100.1")
    to_dashboard(first, mails)
    to_readiness(first, texts)
    browser_with(second, mails, "budi@contoh.id")
    identity = {**SARI, "birth_date": "1995-06-01"}
    ready = partial(_held, runtime)
    assert second.ask("PUT", "/identity", identity)["warnings"] == []
    assert (ready(first), ready(second)) == (False, True)
    corrected = {**identity, "nik": "3201014106959003"}
    first.ask("PUT", "/identity", corrected)
    second.ask("PUT", "/identity", identity)
    first.ask("PUT", "/identity", identity)
    assert (ready(first), ready(second)) == (True, False)


def _held(runtime, browser):
    applicant = browser.ask("GET", "/me")["applicant"]
    return "held" in runtime.tables.get("readiness", {"applicant": applicant})


def browser_with(browser, mails, email):
    registration = {**REGISTRATION, "email": email, "name": "Budi", "language": "en"}
    key = {"key": "1" * 32}
    browser.ask("POST", "/accounts", registration, expect=202, **key)
    browser.ask("POST", "/accounts", registration, expect=202, **key)
    code = code_in(mails()[-1])
    wrong = {"email": email, "code": f"{(int(code) + 1) % 10**6:06d}"}
    assert browser.refused("POST", "/email/confirm", wrong, status=422)[0] == "code_wrong"
    browser.ask("POST", "/email/confirm", {"email": email, "code": code})
    browser.ask("POST", "/sessions", {**LOGIN, "email": email}, expect=201)


def test_the_tick_finds_through_the_index_what_the_queue_lost(runtime, mails):
    Browser(runtime).ask("POST", "/accounts", REGISTRATION, expect=202)
    sqs = boto3.client("sqs", region_name=REGION)
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName="gelombang-test-outbox")["QueueUrl"])
    assert mails() == []
    runtime.clock.advance(2 * MINUTE)
    assert worker.sweep(runtime) == 1
    assert worker.sweep(runtime) == 0
    assert len(mails()) == 1
    runtime.clock.advance(20 * MINUTE)
    assert worker.sweep(runtime) == 0
