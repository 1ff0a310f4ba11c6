"""The whole way of a review on the real template: phone, queue, operator, mail, audit chain."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from email import message_from_string, policy

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws
from moto.ses import ses_backends
from PIL import Image

from functions.cloud.clients import Clients
from functions.cloud.runtime import runtime_from
from functions.cloud.tables import Put, Update
from functions.cloud.vault import create_keys
from functions.programme.times import wib_date
from functions.programme.tokens import hash_secret
from functions.upload.app import create
from functions.upload.checking import check_photo
from functions.upload.photo.judge import judge
from functions.verify import worker
from local import applicants, settings
from local.stack import create_stack
from ops.commands import cli
from tests.fakes import FakeClock


@pytest.fixture
def runtime(monkeypatch):
    """Every port on moto, on a stack made from the template."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", settings.ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", settings.SECRET_KEY)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    place = settings.place(1024)
    environment = {
        name: value
        for name, value in settings.environment(place, {}).items()
        if name != "AWS_ENDPOINT_URL"
    }
    with mock_aws():
        runtime = runtime_from(environment, FakeClock())
        assert runtime.config == replace(settings.config(place), endpoint=None)
        clients = Clients(runtime.config)
        create_stack(clients, runtime.config)
        create_keys(clients, runtime.config)
        clients("ses").verify_email_identity(EmailAddress=runtime.config.mail_from)
        yield runtime


@pytest.fixture
def person(runtime):
    (person,) = applicants.invented_people(1, wib_date(runtime.clock()))
    return person


@pytest.fixture
def applicant(runtime, person):
    """An applicant who lacks the photo of the KTP alone."""
    applicant = applicants.register(runtime, person)
    runtime.tables.write(Update("readiness", {"applicant": applicant}, remove=["ktp"]))
    return applicant


class Phone:
    """The applicant's browser, logged in."""

    def __init__(self, runtime, applicant):
        self._runtime, self._applicant = runtime, applicant
        now = runtime.clock()
        session = {"applicant": applicant, "session": "s1", "secret_hash": hash_secret("x")}
        runtime.tables.write(Put("sessions", {**session, "created_at": now, "seen_at": now}))
        self._client = create(runtime).test_client()
        self._client.set_cookie("session", f"{applicant}.s1.x", domain="localhost")

    def ask(self, method, path, status=200, **more):
        headers = {"Origin": self._runtime.config.origin, **more.pop("headers", {})}
        path = f"/api/upload/{path}"
        answer = self._client.open(path, method=method, headers=headers, **more)
        assert answer.status_code == status, answer.json
        return answer.json

    def send(self, picture):
        """One KTP photo, judged as the worker does; gives what the page then shows."""
        self._runtime.clock.advance(60_000)
        key = {"Idempotency-Key": self._runtime.random(16).hex()}
        body = {"kind": "ktp", "size": len(picture), "content_type": "image/jpeg"}
        photo = self.ask("POST", "photos", 201, json=body, headers=key)["photo"]
        name = f"{self._applicant}/{photo}"
        files = self._runtime.files
        version = files.write("incoming", name, picture, content_type="image/jpeg")
        check_photo(self._runtime, judge, name, version)
        assert files.names("incoming", self._applicant) == []
        return self.ask("GET", f"photos/{photo}")


def dark_picture():
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 1200), (9, 9, 9)).save(buffer, "JPEG")
    return buffer.getvalue()


def operate(runtime, *words):
    done = CliRunner().invoke(cli, [str(w) for w in words], obj={"runtime": lambda: runtime})
    return done.exit_code, done.output


def tag_of(runtime, applicant, photo):
    item = runtime.tables.get("photos", {"applicant": applicant, "photo": photo})
    answer = boto3.client("s3", region_name=runtime.config.region).get_object_tagging(
        Bucket=runtime.config.bucket("photos"), Key=f"{applicant}/{photo}", VersionId=item["copy"]
    )
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


