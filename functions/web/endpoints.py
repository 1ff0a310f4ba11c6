"""From a Flask request to a use case and back.

An endpoint is one function `(Call) -> Reply`. Around it this module checks, in this
order: origin, flags, access, the body, the idempotency key; and maps errors to answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask, Response, request

from functions.cloud.runtime import Runtime
from functions.web import pausing
from functions.web.access import ACCESS, Access
from functions.web.cookies import SetCookie, cookie_name
from functions.web.errors import BadRequest, Forbidden, Unauthorized
from functions.web.schemas import AnswerSchema, RequestSchema, loaded
from functions.web.sessions import Session, find_session

IDEMPOTENCY_KEY = re.compile(r"[0-9A-Za-z-]{16,64}")
MAX_BODY_BYTES = 64 * 1024
# No request of ours nests deeper than three; a library may have raised Python's recursion
# limit so far that the parser would overflow the stack before it is reached.
MAX_BRACKETS = 200


@dataclass(frozen=True)
class Call:
    """What a use case may know of a request."""

    runtime: Runtime
    body: dict[str, Any]
    address: str
    session: Session | None = None
    registration: str | None = None
    device: str | None = None
    idempotency_key: str = ""

    @property
    def applicant(self) -> str:
        """Who is calling; only ever from the session."""
        if self.session is None:
            raise Unauthorized("no_session")
        return self.session.applicant


@dataclass(frozen=True)
class Reply:
    """A status, a JSON body (None: no body), cookies to set."""

    status: int
    body: dict[str, Any] | None = None
    cookies: tuple[SetCookie, ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """One route: what it takes, what it answers, and the function that does it."""

    method: str
    rule: str
    view: Callable[..., Reply]
    body: type[RequestSchema] | None
    answers: dict[int, type[AnswerSchema] | None]
    idempotent: bool

    @property
    def summary(self) -> str:
        """First line of the view's docstring."""
        return (self.view.__doc__ or "").strip().split("\n")[0]


@dataclass
class Room:
    """The endpoints of one function, collected by decoration."""

    name: str
    endpoints: list[Endpoint] = field(default_factory=list)

    def endpoint(
        self,
        method: str,
        rule: str,
        *,
        body: type[RequestSchema] | None = None,
        answers: dict[int, type[AnswerSchema] | None],
        idempotent: bool = False,
    ) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
        """Register a view under `/api/<room><rule>`. `idempotent`: needs an Idempotency-Key."""

        def register(view: Callable[..., Reply]) -> Callable[..., Reply]:
            full = f"/api/{self.name}{rule}"
            self.endpoints.append(Endpoint(method, full, view, body, answers, idempotent))
            return view

        return register


def add_endpoints(app: Flask, room: Room, runtime: Runtime) -> None:
    """Give a Flask app the routes of a room.

    Raises KeyError for a route that is missing in the access table.
    """
    for endpoint in room.endpoints:
        access = ACCESS[endpoint.method, endpoint.rule]
        app.add_url_rule(
            endpoint.rule,
            endpoint=f"{endpoint.method} {endpoint.rule}",
            view_func=partial(_serve, runtime, endpoint, access),
            methods=[endpoint.method],
        )


def _serve(runtime: Runtime, endpoint: Endpoint, access: Access, **path: Any) -> Response:
    if endpoint.method != "GET":
        _check_origin(runtime)
    elif access is not Access.PUBLIC:
        _check_asking_page()
    pausing.check(runtime, (endpoint.method, endpoint.rule))
    call = _call(runtime, endpoint, access)
    return _response(runtime, endpoint.view(call, **path))


def _call(runtime: Runtime, endpoint: Endpoint, access: Access) -> Call:
    session = _session(runtime) if access in (Access.SESSION, Access.EITHER) else None
    registration = _cookie(runtime, "registration") if access is not Access.SESSION else None
    if access is Access.SESSION and session is None:
        raise Unauthorized("no_session")
    if access is Access.REGISTRATION and registration is None:
        raise Forbidden("no_registration")
    if access is Access.EITHER and session is None and registration is None:
        raise Unauthorized("no_session")
    return Call(
        runtime=runtime,
        body=loaded(endpoint.body(), _json()) if endpoint.body else {},
        address=_address(runtime),
        session=session,
        registration=registration,
        device=_cookie(runtime, "device"),
        idempotency_key=_idempotency_key() if endpoint.idempotent else "",
    )


def _session(runtime: Runtime) -> Session | None:
    token = _cookie(runtime, "session")
    return find_session(runtime, token) if token else None


def _cookie(runtime: Runtime, kind: str) -> str | None:
    return request.cookies.get(cookie_name(kind, secure=runtime.config.secure))


def _check_origin(runtime: Runtime) -> None:
    """A browser names the page that sends a request; only our own may change anything."""
    if request.headers.get("Origin") != runtime.config.origin:
        raise Forbidden("wrong_origin")


def _check_asking_page() -> None:
    """Cookies come along when another page opens a link to us; it may not even make us read.

    Browsers of before 2023 do not say where a request begins, and are let through.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("wrong_origin")


def _json() -> Any:
    if request.mimetype != "application/json":
        raise BadRequest("not_json")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise BadRequest("body_too_large")
    text = request.get_data()
    if text.count(b"[") + text.count(b"{") > MAX_BRACKETS:
        raise BadRequest("not_json")
    try:
        found = json.loads(text.decode(), object_pairs_hook=_told_once, parse_constant=_no_constant)
        # Half a surrogate pair is no character: nothing could hash, seal or store it.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest("not_json") from error
    return found


def _told_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different: of two, readers would take different ones."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> Any:
    """NaN and Infinity, which Python's parser would take."""
    raise ValueError(name)


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not IDEMPOTENCY_KEY.fullmatch(key):
        raise BadRequest("idempotency_key_missing")
    return key


def _address(runtime: Runtime) -> str:
    """The caller's address as the last trusted proxy saw it; what lies before it can be forged."""
    hops = runtime.config.trusted_hops
    forwarded = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a]
    if hops and len(forwarded) >= hops:
        return forwarded[-hops]
    return request.remote_addr or "unknown"


def _response(runtime: Runtime, reply: Reply) -> Response:
    text = "" if reply.body is None else json.dumps(reply.body, ensure_ascii=False)
    response = Response(text, status=reply.status, mimetype="application/json")
    for cookie in reply.cookies:
        response.set_cookie(
            cookie_name(cookie.kind, secure=runtime.config.secure),
            cookie.value,
            max_age=cookie.max_age,
            path="/",
            secure=runtime.config.secure,
            httponly=True,
            samesite="Lax",
        )
    return response
