"""What each route and worker costs: processor time, calls to AWS, capacity of the tables.

The three applications run in this process on counting ports (tests/bench/counted.py), one applicant
after the other, with the real cost of passwords. What boto3 itself takes for a call is measured
apart, with the answer given before anything is sent. How long AWS takes to answer cannot be
measured here: those times are assumed, and stand in ops/opening/quotas.py.
"""

from __future__ import annotations

import json
import platform
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from functions.select import app as select_app
from functions.upload import app as upload_app
from functions.upload.checking import check_photo
from functions.upload.photo.judge import judge, warm_up
from functions.verify import app as verify_app
from functions.verify.worker import handle_batch
from functions.web.cookies import cookie_name
from local.cards.person import invented_person
from local.cards.render import photo_of, render_selfie
from ops.opening.measured import FILE
from tests.bench import boto_calls, cold_starts
from tests.bench.counted import (
    CountedFiles,
    CountedMailer,
    CountedQueues,
    CountedSms,
    CountedTables,
    Meter,
    WatchedVault,
)
from tests.bench.journey_calls import calls_of_an_applicant
from tests.journey.person import kk_of
from tests.select.world import World
from tests.verify.journey import DECLARATION, code_in, right_choice
from tests.verify.people import PROFILE

WAVE = 1
PASSWORD = "kuda baterai staples 9"
# The bench's own parts of the journey, by which the budget is counted.
PHOTOS = ("/api/upload/",)
ANSWERS = "/api/verify/test/answers/<int:number>"


@dataclass
class Seen:
    """All measurements of one route or worker."""

    millis: list[float] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """Medians; the capacity of the tables by name."""
        last = self.meters[-1]
        return {
            "cpu_ms": round(median(self.millis), 2),
            "calls": dict(sorted(last.calls.items())),
            "read_units": dict(sorted(last.read.items())),
            "write_units": dict(sorted(last.written.items())),
            "index_units": {n: c for n, c in sorted(last.indexed.items()) if c},
        }


class Stage:
    """One stage in memory whose use is counted."""

    def __init__(self) -> None:
        self.meter = Meter()
        self.vault = WatchedVault()
        world = World(
            tables=CountedTables(self.meter),
            files=CountedFiles(self.meter),
            queues=CountedQueues(self.meter),
            mailer=CountedMailer(self.meter),
            sms=CountedSms(self.meter),
            vault=self.vault,
        )
        world.create(WAVE)
        self.runtime: Any = world.runtime
        self.apps = {
            "verify": verify_app.create(self.runtime),
            "upload": upload_app.create(self.runtime),
            "select": select_app.create(self.runtime),
        }
        self.seen: dict[str, Seen] = defaultdict(Seen)
        self.keys: dict[str, set[str]] = defaultdict(set)

    def timed(self, name: str, function: str, work: Callable[[], Any]) -> Any:
        """Do it, and note what it took under its name."""
        self.meter.take()
        self.vault.asked.clear()
        started = time.process_time()
        done = work()
        spent = 1000 * (time.process_time() - started)
        self.seen[name].millis.append(spent)
        self.seen[name].meters.append(self.meter.take())
        self.keys[function] |= self.vault.asked
        return done


class Applicant:
    """One applicant's browser on all three functions."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage, self.number, self.asked = stage, number, 0
        self.email = f"warga-{number}@contoh.example"
        self.clients = {name: app.test_client() for name, app in stage.apps.items()}
        self.session = ""
        self.runtime = stage.runtime

    def ask(self, method: str, path: str, body: Any = None, rule: str = "") -> Any:
        """The answer, in JSON; measured under the route's rule."""
        function = path.split("/")[2]
        self.asked += 1
        config = self.runtime.config
        headers = {
            "Origin": config.origin,
            "X-Forwarded-For": f"10.9.9.9, 203.0.113.{self.number % 250}",
            "Idempotency-Key": f"5f0c1f9e-0000-4000-{self.number:04x}-{self.asked:012d}",
        }
        client = self.clients[function]
        if self.session and function != "verify":
            name = cookie_name("session", secure=True)
            client.set_cookie(name, self.session, domain=config.domain, secure=True)

        def work() -> Any:
            given = {"json": body} if body is not None else {}
            return client.open(
                path, method=method, headers=headers, base_url=config.origin, **given
            )

        answer = self.stage.timed(f"{method} {rule or path}", function, work)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.text)
        found = self.clients["verify"].get_cookie(
            cookie_name("session", secure=True), domain=config.domain
        )
        self.session = found.value if found else ""
        return answer.get_json(silent=True)

    def letters(self, channel: str) -> str:
        """Let the worker send what waits, measured; the last text of the channel."""
        waiting, self.runtime.queues.sent[:] = list(self.runtime.queues.sent), []
        for queue, body in waiting:
            assert queue in ("outbox", "codes")
            row = self.runtime.tables.items["outbox"][(body["message"],)]
            records = [{"messageId": "m", "body": json.dumps(body)}]
            name = f"{row['channel']} {row['template']}"
            assert self.stage.timed(name, "verify_worker", self._batch(records)) == []
        sent = self.runtime.mailer.sent if channel == "mail" else self.runtime.sms.sent
        return str(sent[-1]["text"])

    def _batch(self, records: list[dict[str, str]]) -> Callable[[], Any]:
        return lambda: handle_batch(self.runtime, records)


