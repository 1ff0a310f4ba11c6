"""The list before production: what people answer for, and the quotas that AWS is asked about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.errors import Refused
from ops.opening.bounds import STAGE, bounds
from ops.opening.measured import measured
from ops.opening.settings import Settings

# What takes the worker of a queue longest, of what people wait for; and how near to the rate a
# bound has to come, since these times are assumed in part (ops/opening/quotas.py).
SLOWEST = {"outbox": "mail confirm_email", "codes": "sms phone_code"}
ENOUGH = 0.8
HIGH_THROUGHPUT = "/ssm/parameter-store/high-throughput-enabled"
# What people have done, and a name and a day stand for it.
QUESTIONS = {
    "law": "Who has signed the assessment of data protection (UU PDP 27/2022), and where is it?",
    "people": "Who holds each role of docs/operate.md, each with a second factor?",
    "alarms": "Who is called by the alarms at night, and has answered a test alarm?",
    "keys": "Has `keys create` run, and who keeps the pins' copy outside of this account?",
    "witnesses": "Which institutions sign, and has each signed a list on staging?",
    "restore": "When was a table restored from its backup, by whom?",
    "rehearsal": "When did a wave run to its end on staging, and was its draw verified by others?",
    "load": "Which load did staging take, and what broke first (docs/opening-day.md)?",
    "attack": "Who outside the team has tried to break in, and what is still open?",
    "sms": "Has the gateway sent to each operator, and what may be spent in a month?",
    "mail": "Do mails arrive in the inbox of the three largest providers, DMARC passing?",
    "help": "Who answers applicants, and do they know the pages and what is never asked for?",
    "rollback": "When was `make rollback` tried on staging?",
}


@dataclass(frozen=True)
class Quota:
    """One of AWS's: the service and the name that Service Quotas has for it, and what is wanted."""

    service: str
    name: str
    wanted: float


def quotas(settings: Settings) -> list[Quota]:
    """What an opening day with these settings leans on (ops/opening/quotas.py has the defaults)."""
    return [
        Quota("lambda", "Concurrent executions", settings.functions.concurrency),
        Quota("apigateway", "Throttle rate", settings.door.gateway_rate),
        Quota("dynamodb", "Table-level write throughput limit", settings.tables.warm_writes),
        Quota("dynamodb", "Table-level read throughput limit", settings.tables.warm_reads),
    ]


def record(
    client: Callable[[str], Any], settings: Settings, answers: dict[str, Any], now: int
) -> dict[str, Any]:
    """What the deploy of production reads: the points still open, and the answers. `client`
    gives boto3's for a service; `now`: seconds since 1970."""
    still_open = [
        *_unanswered(answers),
        *_quotas_too_low(client("service-quotas"), quotas(settings)),
        *_mail_too_slow(client("sesv2"), settings),
        *_parameters_too_slow(client("ssm"), settings),
        *_bounds_too_low(settings),
    ]
    answered = {key: answers[key] for key in QUESTIONS if key in answers}
    return {"stage": STAGE, "at": now, "open": still_open, "answered": answered}


def read_answers(file: Path) -> dict[str, Any]:
    """{question: {answer, by, on}} of a JSON file. Raises Refused."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(f"{file} is no JSON file") from error
    if not isinstance(found, dict):
        raise Refused(f"{file} must be an object: a question's name, and answer, by, on")
    if unknown := sorted(set(found) - set(QUESTIONS)):
        raise Refused(f"{file} answers what nobody asks: {', '.join(unknown)}")
    return found


def _unanswered(answers: dict[str, Any]) -> Iterator[str]:
    for key, question in QUESTIONS.items():
        given = answers.get(key)
        parts = given if isinstance(given, dict) else {}
        if not all(str(parts.get(part, "")).strip() for part in ("answer", "by", "on")):
            yield f"{key}: {question}"


def _quotas_too_low(client: Any, wanted: list[Quota]) -> Iterator[str]:
    for quota in wanted:
        granted = _granted(client, quota)
        if granted is None:
            yield f"{quota.service}, {quota.name}: not found, look it up in Service Quotas"
        elif granted < quota.wanted:
            yield f"{quota.service}, {quota.name}: {granted:,.0f} of {quota.wanted:,.0f}"


def _granted(client: Any, quota: Quota) -> float | None:
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode=quota.service)
    values = [
        float(found["Value"])
        for page in pages
        for found in page["Quotas"]
        if found["QuotaName"] == quota.name
    ]
    return values[0] if values else None


def _mail_too_slow(client: Any, settings: Settings) -> Iterator[str]:
    account = client.get_account()
    if not account.get("ProductionAccessEnabled"):
        yield "ses: still in the sandbox, which sends to verified addresses only"
    limits = account.get("SendQuota", {})
    for key, wanted, unit in (
        ("MaxSendRate", settings.mail.rate, "a second"),
        ("Max24HourSend", settings.mail.day, "a day"),
    ):
        if float(limits.get(key, 0)) < wanted:
            yield f"ses: {limits.get(key, 0):,.0f} mails {unit} of {wanted:,.0f}"


def _parameters_too_slow(client: Any, settings: Settings) -> Iterator[str]:
    found = client.get_service_setting(SettingId=HIGH_THROUGHPUT)["ServiceSetting"]
    if settings.functions.parameter_rate > 40 and found["SettingValue"] != "true":
        yield "ssm: higher throughput is not switched on"


def _bounds_too_low(settings: Settings) -> Iterator[str]:
    """A rate that was granted is of no use beyond what the worker may send at once."""
    rates = {"outbox": settings.mail.rate, "codes": settings.sms.rate}
    for queue, most in bounds().items():
        sent = most / measured().cost(SLOWEST[queue]).seconds
        if sent < ENOUGH * rates[queue]:
            yield f"queue {queue}: {most} batches at once send {sent:,.0f} of {rates[queue]:,.0f}"
