"""An API of one invented applicant, answered inside the browser's network layer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

# Where the pages of a test's build send photos.
STORAGE = "http://photos.test"
STEPS = ("email", "phone", "identity", "profile", "ktp", "selfie", "declaration", "test")
ADDRESS = {
    "province": "31",
    "regency": "3171",
    "district": "317101",
    "village": "Gambir",
    "street": "Jalan Melati 5, RT 02/RW 03",
}
PROFILE = {
    "address": ADDRESS,
    "current_address": None,
    "education": "smk",
    "marital": "single",
    "dependants": 1,
    "employment": "unemployed",
    "topic": "digital",
}


def at(**ahead: float) -> str:
    """A time from now, as the API writes it."""
    return (datetime.now(UTC) + timedelta(**ahead)).strftime("%Y-%m-%dT%H:%M:%SZ")


def wave(number: int, phase: str, opens: float, closes: float, **more: Any) -> dict[str, Any]:
    """A wave that opens and closes so many days from now."""
    return {
        "wave": number,
        "phase": phase,
        "quota": 200_000,
        "reserve": 20_000,
        "opens_at": at(days=opens),
        "closes_at": at(days=closes),
        "draw_at": at(days=closes + 2),
        "round": 5_000_000,
        "provinces": None,
        "pools": [],
        "entries": None,
        "last_ranks": None,
        "returned_from": {},
        **more,
    }


def receipt(number: int) -> dict[str, Any]:
    """A receipt by its shape."""
    return {
        "version": 1,
        "wave": number,
        "entry": "ab" * 16,
        "salt": "cd" * 32,
        "commitment": "ef" * 32,
        "joined_at": at(days=-1),
        "signature": "A" * 86 + "==",
    }


def entry(number: int, phase: str, outcome: dict[str, Any] | None = None) -> dict[str, Any]:
    """One entry, undecided or with its outcome."""
    return {
        "wave": number,
        "phase": phase,
        "joined_at": at(days=-1),
        "draw_at": at(days=3),
        "receipt": receipt(number),
        "exclusions": [],
        "record": None,
        "outcome": outcome,
        "objection": None,
        "objection_until": None,
    }


def the_test(state: str, answers: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
    """The readiness test in a state."""
    options = [{"id": f"Pilihan {n}", "en": f"Option {n}"} for n in range(4)]
    asked = [
        {"n": n, "text": {"id": f"Soal nomor {n}?", "en": f"Question {n}?"}, "options": options}
        for n in range(1, 21)
    ]
    return {
        "state": state,
        "attempt": 1,
        "attempts": 3,
        "questions": asked if state == "open" else [],
        "answers": answers or {},
        "deadline": at(minutes=25),
        "score": None,
        "of": 20,
        "pass_mark": 12,
        "next_at": None,
        "server_time": at(),
        **more,
    }


def the_status(seconds_ago: float = 20, **more: Any) -> dict[str, Any]:
    """The public status of an hour in which few SMS were sent."""
    wait = {"half_seconds": 30, "most_seconds": 300}
    refusals = {"blurred": 4_100, "glare": 2_950, "cropped": 1_200, "too_dark": 640}
    return {
        "version": 1,
        "taken_at": at(seconds=-seconds_ago),
        "registrations": {"total": 1_432_133, "last_hour": 80_210},
        "photos": {
            "accepted": 41_200,
            "refused": 9_120,
            "reasons": [{"reason": code, "count": n} for code, n in refusals.items()],
            "half_seconds": 15,
            "most_seconds": 60,
        },
        "mail": {"sent": 80_100, **wait, "oldest_seconds": 412},
        "sms": {"sent": None, "half_seconds": None, "most_seconds": None, "oldest_seconds": 0},
        "waves": [
            {"wave": 12, "phase": "open", "opens_at": at(days=-1), "closes_at": at(hours=3)},
            {"wave": 11, "phase": "announced", "opens_at": at(days=-9), "closes_at": at(days=-5)},
        ],
        **more,
    }


class FakeApi:
    """Answers by (method, path). `answers` may be changed; `calls` is what was asked.

    An answer is (status, body) or a function of the request's body that gives one. An error is
    (status, {"error": …}); a status of 0 breaks the connection.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any, dict[str, str]]] = []
        self.stored: list[int] = []
        self.storage_fails: list[bool] = []
        self.storage_refuses = 0
        self.storage_holds = False
        self.held: list[Route] = []
        self.ready = set(STEPS)
        self.waves = [wave(12, "open", -1, 1), wave(11, "announced", -30, -20, entries=812_345)]
        self.entries: list[dict[str, Any]] = []
        self.photos: list[dict[str, Any]] = []
        self.person: dict[str, Any] = {}
        self.test = the_test("none")
        self.status = the_status()
        self.answers: dict[tuple[str, str], Any] = {}

    def missing(self) -> list[str]:
        """The steps that are still to do."""
        return [step for step in STEPS if step not in self.ready]

    def me(self) -> dict[str, Any]:
        """The answer of GET me."""
        has_identity = "identity" in self.ready
        identity = {
            "nik": "3171••••••••9001",
            "kk": "3171••••••••9002",
            "birth_date": "1995-02-17",
            "sex": "female",
        }
        return {
            "applicant": "a1" * 16,
            "name": "Sari Contoh",
            "email": "s•••@contoh.id",
            "email_unreachable": None,
            "phone": "+62•••••••890" if "phone" in self.ready else None,
            "language": "id",
            "readiness": {step: step in self.ready for step in STEPS},
            "missing": self.missing(),
            "identity": identity if has_identity else None,
            "profile": PROFILE if "profile" in self.ready else None,
            "declaration": None,
            "locked": False,
            "recipient_of": None,
            "delivery": [
                {"channel": "mail", "template": "confirm_email", "state": "sent", "at": at(days=-2)}
            ],
            "server_time": at(),
            **self.person,
        }

    def serve(self, page: Page) -> None:
        """Answer whatever a page asks for that is no file of the site."""
        page.route("**/api/**", self.answer)
        page.route("**/status/status.json", self.tell_status)
        page.route(f"{STORAGE}/**", self.store)

    def answer(self, route: Route) -> None:
        """Serve one request to /api/."""
        request = route.request
        path = urlsplit(request.url).path.removeprefix("/api/")
        body = json.loads(request.post_data) if request.post_data else None
        self.calls.append((request.method, path, body, dict(request.headers)))
        found = self.answers.get((request.method, path)) or self._usual(request.method, path)
        status, content = found(body) if callable(found) else found
        if status == 0:
            route.abort()
            return
        text = "" if content is None else json.dumps(content)
        route.fulfill(status=status, body=text, content_type="application/json")

    def store(self, route: Route) -> None:
        """Serve one post of photo bytes; fails as `storage_fails` says, first come first.

        `storage_refuses` of them are answered 403; with `storage_holds` none is answered.
        """
        if route.request.method == "OPTIONS":
            route.fulfill(status=204, headers=CORS)
            return
        if self.storage_fails and self.storage_fails.pop(0):
            route.abort()
            return
        if self.storage_holds:
            self.held.append(route)
            return
        if self.storage_refuses:
            self.storage_refuses -= 1
            route.fulfill(status=403, headers=CORS)
            return
        self.stored.append(len(route.request.post_data_buffer or b""))
        route.fulfill(status=204, headers=CORS)

    def tell_status(self, route: Route) -> None:
        """Serve the public status."""
        route.fulfill(status=200, body=json.dumps(self.status), content_type="application/json")

    def asked(self, method: str, path: str) -> list[Any]:
        """Bodies of the requests to one route."""
        return [body for m, p, body, _ in self.calls if (m, p) == (method, path)]

    def wait_for_held(self, page: Page) -> None:
        """Until the storage holds a post."""
        while not self.held:
            page.wait_for_timeout(20)

    def wait_for_stored(self, page: Page, number: int) -> None:
        """Until the storage has so many posts."""
        while len(self.stored) < number:
            page.wait_for_timeout(20)

    def _usual(self, method: str, path: str) -> tuple[int, Any]:
        now = at()
        usual: dict[tuple[str, str], tuple[int, Any]] = {
            ("GET", "verify/me"): (200, self.me()),
            ("GET", "verify/email"): (200, {"state": "waiting", "next_at": now}),
            ("GET", "select/waves"): (200, {"waves": self.waves, "server_time": now}),
            ("GET", "select/entries"): (
                200,
                {"entries": self.entries, "waves": self.waves, "server_time": now},
            ),
            ("GET", "upload/photos"): (200, {"photos": self.photos, "server_time": now}),
            ("GET", "verify/test"): (200, self.test),
            ("GET", "verify/openapi.json"): (200, {}),
            ("GET", "upload/openapi.json"): (200, {}),
            ("POST", "verify/accounts"): (202, {}),
            ("POST", "verify/sessions"): (201, {"applicant": "a1" * 16}),
        }
        for one in self.waves:
            usual["GET", f"select/waves/{one['wave']}"] = (200, one)
        for one in self.entries:
            usual["GET", f"select/entries/{one['wave']}"] = (200, one)
        for one in self.photos:
            usual["GET", f"upload/photos/{one['photo']}"] = (200, one)
        return usual.get((method, path)) or error(404, "no_such_route")


CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "*",
}


def error(status: int, code: str, **params: Any) -> tuple[int, Any]:
    """An error as the API gives it."""
    return status, {"error": {"code": code, "params": params}}
