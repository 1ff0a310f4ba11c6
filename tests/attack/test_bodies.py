"""Bodies that are meant to break a parser, a store or a reader: each ends as a clear refusal."""

from __future__ import annotations

import json
import socket
import threading

import pytest
from werkzeug.wrappers import Request, Response

from functions.web.access import ACCESS
from local.server import SLOWEST, _QuietHandler, _Server
from tests.attack.stage import valid_body

WITH_BODY = {
    ("POST", "/api/verify/password/forgot"): "email",
    ("PUT", "/api/verify/profile"): "topic",
    ("POST", "/api/upload/photos"): "kind",
    ("POST", "/api/select/waves/2/entry"): "consent",
}


def raw(stage, route, data, **more):
    more.setdefault("content_type", "application/json")
    return stage.send(*route, None, session=stage.budi.session, data=data, **more)


def body_of(stage, route):
    rule = route[1].replace("/2/", "/<int:wave>/")
    return valid_body(stage, (route[0], rule))


TEN_MEGABYTES = b'{"x": "' + b"x" * 10_000_000 + b'"}'
DEEP = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
DEEP_IN_BOUNDS = b'{"x":' * 9_000 + b"1" + b"}" * 9_000


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (TEN_MEGABYTES, 400, "body_too_large"),
        (DEEP, 400, "body_too_large"),
        (DEEP_IN_BOUNDS, 400, "not_json"),
        (b"[" * 60_000, 400, "not_json"),
        (b'{"x": [' + b"[]," * 300 + b"0]}", 400, "not_json"),
        (b"", 400, "not_json"),
        (b"\xef\xbb\xbf{}", 400, "not_json"),
        ('{"x": 1}'.encode("utf-16"), 400, "not_json"),
        (b'{"x": "\xff\xfe"}', 400, "not_json"),
        (b'{"x": "\\ud800"}', 400, "not_json"),
        (b'{"\\udfff": 1}', 400, "not_json"),
        (b'{"x": NaN}', 400, "not_json"),
        (b'{"x": -Infinity}', 400, "not_json"),
        (b'{"x": ' + b"9" * 50_000 + b"}", 400, "not_json"),
        (b'{"x": 1} {"x": 2}', 400, "not_json"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"x"', 422, "invalid"),
        (b"1e999", 422, "invalid"),
    ],
    ids=lambda value: value[:12].decode("latin-1") if isinstance(value, bytes) else str(value),
)
def test_a_body_that_is_not_ours_is_refused(stage, route, data, status, code):
    before = stage.snapshot()
    answer = raw(stage, route, data)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert stage.snapshot() == before


@pytest.mark.parametrize(("route", "field"), WITH_BODY.items(), ids=str)
def test_a_key_that_stands_twice_is_refused(stage, route, field):
    """Readers differ in which of two they take, so a filter before us might see the other."""
    before = stage.snapshot()
    body = json.dumps(body_of(stage, route))
    twice = f'{{"{field}": "", {body[1:]}'
    answer = raw(stage, route, twice)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "not_json")
    assert stage.snapshot() == before


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_only_json_is_read_so_that_no_form_of_another_page_can_be(stage, route, kind):
    before = stage.snapshot()
    answer = raw(stage, route, json.dumps(body_of(stage, route)), content_type=kind)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "not_json")
    assert stage.snapshot() == before


@pytest.mark.parametrize("wave", [0, 2**32, 10**60])
@pytest.mark.parametrize("route", [r for r in ACCESS if "<int" in r[1]], ids=" ".join)
def test_a_number_beyond_all_tables_is_refused_and_not_a_defect(stage, route, wave):
    path = route[1].replace("<int:wave>", str(wave)).replace("<int:number>", str(wave))
    answer = stage.send(*(route[0], path), valid_body(stage, route), session=stage.budi.session)
    assert 400 <= answer.status_code < 500
    assert answer.json["error"]["code"] != "unexpected"


@pytest.mark.parametrize("attempt", [-1, 10**6, 10**60])
def test_an_attempt_beyond_all_tables_is_refused(stage, attempt):
    answer = stage.send(
        "POST", "/api/verify/test/submit", {"attempt": attempt}, session=stage.budi.session
    )
    assert answer.json["error"]["params"] == {"fields": {"attempt": "out_of_range"}}


@pytest.mark.parametrize("size", [65, 1100, 5000])
def test_an_id_of_any_length_is_unknown_and_not_a_defect(stage, size):
    long = "a" * size
    photo = stage.send("GET", f"/api/upload/photos/{long}", session=stage.budi.session)
    assert (photo.status_code, photo.json["error"]["code"]) == (404, "photo_unknown")
    review = stage.send("POST", f"/api/upload/photos/{long}/review", session=stage.budi.session)
    assert review.status_code == 404
    for token in (f"{long}.b.c", f"b.{long}.c", f"b.c.{long}", f"{long}.{long}"):
        answer = stage.send("GET", "/api/verify/me", session=token)
        assert answer.json["error"]["code"] == "no_session"
        answer = stage.send("POST", "/api/verify/email/resend", {}, registration=token)
        assert answer.json["error"]["code"] == "no_registration"


@pytest.fixture
def dribbled(monkeypatch):
    """The local server on a port, with little patience; gives its address."""
    monkeypatch.setattr(_QuietHandler, "timeout", 0.2)

    @Request.application
    def reads(request):
        return Response(str(len(request.get_data())))

    server = _Server("127.0.0.1", 0, reads, handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.server_address
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_local_server_waits_a_minute_at_most():
    assert _QuietHandler.timeout == SLOWEST <= 60


@pytest.mark.parametrize(
    "begun",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"POST / HTTP/1.1\r\nHost: x",
    ],
    ids=["body", "chunks", "head"],
)
def test_a_sender_that_stops_in_the_middle_does_not_keep_the_local_server(dribbled, begun):
    with socket.create_connection(dribbled, timeout=10) as connection:
        connection.sendall(begun)
        told = b""
        while more := connection.recv(4096):
            told += more
    assert told == b"" or told.startswith(b"HTTP/1.1 400")
