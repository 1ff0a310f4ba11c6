"""A browser's part: cookies, origin, JSON; every answer is held against its schema."""

import re

from marshmallow import RAISE

from functions.verify.app import create, room
from functions.web.cookies import cookie_name

UUID = "5f0c1f9e-0000-4000-8000-{:012d}"


class Browser:
    """One person's browser on the verify function."""

    def __init__(self, runtime, address="203.0.113.7"):
        self.runtime = runtime
        self.address = address
        self._client = create(runtime).test_client()
        self._keys = 0

    def new_key(self):
        self._keys += 1
        return UUID.format(self._keys)

    def send(self, method, path, body=None, *, key=None, headers=None):
        """A request to `/api/verify<path>`; returns Flask's response."""
        sent = {
            "Origin": self.runtime.config.origin,
            "X-Forwarded-For": f"10.9.9.9, {self.address}",
            "Idempotency-Key": key or self.new_key(),
            **(headers or {}),
        }
        response = self._client.open(
            f"/api/verify{path}",
            method=method,
            json=body,
            headers=sent,
            base_url=self.runtime.config.origin,
        )
        if response.status_code < 400:
            check_answer(method, path, response)
        return response

    def ask(self, method, path, body=None, *, expect=200, key=None):
        """The JSON of an answer that has the status expected."""
        response = self.send(method, path, body, key=key)
        assert response.status_code == expect, (method, path, response.status_code, response.text)
        return response.get_json(silent=True)

    def refused(self, method, path, body=None, *, status, key=None):
        """(code, params) of an error with that status."""
        error = self.ask(method, path, body, expect=status, key=key)["error"]
        return error["code"], error["params"]

    def cookie(self, kind):
        name = cookie_name(kind, secure=self.runtime.config.secure)
        found = self._client.get_cookie(name, domain=self.runtime.config.domain)
        return found and found.value

    def hold(self, kind, value):
        """Put a cookie into this browser."""
        config = self.runtime.config
        name = cookie_name(kind, secure=config.secure)
        self._client.set_cookie(name, value, domain=config.domain, secure=config.secure)


def endpoint_of(method, path):
    for endpoint in room.endpoints:
        pattern = re.sub(r"<[^>]+>", "[^/]+", endpoint.rule)
        if endpoint.method == method and re.fullmatch(pattern, f"/api/verify{path}"):
            return endpoint
    raise LookupError(f"{method} {path}")


def check_answer(method, path, response):
    """The answer has a status and exactly the fields that the OpenAPI document promises."""
    if path == "/openapi.json":
        return
    answers = endpoint_of(method, path).answers
    schema = answers[response.status_code]
    if schema is None:
        assert response.data == b""
    else:
        assert schema(unknown=RAISE).validate(response.get_json()) == {}
