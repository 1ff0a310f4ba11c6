"""Faults between the processes of the local stack and its cloud, as a layer before moto.

Refused, broken at the other side, or done and unanswered: each as AWS says it, so that botocore's
own retries are at work. A message is put on its queue twice, or its deletion does nothing, so that
it comes again. Only calls signed with the stack's own key are disturbed; who looks on signs with
another.
"""

from __future__ import annotations

import json
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

from tests.faults.aws import answer_of

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PATH = "/_soak/odds"
SCOPE = re.compile(r"Credential=([^/]+)/[^/]+/[^/]+/([^/]+)/aws4_request")
# As SES names itself in a signature, and in `tests/faults/aws.py`.
NAMES = {"email": "ses"}
TARGET = "HTTP_X_AMZ_TARGET"


@dataclass(frozen=True)
class Odds:
    """How likely each request is refused, broken, or lost after it was done; of messages, how
    likely one is sent twice, and stays though it was deleted."""

    refused: float = 0.0
    broken: float = 0.0
    lost: float = 0.0
    twice: float = 0.0
    kept: float = 0.0


class Weather:
    """WSGI layer. `POST /_soak/odds` sets the odds, `GET` tells what was injected so far."""

    def __init__(self, app: Application, key: str, seed: int):
        self._app, self._key = app, key
        self._random = random.Random(f"soak {seed}")
        self._lock = threading.Lock()
        self.odds = Odds()
        self.counts: Counter[str] = Counter()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == PATH:
            return self._show(environ, start_response)
        scope = SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is None or scope[1] != self._key:
            return self._app(environ, start_response)
        # What is not read would be taken for the next request of the connection.
        body = _read(environ)
        environ["wsgi.input"] = BytesIO(body)
        return self._disturbed(NAMES.get(scope[2], scope[2]), environ, body, start_response)

    def _disturbed(
        self, service: str, environ: dict[str, Any], body: bytes, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        fault = self._drawn(service, environ.get(TARGET, ""))
        bare = environ["REQUEST_METHOD"] == "HEAD"
        if fault in ("refused", "broken"):
            return _answer(fault, service, bare, start_response)
        if fault == "lost":
            list(self._app(environ, lambda *_: lambda _: None))
            return _answer("broken", service, bare, start_response)
        if fault == "kept":
            start_response("200 OK", [("Content-Type", "application/x-amz-json-1.0")])
            return [b"{}"]
        if fault == "twice":
            again = {**environ, "wsgi.input": BytesIO(body)}
            list(self._app(again, lambda *_: lambda _: None))
        return self._app(environ, start_response)

    def _drawn(self, service: str, target: str) -> str:
        """The fault that this request meets, or none."""
        with self._lock:
            likely = asdict(self.odds)
            for kind, on in (("twice", "SendMessage"), ("kept", "DeleteMessage")):
                if not target.endswith(f".{on}"):
                    del likely[kind]
            left = self._random.random()
            for kind, chance in likely.items():
                if left < chance:
                    self.counts[f"{kind} {service}"] += 1
                    return kind
                left -= chance
        return ""

    def _show(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            self.odds = Odds(**json.loads(_read(environ)))
        body = json.dumps(self.counts).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start_response("200 OK", headers)
        return [body]


def _read(environ: dict[str, Any]) -> bytes:
    length = environ.get("CONTENT_LENGTH")
    if length:
        return bytes(environ["wsgi.input"].read(int(length)))
    return bytes(environ["wsgi.input"].read()) if environ.get("wsgi.input_terminated") else b""


def _answer(
    kind: str, service: str, bare: bool, start_response: Callable[..., Any]
) -> Iterable[bytes]:
    said = answer_of(kind, service)
    body = b"".join(said.raw.stream())
    status = f"{said.status_code} {'Bad Request' if said.status_code < 500 else 'Server Error'}"
    start_response(status, [("Content-Length", str(len(body)))])
    return [b"" if bare else body]