def travel(stage: Stage, number: int) -> None:
    """Every request of the journey at least once, in an order that works."""
    one, card = Applicant(stage, number), invented_person(number)
    photos = {"ktp": photo_of(card, 5, "good"), "selfie": render_selfie(5, "good", card)}
    verify, select = "/api/verify", "/api/select"
    registration = {
        "name": "Contoh Anggrek", "email": one.email, "password": PASSWORD, "language": "id"
    }  # fmt: skip
    one.ask("POST", f"{verify}/accounts", registration)
    code = code_in(one.letters("mail"))
    one.ask("POST", f"{verify}/email/confirm", {"email": one.email, "code": code})
    one.ask("POST", f"{verify}/sessions", {"email": one.email, "password": PASSWORD})
    one.ask("GET", f"{verify}/me")
    one.ask("POST", f"{verify}/phone", {"phone": f"0812{number:08d}"})
    one.ask("POST", f"{verify}/phone/confirm", {"code": code_in(one.letters("sms"))})
    identity = {"nik": card.nik, "kk": kk_of(card.nik), "sex": card.sex}
    one.ask("PUT", f"{verify}/identity", {**identity, "birth_date": card.birth_date.isoformat()})
    one.ask("PUT", f"{verify}/profile", PROFILE)
    for kind, data in photos.items():
        send_photo(one, kind, data)
    one.ask("GET", "/api/upload/photos")
    one.ask("PUT", f"{verify}/declaration", DECLARATION)
    take_test(one, verify)
    one.ask("GET", f"{verify}/me")
    one.ask("GET", f"{select}/waves")
    one.ask("GET", f"{select}/waves/{WAVE}", rule=f"{select}/waves/<int:wave>")
    one.ask("GET", f"{select}/entries")
    entry = f"{select}/waves/{WAVE}/entry"
    one.ask("POST", entry, {"consent": True}, rule=f"{select}/waves/<int:wave>/entry")
    one.letters("mail")
    one.ask("GET", f"{select}/entries/{WAVE}", rule=f"{select}/entries/<int:wave>")


def take_test(one: Applicant, verify: str) -> None:
    """All twenty answers, right."""
    one.ask("GET", f"{verify}/test")
    test = one.ask("POST", f"{verify}/test", {})
    for question in test["questions"]:
        choice = {"attempt": test["attempt"], "choice": right_choice(None, question)}
        one.ask("PUT", f"{verify}/test/answers/{question['n']}", choice, rule=ANSWERS)
    one.ask("POST", f"{verify}/test/submit", {"attempt": test["attempt"]})


def send_photo(one: Applicant, kind: str, data: bytes) -> None:
    """Ask for a form, put the photo where the form says, let the worker judge it, look."""
    asked = {"kind": kind, "size": len(data), "content_type": "image/jpeg"}
    form = one.ask("POST", "/api/upload/photos", asked)
    files, key = one.runtime.files, form["fields"]["key"]
    version = files.write("incoming", key, data, content_type="image/jpeg")

    def work() -> None:
        check_photo(one.runtime, judge, key, version)

    one.stage.timed(f"photo {kind}", "upload_worker", work)
    rule = "/api/upload/photos/<photo>"
    one.ask("GET", f"/api/upload/photos/{form['photo']}", rule=rule)


def measure(applicants: int) -> Stage:
    """A stage on which so many applicants have gone all the way, after one who warmed it up."""
    warm_up()
    stage = Stage()
    for number in range(1, applicants + 2):
        travel(stage, number)
        if number == 1:
            stage.seen.clear()
    return stage


def report(applicants: int, *, browser: bool) -> dict[str, Any]:
    """Everything that the simulation reads; without a browser the journey that the file has."""
    if browser:
        calls = Counter(calls_of_an_applicant())
    else:
        calls = Counter(json.loads(FILE.read_text(encoding="utf-8"))["journey"])
    stage = measure(applicants)
    return {
        "about": "written by `python -m tests.bench service-times`; medians, CPU milliseconds",
        "taken_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "machine": f"{platform.machine()}, {processor()}, Python {platform.python_version()}",
        "applicants": applicants,
        "journey": dict(sorted(calls.items())),
        "routes": {name: seen.told() for name, seen in sorted(stage.seen.items())},
        "boto_cpu_ms": boto_calls.millis(),
        "cold_cpu_ms": cold_starts.millis(),
        "keys": {name: len(keys) for name, keys in sorted(stage.keys.items())},
    }


def processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "?")


def write(applicants: int, *, browser: bool) -> Iterator[str]:
    """Measure, write the file, tell what was found."""
    found = report(applicants, browser=browser)
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    yield f"{FILE.name}, {found['taken_at']}, {found['machine']}"
    for name, route in found["routes"].items():
        written = sum(route["write_units"].values()) + sum(route["index_units"].values())
        read = sum(route["read_units"].values())
        calls = sum(route["calls"].values())
        yield f"{name:52} {route['cpu_ms']:7.1f} ms {calls:3} calls {read:3} read {written:3} write"
