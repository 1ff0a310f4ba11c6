"""From a mail to what verify's worker is told of it: SES's events through the template's rules."""

import json
from io import BytesIO
from urllib.parse import urlencode

import boto3
import pytest
from moto import mock_aws

from functions.cloud.outbox import Letter, row
from functions.verify import worker
from functions.verify.delivery import deliver
from local.mail_events import (
    BOUNCING,
    COMPLAINING,
    FULL,
    MailEvents,
    events,
    mail_part,
    to_event_bridge,
    transformed,
)
from local.settings import ACCOUNT, REGION
from local.template import Template, Unsupported
from tests.fakes import NOON, fake_runtime

SET, QUEUE = "gelombang-dev-mail", "gelombang-dev-mail-events"
MESSAGE = "<SendRawEmailResult><MessageId>0100</MessageId></SendRawEmailResult>"


@pytest.fixture(scope="module")
def queue():
    """The template's rules and their queue on moto in this process."""
    given = {"Stage": "dev", "Origin": "https://x.example", "MailFrom": "no-reply@x.example"}
    template = Template(given, ACCOUNT, REGION)
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "testing")
        # The moto process of this package's other tests may still stand.
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
        events = boto3.client("events", region_name=REGION)
        for rule in template.of_type("AWS::Events::Rule"):
            about = rule.properties
            events.put_rule(Name=about["Name"], EventPattern=json.dumps(about["EventPattern"]))
            events.put_targets(Rule=about["Name"], Targets=about["Targets"])
        yield boto3.resource("sqs", region_name=REGION).create_queue(QueueName=QUEUE)


def taken(queue):
    """The bodies on the queue, which is empty afterwards."""
    bodies = []
    while found := queue.receive_messages(MaxNumberOfMessages=10):
        for message in found:
            bodies.append(message.body)
            message.delete()
    return bodies


def tell(queue, *told):
    """Events, as SES puts them on the bus; the bodies on the queue after them."""
    put = to_event_bridge(ACCOUNT, REGION)
    for event in told:
        put(event)
    return taken(queue)


def asked(to, configuration_set=SET):
    """The parameters of SendRawEmail, as boto3 writes them."""
    return {
        "Action": "SendRawEmail",
        "Source": "no-reply@x.example",
        "Destinations.member.1": to,
        "ConfigurationSetName": configuration_set,
        "Tags.member.1.Name": "message",
        "Tags.member.1.Value": "ab12",
    }


def a_mail(to, configuration_set=SET):
    return mail_part(asked(to, configuration_set), "0100", ACCOUNT, "2026-01-05T05:00:00Z")


def post(queue, to, **changes):
    """A mail through the layer; the bodies on the queue after it."""
    scope = f"AWS4-HMAC-SHA256 Credential=K/20260105/{REGION}/ses/aws4_request"
    body = urlencode({**asked(to), **changes}).encode()
    environ = {
        "HTTP_AUTHORIZATION": scope,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    seen = []

    def ses(environ, start_response):
        seen.append(environ["wsgi.input"].read())
        return [MESSAGE.encode()]

    layer = MailEvents(ses, to_event_bridge(ACCOUNT, REGION), ACCOUNT, lambda: NOON)
    assert b"".join(layer(environ, None)) == MESSAGE.encode()
    assert seen == [body]
    return taken(queue)


@pytest.mark.parametrize(
    ("domain", "told"),
    [
        ("contoh.example", ["delivered"]),
        (BOUNCING, ["bounced"]),
        (FULL, ["undelivered"]),
        (COMPLAINING, ["delivered", "complained"]),
    ],
)
def test_what_becomes_of_a_mail_reaches_the_queue_without_its_address(queue, domain, told):
    bodies = post(queue, f"siti@{domain}")
    assert sorted(json.loads(b)["event"] for b in bodies) == sorted(told)
    assert all(set(json.loads(b)) == {"event", "message"} for b in bodies)
    assert "siti" not in "".join(bodies) and domain not in "".join(bodies)


def test_the_worker_takes_what_the_rules_write(queue):
    runtime = fake_runtime()
    letter = Letter("ab12", "mail", "email_changed", to=f"siti@{COMPLAINING}", language="id")
    runtime.tables.write(row(runtime.vault, letter, runtime.clock()))
    deliver(runtime, "ab12")
    records = [{"messageId": "m", "body": body} for body in post(queue, f"siti@{COMPLAINING}")]
    assert worker.handle_mail_events(runtime, records) == []
    assert runtime.tables.get("outbox", {"message": "ab12"})["state"] == "complained"


def test_what_the_rules_do_not_ask_for_is_not_told(queue):
    kind, detail = list(events(a_mail(f"siti@{COMPLAINING}")))[-1]
    assert len(tell(queue, (kind, detail))) == 1
    detail["complaint"]["complaintFeedbackType"] = "not-spam"
    assert tell(queue, (kind, detail)) == []
    del detail["complaint"]["complaintFeedbackType"]
    assert len(tell(queue, (kind, detail))) == 1
    assert tell(queue, *events(a_mail("siti@contoh.example", "another-set"))) == []
    assert tell(queue, ("Email Opened", {"mail": a_mail("siti@contoh.example")})) == []


def test_a_mail_that_ses_took_for_harmful_was_not_delivered(queue):
    (body,) = tell(queue, ("Email Rejected", {"mail": a_mail("siti@contoh.example")}))
    assert json.loads(body) == {"event": "undelivered", "message": ["ab12"]}


def test_a_mail_without_a_configuration_set_and_other_services_are_told_nothing_of(queue):
    layer = MailEvents(lambda *_: [b"as it was"], pytest.fail, ACCOUNT, lambda: NOON)
    assert layer({"HTTP_AUTHORIZATION": "K/20260105/x/sns/aws4_request"}, None) == [b"as it was"]
    assert post(queue, "siti@contoh.example", ConfigurationSetName="another-set") == []


def test_a_rule_may_name_members_by_dots_alone():
    assert transformed(None, {}, {"a": 1}) == {"a": 1}
    assert transformed('{"b": <x>}', {"x": "$.a.b"}, {"a": {"b": ["c"]}}) == {"b": ["c"]}
    with pytest.raises(Unsupported):
        transformed('{"b": <x>}', {"x": "a.b"}, {"a": {"b": 1}})
