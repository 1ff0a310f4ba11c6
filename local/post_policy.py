"""Presigned POST as S3 enforces it. moto takes any form; this stands before it.

Checked as AWS documents it ("POST policy" and "Authenticating requests: browser-based
uploads using POST", S3 API reference): the signature over the policy, its expiry,
every condition, no field that the policy does not name, and the length of the file.
What passes goes on as a plain PutObject.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    Preamble,
)

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

CHUNK = 64 * 1024
# S3's own limit for all fields before the file.
MAX_FIELDS_BYTES = 20_000
# Fields that the policy need not name.
FREE_FIELDS = ("x-amz-signature", "file", "policy")
FREE_PREFIX = "x-ignore-"


class Refused(Exception):
    """S3's answer to a form: status, code and message."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass
class Form:
    """A posted form: fields in lower case, and the file with its length."""

    fields: dict[str, str]
    file: bytes
    size: int


class PostPolicy:
    """WSGI layer: enforces presigned POSTs, passes everything else on untouched."""

    def __init__(
        self, app: Application, secrets: Mapping[str, str], now: Callable[[], int]
    ) -> None:
        """`secrets`: access key -> secret key. `now`: real time in milliseconds."""
        self._app = app
        self._secrets = secrets
        self._now = now

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        kind, options = parse_options_header(environ.get("CONTENT_TYPE", ""))
        bucket = environ.get("PATH_INFO", "").strip("/")
        if environ["REQUEST_METHOD"] != "POST" or kind != "multipart/form-data" or not bucket:
            return self._app(environ, start_response)
        body = _Body(environ)
        try:
            policy, form = self._received(body, options.get("boundary", ""), bucket)
            check_length(policy, form.size)
        except Refused as refused:
            body.drain()
            return _answer_error(refused, start_response)
        return self._store(environ, start_response, bucket, form)

    def _received(self, body: _Body, boundary: str, bucket: str) -> tuple[dict[str, Any], Form]:
        """The policy and the form; conditions are checked before the file is read."""
        reader = _FormReader(body, boundary)
        fields = reader.fields()
        policy = checked_policy(fields, self._secrets, self._now())
        check_conditions(policy, {**fields, "bucket": bucket})
        file, size = reader.file(longest(policy))
        return policy, Form(fields, file, size)

    def _store(
        self, environ: dict[str, Any], start_response: Callable[..., Any], bucket: str, form: Form
    ) -> Iterable[bytes]:
        path = f"/{bucket}/{form.fields['key']}"
        inner = {
            **environ,
            "REQUEST_METHOD": "PUT",
            "PATH_INFO": path,
            "RAW_URI": quote(path),
            "REQUEST_URI": quote(path),
            "QUERY_STRING": "",
            "CONTENT_LENGTH": str(form.size),
            "CONTENT_TYPE": form.fields.get("content-type", "binary/octet-stream"),
            "wsgi.input": BytesIO(form.file),
        }
        inner.pop("wsgi.input_terminated", None)

        def answer(status: str, headers: list[tuple[str, str]], info: Any = None) -> Any:
            if not status.startswith("200"):
                return start_response(status, headers, info)
            wanted = form.fields.get("success_action_status", "204")
            status = {"200": "200 OK", "201": "201 Created"}.get(wanted, "204 No Content")
            kept = [h for h in headers if h[0].lower() not in ("content-type", "content-length")]
            return start_response(status, [*kept, ("Content-Length", "0")], info)

        return self._app(inner, answer)


