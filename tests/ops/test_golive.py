"""Production waits for people's answers and for AWS's quotas, and says which are missing."""

import json

import pytest
from click.testing import CliRunner

from infra.deploy import golive as deploy
from infra.deploy.stage import Refused as DeployRefused
from ops import golive
from ops.commands import cli
from ops.errors import Refused
from ops.golive import QUESTIONS, quotas, read_answers, record
from ops.opening.settings import load

ANSWERS = {key: {"answer": "yes", "by": "Sari", "on": "2026-11-20"} for key in QUESTIONS}
READY = load("ready")


@pytest.fixture(autouse=True)
def raised(monkeypatch):
    """The bounds of the queues as they are once the rates are granted."""
    bounds = {"outbox": READY.mail.most_at_once, "codes": READY.sms.most_at_once}
    monkeypatch.setattr(golive, "bounds", lambda: bounds)
    return bounds


class Aws:
    """Service Quotas, SES and SSM of an account that has been granted all, but for changes."""

    def __init__(self, **changes):
        self.granted = {(q.service, q.name): q.wanted for q in quotas(READY)}
        self.account = {
            "ProductionAccessEnabled": True,
            "SendQuota": {"MaxSendRate": READY.mail.rate, "Max24HourSend": READY.mail.day},
        }
        self.throughput = "true"
        self.__dict__.update(changes)

    def __call__(self, service):
        return self

    def get_paginator(self, name):
        assert name == "list_service_quotas"
        return self

    def paginate(self, ServiceCode):
        found = [(n, v) for (s, n), v in self.granted.items() if s == ServiceCode]
        return [{"Quotas": [{"QuotaName": n, "Value": v}]} for n, v in found]

    def get_account(self):
        return self.account

    def get_service_setting(self, SettingId):
        return {"ServiceSetting": {"SettingValue": self.throughput}}


def still_open(answers=ANSWERS, **changes):
    return record(Aws(**changes), READY, answers, 7)["open"]


def test_nothing_is_open_when_all_is_answered_and_granted(tmp_path):
    found = record(Aws(), READY, ANSWERS, 7)
    assert found == {"stage": "production", "at": 7, "open": [], "answered": ANSWERS}
    file = tmp_path / "golive.json"
    file.write_text(json.dumps(found))
    deploy.check("production", file, 8)


@pytest.mark.parametrize("key", QUESTIONS)
def test_each_question_needs_an_answer_a_name_and_a_day(key):
    for part in ("answer", "by", "on"):
        given = {**ANSWERS, key: {**ANSWERS[key], part: " "}}
        assert still_open(given) == [f"{key}: {QUESTIONS[key]}"]
    assert still_open({k: v for k, v in ANSWERS.items() if k != key}) != []


def test_each_quota_is_asked_about_and_one_that_is_not_found_is_open():
    for quota in quotas(READY):
        granted = {**Aws().granted, (quota.service, quota.name): quota.wanted - 1}
        (point,) = still_open(granted=granted)
        assert quota.name in point
        del granted[quota.service, quota.name]
        (point,) = still_open(granted=granted)
        assert "not found" in point


def test_the_sandbox_and_slow_mails_are_open_points():
    slow = {"ProductionAccessEnabled": False, "SendQuota": {"MaxSendRate": 1.0}}
    assert [point.split(":")[0] for point in still_open(account=slow)] == ["ses"] * 3
    assert still_open(throughput="false") == ["ssm: higher throughput is not switched on"]


@pytest.mark.parametrize("queue", ["outbox", "codes"])
def test_a_bound_that_leaves_a_granted_rate_unused_is_an_open_point(raised, queue):
    raised[queue] = 2
    (point,) = still_open()
    assert point.startswith(f"queue {queue}: 2 batches at once send 1")


def test_a_record_with_open_points_does_not_let_production_through(tmp_path):
    file = tmp_path / "golive.json"
    file.write_text(json.dumps(record(Aws(throughput="false"), READY, ANSWERS, 7)))
    with pytest.raises(DeployRefused, match="higher throughput"):
        deploy.check("production", file, 8)


def test_answers_to_questions_that_nobody_asks_are_refused(tmp_path):
    file = tmp_path / "answers.json"
    file.write_text('{"lwa": {}}')
    with pytest.raises(Refused, match="lwa"):
        read_answers(file)


def test_the_questions_are_shown_without_a_stage():
    said = CliRunner().invoke(cli, ["golive", "--questions"], obj={}).output
    assert set(QUESTIONS) == {line.split(":")[0] for line in said.splitlines()}
