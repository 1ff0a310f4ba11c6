"""Mail and SMS adapters: what is handed over, and which failures are worth another try."""

from __future__ import annotations

import email
import json
import socket
import threading
from dataclasses import replace
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from functions.cloud.config import ConfigError
from functions.cloud.mail import SendFailed, SesMailer
from functions.cloud.sms import GatewaySender, SnsSender, sms_sender
from tests.fakes import CONFIG


@pytest.fixture
def clients(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = {s: boto3.client(s, region_name=CONFIG.region) for s in ("ses", "sns", "ssm")}
        made["ssm"].put_parameter(
            Name=CONFIG.parameter("sms/token"), Value="token", Type="SecureString"
        )
        yield made.__getitem__


class Gateway(HTTPServer):
    """An SMS gateway that answers with `status` and keeps what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _GatewayHandler)
        self.status = 200
        self.asked = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/send"


class _GatewayHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.headers["Authorization"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b'{"id": 77}')

    def log_message(self, *words):
        """Quiet."""


@pytest.fixture
def gateway():
    server = Gateway()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def sender(clients, address):
    return sms_sender(clients, replace(CONFIG, sms_provider="gateway", sms_gateway_url=address))


def test_a_mail_goes_out_with_both_its_texts_and_the_programmes_name(clients):
    clients("ses").verify_email_identity(EmailAddress=CONFIG.mail_from)
    mailer = SesMailer(clients, CONFIG)
    mailer.send("siti@contoh.example", "Judul é", "teks", "<p>html</p>", message="ab12")
    (sent,) = ses_backends[DEFAULT_ACCOUNT_ID][CONFIG.region].sent_messages
    message = email.message_from_string(sent.raw_data, policy=policy.default)
    assert str(message["From"]) == f"{CONFIG.programme} <{CONFIG.mail_from}>"
    assert message["Subject"] == "Judul é"
    assert message.get_body(("plain",)).get_content().strip() == "teks"
    assert message.get_body(("html",)).get_content().strip() == "<p>html</p>"


@pytest.mark.parametrize("subject", ["a\nBcc: x@evil.example", "a\r\nX: y"])
def test_a_header_cannot_be_smuggled_into_a_mail(clients, subject):
    clients("ses").verify_email_identity(EmailAddress=CONFIG.mail_from)
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        SesMailer(clients, CONFIG).send("siti@contoh.example", subject, "t", "<p>", message="ab12")


def test_the_row_goes_with_the_mail_where_its_receiver_does_not_see_it(clients):
    asked = []
    clients("ses").verify_email_identity(EmailAddress=CONFIG.mail_from)
    clients("ses").meta.events.register(
        "provide-client-params.ses.SendRawEmail", lambda params, **_: asked.append(params)
    )
    SesMailer(clients, CONFIG).send("siti@contoh.example", "s", "t", "h", message="ab12")
    (params,) = asked
    assert params["Tags"] == [{"Name": "message", "Value": "ab12"}]
    assert params["ConfigurationSetName"] == CONFIG.name("mail")
    assert b"ab12" not in params["RawMessage"]["Data"]


def test_a_sender_that_ses_does_not_know_is_no_passing_fault(clients):
    with pytest.raises(SendFailed) as failure:
        SesMailer(clients, CONFIG).send("siti@contoh.example", "s", "t", "h", message="ab12")
    assert failure.value.again is False


def test_sns_gets_number_and_text(clients):
    SnsSender(clients).send("+6281290000001", "kode")
    (sent,) = sns_backends[DEFAULT_ACCOUNT_ID][CONFIG.region].sms_messages.values()
    assert tuple(sent[:2]) == ("+6281290000001", "kode")


def test_a_number_that_is_none_is_no_passing_fault(clients):
    with pytest.raises(SendFailed) as failure:
        SnsSender(clients).send("0812", "kode")
    assert failure.value.again is False


def test_a_gateway_gets_number_text_and_token(clients, gateway):
    assert sender(clients, gateway.address).send("+6281290000001", "kode") == "77"
    assert gateway.asked == [("Bearer token", {"to": "+6281290000001", "text": "kode"})]


@pytest.mark.parametrize(
    ("status", "again", "unsure"),
    [
        *((400, False, False), (401, False, False), (429, True, False)),
        *((500, True, True), (503, True, True)),
    ],
)
def test_a_gateways_refusal_says_whether_to_try_again(clients, gateway, status, again, unsure):
    gateway.status = status
    with pytest.raises(SendFailed) as failure:
        sender(clients, gateway.address).send("+6281290000001", "kode")
    assert (failure.value.again, failure.value.unsure) == (again, unsure)


def test_a_gateway_that_is_away_may_come_back(clients):
    with socket.socket() as closed, pytest.raises(SendFailed) as failure:
        closed.bind(("127.0.0.1", 0))  # taken by us, but nobody listens
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
        sender(clients, address).send("+6281290000001", "kode")
    assert (failure.value.again, failure.value.unsure) == (True, False)


def test_the_settings_choose_the_sender(clients):
    assert isinstance(sms_sender(clients, CONFIG), SnsSender)
    assert isinstance(sender(clients, "https://gateway.example"), GatewaySender)
    for wrong in ({"sms_provider": "pigeon"}, {"sms_provider": "gateway"}):
        with pytest.raises(ConfigError, match="GELOMBANG_SMS_PROVIDER"):
            sms_sender(clients, replace(CONFIG, **wrong))