def checked_policy(
    fields: Mapping[str, str], secrets: Mapping[str, str], now: int
) -> dict[str, Any]:
    """The policy document of a form, after its signature and its expiry. Raises Refused."""
    for name in ("policy", "x-amz-signature", "x-amz-credential", "x-amz-algorithm", "x-amz-date"):
        if name not in fields:
            raise Refused(403, "AccessDenied", f"Bucket POST must contain a field named '{name}'.")
    if fields["x-amz-algorithm"] != "AWS4-HMAC-SHA256":
        raise Refused(400, "InvalidArgument", "Unsupported signing algorithm.")
    check_signature(fields, secrets)
    try:
        policy = json.loads(base64.b64decode(fields["policy"], validate=True))
        expires = datetime.fromisoformat(policy["expiration"].replace("Z", "+00:00"))
        conditions = policy["conditions"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.") from error
    if not isinstance(conditions, list) or expires.tzinfo is None:
        raise Refused(400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON.")
    if datetime.fromtimestamp(now / 1000, UTC) >= expires:
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    return {"conditions": [_condition(condition) for condition in conditions]}


def check_signature(fields: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """SigV4 over the policy as it was sent. Raises Refused."""
    match = re.fullmatch(
        r"([^/]+)/(\d{8})/([^/]+)/s3/aws4_request", fields.get("x-amz-credential", "")
    )
    if match is None:
        raise Refused(400, "AuthorizationQueryParametersError", "The credential is malformed.")
    access_key, day, region = match.groups()
    if access_key not in secrets:
        raise Refused(403, "InvalidAccessKeyId", "The access key does not exist in our records.")
    key = b"AWS4" + secrets[access_key].encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    expected = hmac.digest(key, fields["policy"].encode(), hashlib.sha256).hex()
    if not hmac.compare_digest(expected.encode(), fields["x-amz-signature"].encode()):
        raise Refused(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        )


def _condition(condition: Any) -> tuple[str, str, Any]:
    """One condition as (operator, field in lower case, value). Raises Refused."""
    if isinstance(condition, dict) and len(condition) == 1:
        ((name, value),) = condition.items()
        return "eq", name.lower(), value
    if isinstance(condition, list) and len(condition) == 3:
        operator, first, second = condition
        if str(operator).lower() == "content-length-range":
            return "content-length-range", "", (int(first), int(second))
        if str(operator).lower() in ("eq", "starts-with") and str(first).startswith("$"):
            return str(operator).lower(), str(first)[1:].lower(), second
    raise Refused(400, "InvalidPolicyDocument", "Invalid Policy: Invalid Simple-Condition.")


def check_conditions(policy: Mapping[str, Any], fields: Mapping[str, str]) -> None:
    """Every condition holds, and every field has one. `fields` includes the bucket.

    Raises Refused.
    """
    named = {"bucket"}
    for operator, name, value in policy["conditions"]:
        if operator == "content-length-range":
            continue
        named.add(name)
        found = fields.get(name, "")
        holds = found == value if operator == "eq" else found.startswith(value)
        if name not in fields or not holds:
            text = json.dumps([operator, f"${name}", value])
            raise Refused(
                403,
                "AccessDenied",
                f"Invalid according to Policy: Policy Condition failed: {text}",
            )
    for name in fields:
        if name not in named and name not in FREE_FIELDS and not name.startswith(FREE_PREFIX):
            raise Refused(
                403,
                "AccessDenied",
                f"Invalid according to Policy: Extra input fields: {name}",
            )


def longest(policy: Mapping[str, Any]) -> int:
    """The most bytes that any range of the policy lets in; S3's own limit without one."""
    limits = [v[1] for op, _, v in policy["conditions"] if op == "content-length-range"]
    return min(limits, default=5 * 1024**3)


def check_length(policy: Mapping[str, Any], size: int) -> None:
    """The file is within every content-length-range. Raises Refused."""
    for operator, _, bounds in policy["conditions"]:
        if operator != "content-length-range":
            continue
        if size > bounds[1]:
            message = "Your proposed upload exceeds the maximum allowed size"
            raise Refused(400, "EntityTooLarge", message)
        if size < bounds[0]:
            message = "Your proposed upload is smaller than the minimum allowed size"
            raise Refused(400, "EntityTooSmall", message)


class _Body:
    """The body of a request, in chunks, never past its announced length."""

    def __init__(self, environ: dict[str, Any]):
        self._stream = environ["wsgi.input"]
        self._left = int(environ.get("CONTENT_LENGTH") or 0)

    def chunk(self) -> bytes:
        data: bytes = self._stream.read(min(CHUNK, self._left))
        self._left -= len(data)
        return data

    def drain(self) -> None:
        """Read what is left, so that a browser that is still sending hears the answer."""
        while self.chunk():
            pass


class _FormReader:
    """A multipart form read from front to back: fields, then one file."""

    def __init__(self, body: _Body, boundary: str):
        if not boundary:
            raise Refused(400, "MalformedPOSTRequest", "The body is not well-formed multipart.")
        self._body = body
        self._decoder = MultipartDecoder(boundary.encode())

    def fields(self) -> dict[str, str]:
        """Everything before the file, names in lower case. Raises Refused."""
        fields: dict[str, str] = {}
        name, total = "", 0
        parts: list[bytes] = []
        while True:
            event = self._event()
            if isinstance(event, File):
                if event.name != "file":
                    raise Refused(400, "InvalidArgument", "Only the field 'file' may be a file.")
                return fields
            if isinstance(event, Field):
                name, parts = event.name.lower(), []
            elif isinstance(event, Data):
                parts.append(event.data)
                total += len(event.data)
                if total > MAX_FIELDS_BYTES:
                    raise Refused(400, "MaxPostPreDataLengthExceeded", "The fields are too long.")
                if not event.more_data:
                    fields[name] = b"".join(parts).decode(errors="replace")
            elif isinstance(event, Epilogue):
                message = "POST requires exactly one file upload per request."
                raise Refused(400, "InvalidArgument", message)
            elif not isinstance(event, Preamble):
                raise Refused(400, "MalformedPOSTRequest", "The body is not well-formed multipart.")

    def file(self, most: int) -> tuple[bytes, int]:
        """The file (cut after `most` bytes) and its length. Fields behind it are ignored."""
        kept, size = [], 0
        while True:
            event = self._event()
            if not isinstance(event, Data):
                raise Refused(400, "MalformedPOSTRequest", "The body is not well-formed multipart.")
            size += len(event.data)
            if size <= most:
                kept.append(event.data)
            if size > most or not event.more_data:
                self._body.drain()
                return b"".join(kept), size

    def _event(self) -> Any:
        try:
            while isinstance(event := self._decoder.next_event(), NeedData):
                self._decoder.receive_data(self._body.chunk() or None)
        except ValueError as error:
            message = "The body of your POST request is not well-formed multipart/form-data."
            raise Refused(400, "MalformedPOSTRequest", message) from error
        return event


def _answer_error(refused: Refused, start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{refused.code}</Code><Message>{escape(refused.message)}</Message></Error>"
    ).encode()
    reason = "Forbidden" if refused.status == 403 else "Bad Request"
    headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))]
    start_response(f"{refused.status} {reason}", headers)
    return [body]
