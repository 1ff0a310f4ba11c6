"""A Flask application from a room: routes, errors, headers, its own OpenAPI document."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Busy
from functions.web.endpoints import MAX_BODY_BYTES, Endpoint, Reply, Room, add_endpoints
from functions.web.errors import ApiError, Forbidden, NotFound, TooMany, Unavailable
from functions.web.openapi import document

# Answers are for one reader and one moment, and are never shown as a page.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

# What infra/front.yaml lets CloudFront show.
FRONT_KEY = "X-Front-Key"

log = logging.getLogger("gelombang.web")


def create_app(room: Room, runtime: Runtime) -> Flask:
    """The HTTP side of one function."""
    app = Flask(f"gelombang-{room.name}", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    # Else `//` in a path is answered with a redirect to whatever host the request names.
    app.url_map.merge_slashes = False
    openapi = document(room, secure=runtime.config.secure)
    described = Endpoint(
        "GET",
        f"/api/{room.name}/openapi.json",
        lambda call: Reply(200, openapi),
        None,
        {200: None},
        False,
    )
    add_endpoints(app, Room(room.name, [*room.endpoints, described]), runtime)
    app.register_error_handler(ApiError, _api_error)
    app.register_error_handler(Busy, lambda error: _api_error(Unavailable()))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(lambda: _check_front_door(runtime))
    app.after_request(_with_headers)
    return app


def _check_front_door(runtime: Runtime) -> None:
    """Only what CloudFront hands on is taken: whoever comes past it could invent the address
    that limits are counted by, and is met by no firewall. No keys: there is no CloudFront."""
    known = runtime.config.front_keys
    shown = hashlib.sha256(request.headers.get(FRONT_KEY, "").encode()).hexdigest()
    if known and not any(hmac.compare_digest(shown, key) for key in known):
        raise Forbidden("wrong_origin")


def _api_error(error: ApiError) -> Response:
    response = Response(json.dumps(error.body()), status=error.status, mimetype="application/json")
    if isinstance(error, TooMany | Unavailable):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _http_error(error: HTTPException) -> Response:
    """Flask's own refusals (no such route, wrong method, body too large) in our shape."""
    ours = NotFound("no_such_route") if error.code == 404 else ApiError("bad_request")
    response = _api_error(ours)
    response.status_code = error.code or 400
    return response


def _unexpected(error: Exception) -> Response:
    """A defect: logged with its place, without the values, which may be personal."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "nowhere"
    log.error("unexpected %s at %s", type(error).__name__, place)
    response = _api_error(ApiError("unexpected"))
    response.status_code = 500
    return response


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
