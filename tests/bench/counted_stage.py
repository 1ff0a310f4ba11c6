"""A stage in memory whose use is counted, and an applicant who takes the whole way on it.

The three functions run in this process behind Zappa's own handler, from API Gateway's event to the
answer to it, on counting ports (tests/bench/counted.py), with the real cost of passwords. How a
photo gets there and is judged is given: it takes seconds and models.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from functions.cloud.tables import Update
from functions.select import app as select_app
from functions.upload import app as upload_app
from functions.verify import app as verify_app
from functions.verify.worker import handle_batch
from local.cards.person import Person, invented_person
from tests.bench.counted import (
    CountedFiles,
    CountedMailer,
    CountedQueues,
    CountedSms,
    CountedTables,
    Meter,
    WatchedVault,
)
from tests.bench.handlers import Handler
from tests.fakes import Drawn
from tests.gateway import request
from tests.select.world import World
from tests.verify.journey import DECLARATION, code_in, right_choice
from tests.verify.people import PROFILE

WAVE = 1
PASSWORD = "kuda baterai staples 9"
ANSWERS = "/api/verify/test/answers/<int:number>"
KINDS = ("ktp", "selfie")
V, S = "/api/verify", "/api/select"


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
    """One stage in memory whose use is counted; or not, where only our own time matters."""

    def __init__(self, *, counting: bool = True) -> None:
        self.meter = Meter()
        self.vault = WatchedVault()
        world = World(**self._ports() if counting else {}, vault=self.vault, random=Drawn(False))
        world.create(WAVE)
        self.runtime: Any = world.runtime
        apps = {"verify": verify_app, "upload": upload_app, "select": select_app}
        self.handlers = {
            name: Handler(name, app.create(self.runtime)) for name, app in apps.items()
        }
        self.seen: dict[str, Seen] = defaultdict(Seen)
        self.keys: dict[str, set[str]] = defaultdict(set)

    def _ports(self) -> dict[str, Any]:
        return {
            "tables": CountedTables(self.meter),
            "files": CountedFiles(self.meter),
            "queues": CountedQueues(self.meter),
            "mailer": CountedMailer(self.meter),
            "sms": CountedSms(self.meter),
        }

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
        self.phone = f"812{number:08d}"
        self.cookies: dict[str, str] = {}
        self.applicant = ""
        self.runtime = stage.runtime

    def ask(self, method: str, path: str, body: Any = None, rule: str = "") -> Any:
        """The answer, in JSON; the function's own work is measured under the route's rule."""
        function = path.split("/")[2]
        self.asked += 1
        config = self.runtime.config
        headers = {
            "origin": config.origin,
            "x-forwarded-for": f"10.9.9.9, 203.0.113.{self.number % 250}",
            "idempotency-key": f"5f0c1f9e-0000-4000-{self.number:04x}-{self.asked:012d}",
            "cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        event, handler = request(method, path, headers, body), self.stage.handlers[function]
        answer = self.stage.timed(f"{method} {rule or path}", function, lambda: handler.ask(event))
        assert 200 <= answer["statusCode"] < 300, (method, path, answer)
        for line in answer["cookies"]:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        return json.loads(answer["body"]) if answer["body"] else None

    def letters(self, channel: str) -> str:
        """Let the worker send what waits, measured; the last text that came to this person."""
        waiting, self.runtime.queues.sent[:] = list(self.runtime.queues.sent), []
        for queue, body in waiting:
            assert queue in ("outbox", "codes")
            row = self.runtime.tables.items["outbox"][(body["message"],)]
            records = [{"messageId": "m", "body": json.dumps(body)}]
            name = f"{row['channel']} {row['template']}"
            assert self.stage.timed(name, "verify_worker", self._batch(records)) == []
        mine, sent = (
            (self.email, self.runtime.mailer.sent)
            if channel == "mail"
            else (f"+62{self.phone}", self.runtime.sms.sent)
        )
        return str([letter for letter in sent if letter["to"] == mine][-1]["text"])

    def _batch(self, records: list[dict[str, str]]) -> Callable[[], Any]:
        return lambda: handle_batch(self.runtime, records)


def have_photos(one: Applicant, card: Person) -> None:
    """Accepted photos, without having sent any."""
    applicant = {"applicant": one.applicant}
    read = one.runtime.vault.mac("photo", card.nik)
    accepted = {**dict.fromkeys(KINDS, "ab" * 16), "ktp_nik_mac": read}
    one.runtime.tables.write(Update("readiness", applicant, set=accepted))


# How both photos come to be accepted.
Photos = Callable[[Applicant, Person], None]


def travel(stage: Stage, number: int, photos: Photos = have_photos) -> Applicant:
    """Every request of the journey at least once, in an order that works."""
    *_, one = way(stage, number, photos)
    return one


def way(stage: Stage, number: int, photos: Photos = have_photos) -> Iterator[Applicant]:
    """The same, one request after the other: what comes between is the caller's."""
    one, card = Applicant(stage, number), invented_person(number)
    registration = {
        "name": "Contoh Anggrek", "email": one.email, "password": PASSWORD, "language": "id"
    }  # fmt: skip
    one.ask("POST", f"{V}/accounts", registration)
    yield one
    one.ask("GET", f"{V}/email")
    yield one
    code = code_in(one.letters("mail"))
    one.ask("POST", f"{V}/email/confirm", {"email": one.email, "code": code})
    yield one
    login = {"email": one.email, "password": PASSWORD}
    one.applicant = one.ask("POST", f"{V}/sessions", login)["applicant"]
    yield one
    one.ask("GET", f"{V}/me")
    yield one
    one.ask("POST", f"{V}/phone", {"phone": f"0{one.phone}"})
    yield one
    one.ask("POST", f"{V}/phone/confirm", {"code": code_in(one.letters("sms"))})
    yield one
    born = card.birth_date.isoformat()
    identity = {"nik": card.nik, "kk": kk_beside(card.nik), "sex": card.sex, "birth_date": born}
    one.ask("PUT", f"{V}/identity", {**identity, "profile": PROFILE})
    yield one
    photos(one, card)
    one.ask("PUT", f"{V}/declaration", DECLARATION)
    yield one
    yield from test_and_wave(one)


def test_and_wave(one: Applicant) -> Iterator[Applicant]:
    """All twenty answers, right; then the wave."""
    one.ask("GET", f"{V}/test")
    test = one.ask("POST", f"{V}/test", {})
    for question in test["questions"]:
        choice = {"attempt": test["attempt"], "choice": right_choice(None, question)}
        one.ask("PUT", f"{V}/test/answers/{question['n']}", choice, rule=ANSWERS)
        yield one
    one.ask("POST", f"{V}/test/submit", {"attempt": test["attempt"]})
    yield one
    one.ask("GET", f"{V}/me")
    one.ask("GET", f"{S}/waves")
    one.ask("GET", f"{S}/waves/{WAVE}", rule=f"{S}/waves/<int:wave>")
    one.ask("GET", f"{S}/entries")
    yield one
    entry = f"{S}/waves/{WAVE}/entry"
    one.ask("POST", entry, {"consent": True}, rule=f"{S}/waves/<int:wave>/entry")
    yield one
    one.letters("mail")
    one.ask("GET", f"{S}/entries/{WAVE}", rule=f"{S}/entries/<int:wave>")
    yield one


def kk_beside(nik: str) -> str:
    """An invented KK number for an invented NIK."""
    return f"{nik[:6]}0101209{nik[-3:]}"
