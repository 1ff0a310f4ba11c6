"""Every mail and SMS that the local cloud was given, as people would receive them."""

from __future__ import annotations

import email
import email.policy
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qs

from functions.programme.times import iso
from local.mail_events import returned

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
PATH = "/_local/inbox.json"


@dataclass(frozen=True)
class Message:
    """One mail or SMS. `at` is local-clock time."""

    at: str
    channel: str
    to: str
    subject: str
    text: str
    html: str


class Inbox:
    """WSGI layer: notes after each request what SES and SNS have taken, and shows it."""

    def __init__(
        self,
        app: Application,
        taken: Callable[[], tuple[list[Any], list[tuple[str, str]]]],
        clock: Callable[[], int],
    ):
        """`taken`: all raw mails and all (number, text) so far, oldest first."""
        self._app = app
        self._taken = taken
        self._clock = clock
        self._lock = threading.Lock()
        self._messages: list[Message] = []
        self._mails = 0
        self._texts = 0

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == PATH:
            return self._show(environ, start_response)
        answer = self._app(environ, start_response)
        if _is_for_sending(environ):
            with self._lock:
                self._note()
        return answer

    def _note(self) -> None:
        mails, texts = self._taken()
        at = iso(self._clock())
        for mail in mails[self._mails :]:
            found = mail_messages(mail.raw_data, mail.destinations, at)
            self._messages += (message for message in found if not returned(message.to))
        for number, text in texts[self._texts :]:
            self._messages.append(Message(at, "sms", number, "", text, ""))
        self._mails, self._texts = len(mails), len(texts)

    def _show(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        to = parse_qs(environ.get("QUERY_STRING", "")).get("to", [""])[0]
        with self._lock:
            found = [asdict(m) for m in self._messages if not to or m.to.lower() == to.lower()]
        body = json.dumps(found, ensure_ascii=False).encode()
        start_response(
            "200 OK",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body)))],
        )
        return [body]


def _is_for_sending(environ: dict[str, Any]) -> bool:
    """Whether a request is signed for SES or SNS."""
    scope = environ.get("HTTP_AUTHORIZATION", "")
    return any(f"/{service}/aws4_request" in scope for service in ("ses", "email", "sns"))


def mail_messages(raw: str | bytes, destinations: list[str], at: str) -> Iterator[Message]:
    """One message for each destination of a raw mail."""
    source = raw if isinstance(raw, bytes) else raw.encode()
    parsed = email.message_from_bytes(source, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    parts = {kind: parsed.get_body((kind,)) for kind in ("plain", "html")}
    text, html = (part.get_content() if part else "" for part in parts.values())
    # moto lists an address twice when the envelope and the header both name it.
    for to in dict.fromkeys(destinations):
        yield Message(at, "mail", to, str(parsed["Subject"]), text, html)
