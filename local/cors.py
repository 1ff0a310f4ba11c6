"""CORS as S3 answers it, from each bucket's own configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Rule:
    """One CORS rule of a bucket."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    seconds: int | None

    def allows(self, origin: str, method: str, headers: Iterable[str]) -> bool:
        """Whether this rule lets a page of `origin` send such a request."""
        return (
            any(fnmatchcase(origin, allowed) for allowed in self.origins)
            and method in self.methods
            and all(
                any(fnmatchcase(header.lower(), allowed.lower()) for allowed in self.headers)
                for header in headers
            )
        )


class BucketCors:
    """WSGI layer: answers preflights and adds the headers to every answer, errors too."""

    def __init__(self, app: Application, rules_of: Callable[[str], list[Rule]]):
        """`rules_of`: the rules of a bucket by name, none for an unknown one."""
        self._app = app
        self._rules_of = rules_of

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN")
        bucket = environ.get("PATH_INFO", "").lstrip("/").partition("/")[0]
        if not origin or not bucket:
            return self._app(environ, start_response)
        rules = self._rules_of(bucket)
        if environ["REQUEST_METHOD"] == "OPTIONS":
            return _preflight(rules, origin, environ, start_response)
        method = environ["REQUEST_METHOD"]
        rule = next((r for r in rules if r.allows(origin, method, ())), None)

        def answer(status: str, headers: list[tuple[str, str]], info: Any = None) -> Any:
            kept = [h for h in headers if not h[0].lower().startswith("access-control-")]
            return start_response(status, kept + (_headers(rule, origin) if rule else []), info)

        return self._app(environ, answer)


def _preflight(
    rules: list[Rule], origin: str, environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    method = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "")
    asked = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")
    headers = [header.strip() for header in asked.split(",") if header.strip()]
    rule = next((r for r in rules if r.allows(origin, method, headers)), None)
    if rule is None:
        body = b"<Error><Code>AccessForbidden</Code><Message>CORSResponse</Message></Error>"
        start_response(
            "403 Forbidden",
            [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))],
        )
        return [body]
    answer = [*_headers(rule, origin), ("Content-Length", "0")]
    if headers:
        answer.append(("Access-Control-Allow-Headers", ", ".join(headers).lower()))
    start_response("200 OK", answer)
    return []


def _headers(rule: Rule, origin: str) -> list[tuple[str, str]]:
    anyone = rule.origins == ("*",)
    headers = [
        ("Access-Control-Allow-Origin", "*" if anyone else origin),
        ("Access-Control-Allow-Methods", ", ".join(rule.methods)),
        ("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
    ]
    if not anyone:
        headers.append(("Access-Control-Allow-Credentials", "true"))
    if rule.exposed:
        headers.append(("Access-Control-Expose-Headers", ", ".join(rule.exposed)))
    if rule.seconds is not None:
        headers.append(("Access-Control-Max-Age", str(rule.seconds)))
    return headers
