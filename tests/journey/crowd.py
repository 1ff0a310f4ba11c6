"""A crowd: invented ready applicants with sessions, who join over HTTP."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass

from functions.cloud.runtime import runtime_from
from functions.cloud.tables import Put
from functions.programme.times import wib_date
from functions.programme.tokens import hash_secret
from local import applicants
from local.clock import FileClock
from tests.local.stack import surroundings


@dataclass(frozen=True)
class Member:
    """One of the crowd, logged in."""

    applicant: str
    cookie: str


def runtime_of(place):
    """The ports of the local system, for this process."""
    with surroundings(place):
        runtime = runtime_from(os.environ, FileClock(place.clock_file))
        for service in ("dynamodb", "kms", "ssm", "s3", "sqs"):
            runtime.tables._clients(service)
    return runtime


def gather(runtime, count):
    """Make `count` ready applicants and log each in."""
    today = wib_date(runtime.clock())
    return [login(runtime, p) for p in applicants.invented_people(count, today)]


def login(runtime, person):
    applicant = applicants.register(runtime, person)
    session, secret = uuid.uuid4().hex, uuid.uuid4().hex
    now = runtime.clock()
    item = {
        "applicant": applicant,
        "session": session,
        "secret_hash": hash_secret(secret),
        "created_at": now,
        "seen_at": now,
    }
    runtime.tables.write(Put("sessions", item))
    return Member(applicant, f"session={applicant}.{session}.{secret}")


def join(place, member, wave):
    """Join as the site does: the same key until the answer is a definite one.

    Returns (status, body).
    """
    key = str(uuid.uuid4())
    while True:
        status, body = _post_entry(place, member, wave, key)
        if status != 503:
            return status, body


def _post_entry(place, member, wave, key):
    request = urllib.request.Request(
        f"{place.origin}/api/select/waves/{wave}/entry",
        data=b'{"consent": true}',
        headers={
            "Content-Type": "application/json",
            "Cookie": member.cookie,
            "Idempotency-Key": key,
            "Origin": place.origin,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
