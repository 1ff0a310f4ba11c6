"""A browser without a page: requests with cookies, repeated until there is an answer."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError

from local.settings import Place

# While a server is killed and started again nothing answers for some seconds.
TRIES = 60
PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    """`status` 0: there never was one. `tries`: how often it was asked."""

    status: int
    body: Any
    cookies: Mapping[str, str]
    tries: int

    @property
    def unsure(self) -> bool:
        """Whether it may have been done without having been said: a refusal of a repeat may be one
        of what the first try did."""
        return self.status == 0 or (self.tries > 1 and self.status >= 400)


class Client:
    """Asks the stack. Safe between threads."""

    def __init__(self, where: Place):
        self._where = where
        self._pool = urllib3.PoolManager(maxsize=16, retries=False, timeout=TIMEOUT_SECONDS)
        self._lock = threading.Lock()
        self.answers: Counter[str] = Counter()
        self.repeats = 0

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        cookies: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer of the API, after as many tries as it takes, all with one key."""
        headers = {
            "Origin": self._where.origin,
            "Idempotency-Key": str(uuid.uuid4()),
            "Cookie": "; ".join(f"{name}={value}" for name, value in (cookies or {}).items()),
        }
        if method != "GET" and body is None:
            body = {}
        return self._repeated(method, f"{self._where.origin}/api/{path}", body, headers)

    def page(self, path: str) -> int:
        """The status of a page of the site."""
        return self._repeated("GET", self._where.origin + path, None, {}).status

    def post_file(self, url: str, fields: Mapping[str, str], data: bytes) -> bool:
        """Whether the bucket took a file by a signed form."""
        form = [*fields.items(), ("file", ("foto.jpg", data, "image/jpeg"))]
        for _ in range(3):
            try:
                return self._pool.request("POST", url, fields=form).status == 204
            except HTTPError:
                self._count(repeats=1)
        return False

    def messages(self, to: str) -> list[dict[str, str]]:
        """What the local cloud sent to an address or a number (to all: empty), oldest first."""
        answer = self._pool.request(
            "GET", f"{self._where.cloud}/_local/inbox.json", fields={"to": to}
        )
        found: list[dict[str, str]] = answer.json()
        return found

    def _repeated(self, method: str, url: str, body: Any, headers: Mapping[str, str]) -> Answer:
        for turn in range(1, TRIES + 1):
            try:
                said = self._pool.request(method, url, json=body, headers=headers, redirect=False)
            except HTTPError:
                said = None
            if said is not None and said.status < 500:
                self._count(f"{method} {said.status}")
                return Answer(said.status, _parsed(said.data), _cookies(said), turn)
            self._count(repeats=1)
            time.sleep(PAUSE_SECONDS)
        self._count(f"{method} without answer")
        return Answer(0, None, {}, TRIES)

    def _count(self, answer: str = "", repeats: int = 0) -> None:
        with self._lock:
            self.repeats += repeats
            if answer:
                self.answers[answer] += 1


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return None


def _cookies(said: Any) -> dict[str, str]:
    pairs = (line.split(";")[0].partition("=") for line in said.headers.getlist("Set-Cookie"))
    return {name: value for name, _, value in pairs}