def mails(runtime):
    """Mails sent so far, after the outbox' queue was worked through as Lambda would."""
    config = runtime.config
    sqs = boto3.client("sqs", region_name=config.region)
    url = sqs.get_queue_url(QueueName=config.name("outbox"))["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in found]
    assert worker.handle_batch(runtime, records) == []
    sent = ses_backends[config.account][config.region].sent_messages
    return [message_from_string(mail.raw_data, policy=policy.default) for mail in sent]


def test_a_photo_refused_twice_is_accepted_by_a_person(runtime, person, applicant, tmp_path):
    phone = Phone(runtime, applicant)
    first = phone.send(dark_picture())
    assert (first["state"], first["reasons"], first["may_review"]) == (
        "refused",
        ["too_dark"],
        False,
    )
    photo = phone.send(dark_picture())["photo"]
    assert tag_of(runtime, applicant, photo) == {"state": "refused"}
    assert phone.ask("GET", f"photos/{photo}")["may_review"]
    assert phone.ask("POST", f"photos/{photo}/review")["state"] == "in_review"
    assert tag_of(runtime, applicant, photo) == {"state": "in_review"}

    path = tmp_path / "picture.jpg"
    sri, tono = ("--operator", "sri", "--out", path), ("--operator", "tono", "--out", path)
    status, told = operate(runtime, "review", "next", *sri, "--json")
    assert (status, json.loads(told)["photo"]) == (0, f"{applicant}/{photo}")
    assert Image.open(path).size == (1600, 1200)
    assert operate(runtime, "review", "next", *tono) == (0, "nothing is waiting\n")
    decision = ("review", "accept", f"{applicant}/{photo}", "--nik", person.nik)
    assert operate(runtime, *decision, "--operator", "tono")[0] == 1, "sri holds it"
    assert operate(runtime, *decision, "--operator", "sri") == (0, "accepted\n")

    ready = runtime.tables.get("readiness", {"applicant": applicant})
    assert ready["ktp"] == photo
    assert tag_of(runtime, applicant, photo) == {"state": "accepted"}
    shown = phone.ask("GET", "photos")["photos"][0]
    assert (shown["state"], shown["reasons"], shown["by_person"]) == ("accepted", [], True)
    (mail,) = mails(runtime)
    assert (mail["To"], mail["Subject"]) == (
        person.email,
        "Hasil pemeriksaan foto KTP Anda: diterima",
    )


def test_a_refusal_by_a_person_is_told_with_its_reason(runtime, applicant, tmp_path):
    phone = Phone(runtime, applicant)
    phone.send(dark_picture())
    photo = phone.send(dark_picture())["photo"]
    phone.ask("POST", f"photos/{photo}/review")
    sri = ("--operator", "sri")
    operate(runtime, "review", "next", *sri, "--out", tmp_path / "picture.jpg")
    refused = operate(
        runtime, "review", "refuse", f"{applicant}/{photo}", *sri, "--reason", "blurred"
    )
    assert refused == (0, "refused\n")
    assert tag_of(runtime, applicant, photo) == {"state": "refused"}
    shown = phone.ask("GET", f"photos/{photo}")
    assert (shown["state"], shown["reasons"], shown["by_person"]) == ("refused", ["blurred"], True)
    (mail,) = mails(runtime)
    assert "Foto kabur." in mail.get_body(("plain",)).get_content()
    assert "may_review" in shown and not shown["may_review"]


def test_the_audit_chain_verifies_until_someone_changes_a_record(runtime, applicant, tmp_path):
    phone = Phone(runtime, applicant)
    phone.send(dark_picture())
    photo = phone.send(dark_picture())["photo"]
    phone.ask("POST", f"photos/{photo}/review")
    operate(runtime, "review", "next", "--operator", "sri", "--out", tmp_path / "picture.jpg")
    operate(runtime, "review", "release", f"{applicant}/{photo}", "--operator", "sri")
    status, head = operate(runtime, "audit", "verify")
    assert status == 0 and head.startswith("1:")
    runtime.tables.write(Update("audit", {"chain": "operators", "number": 0}, set={"who": "tono"}))
    assert operate(runtime, "audit", "verify") == (
        1,
        "Error: the audit chain is broken: record 0: was changed\n",
    )


def test_no_nik_lies_in_a_table_or_a_name_after_a_review(runtime, person, applicant, tmp_path):
    phone = Phone(runtime, applicant)
    phone.send(dark_picture())
    photo = phone.send(dark_picture())["photo"]
    phone.ask("POST", f"photos/{photo}/review")
    sri = ("--operator", "sri")
    operate(runtime, "review", "next", *sri, "--out", tmp_path / "picture.jpg")
    operate(runtime, "review", "accept", f"{applicant}/{photo}", *sri, "--nik", person.nik)
    tables = ("photos", "readiness", "audit", "outbox", "accounts")
    for table in tables:
        for item in runtime.tables.scan(table):
            assert person.nik not in repr(item) and person.email not in repr(item), table
