"""What stands around every use case: access, origin, body, errors, cookies, OpenAPI."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from marshmallow import fields

from functions.programme.times import HOUR, MINUTE
from functions.programme.tokens import hash_secret
from functions.web.access import ACCESS
from functions.web.application import create_app
from functions.web.cookies import SetCookie
from functions.web.endpoints import Reply, Room
from functions.web.errors import Conflict, TooMany
from functions.web.schemas import RequestSchema
from tests.fakes import CONFIG, FakeClock, fake_runtime

ORIGIN = {"Origin": CONFIG.origin}
KEY = {"Idempotency-Key": "0123456789abcdef"}
HERE = "https://localhost"


class Inner(RequestSchema):
    village = fields.String(required=True)


class Body(RequestSchema):
    name = fields.String(required=True)
    age = fields.Integer(strict=True)
    address = fields.Nested(Inner)


def app_with(view, runtime=None, **settings):
    room = Room("verify")
    room.endpoint("POST", "/accounts", answers={202: None}, **settings)(view)
    return create_app(room, runtime or fake_runtime()).test_client()


def post(client, json=None, path="/api/verify/accounts", **kwargs):
    headers = {**ORIGIN, **kwargs.pop("headers", {})}
    return client.post(
        path, json={} if json is None else json, headers=headers, base_url=HERE, **kwargs
    )


def accepted(call):
    """Accept."""
    return Reply(202, {"got": call.body, "key": call.idempotency_key, "from": call.address})


def test_a_body_is_checked_field_by_field():
    client = app_with(accepted, body=Body)
    answer = post(client, {"age": "1", "address": {}, "wave": 3})
    assert answer.status_code == 422
    assert answer.json["error"]["code"] == "invalid"
    assert answer.json["error"]["params"]["fields"] == {
        "name": "missing",
        "age": "wrong_type",
        "address.village": "missing",
        "wave": "unknown_field",
    }


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "null", "[" * 5000])
def test_what_is_no_json_object_is_refused(text):
    client = app_with(accepted, body=Body)
    answer = client.post(
        "/api/verify/accounts",
        data=text,
        content_type="application/json",
        headers=ORIGIN,
        base_url=HERE,
    )
    assert answer.status_code in (400, 422)
    assert answer.json["error"]["code"] in ("not_json", "invalid")


def test_a_form_post_of_another_site_is_refused():
    client = app_with(accepted, body=Body)
    answer = client.post("/api/verify/accounts", data={"name": "x"}, headers=ORIGIN, base_url=HERE)
    assert answer.json["error"]["code"] == "not_json"


def test_a_large_body_is_refused():
    client = app_with(accepted, body=Body)
    assert post(client, {"name": "x" * 70_000}).status_code in (400, 413)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", CONFIG.origin + ".evil", ""])
def test_only_our_own_pages_may_change_anything(origin):
    answer = post(app_with(accepted), headers={"Origin": origin})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "wrong_origin")


def test_a_creation_needs_an_idempotency_key():
    client = app_with(accepted, idempotent=True)
    assert post(client).json["error"]["code"] == "idempotency_key_missing"
    assert post(client, headers=KEY).json["key"] == KEY["Idempotency-Key"]


def test_errors_have_one_shape_and_their_status():
    def taken(call):
        raise Conflict("nik_in_use", hint=1)

    answer = post(app_with(taken))
    assert answer.status_code == 409
    assert answer.json == {"error": {"code": "nik_in_use", "params": {"hint": 1}}}


def test_a_limit_says_when_to_come_back():
    def limited(call):
        raise TooMany("too_soon", seconds=17)

    assert post(app_with(limited)).headers["Retry-After"] == "17"


def test_a_defect_is_answered_without_its_text_and_logged_without_its_values(caplog):
    def broken(call):
        raise RuntimeError("NIK 3171010101909001")

    answer = post(app_with(broken))
    assert (answer.status_code, answer.json["error"]["code"]) == (500, "unexpected")
    assert "RuntimeError" in caplog.text
    assert "3171" not in caplog.text


def test_unknown_routes_and_methods_are_answered_in_the_same_shape():
    client = app_with(accepted)
    assert post(client, path="/api/verify/nothing").json["error"]["code"] == "no_such_route"
    assert client.get("/api/verify/accounts", base_url=HERE).status_code == 405


def test_a_route_outside_the_access_table_cannot_be_served():
    room = Room("verify")
    room.endpoint("POST", "/backdoor", answers={200: None})(accepted)
    with pytest.raises(KeyError):
        create_app(room, fake_runtime())


def test_answers_are_not_stored_and_not_sniffed():
    headers = post(app_with(accepted)).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_address_is_the_one_the_last_trusted_hop_saw():
    forged = {"X-Forwarded-For": "1.1.1.1, 203.0.113.9"}
    assert post(app_with(accepted), headers=forged).json["from"] == "203.0.113.9"


def behind_cloudfront(*keys):
    digests = tuple(hashlib.sha256(key.encode()).hexdigest() for key in keys)
    config = replace(CONFIG, trusted_hops=2, front_keys=digests)
    return app_with(accepted, fake_runtime(config=config))


def test_behind_cloudfront_the_readers_address_is_the_last_but_one():
    forged = {"X-Forwarded-For": "1.1.1.1, 203.0.113.9, 198.51.100.4", "X-Front-Key": "key"}
    assert post(behind_cloudfront("key"), headers=forged).json["from"] == "203.0.113.9"


def test_whoever_comes_past_cloudfront_is_refused_whatever_they_ask():
    client = behind_cloudfront("key", "the next key")
    digest = hashlib.sha256(b"key").hexdigest()
    for shown in ({}, {"X-Front-Key": ""}, {"X-Front-Key": "kez"}, {"X-Front-Key": digest}):
        refused = post(client, headers=shown)
        assert (refused.status_code, refused.json["error"]["code"]) == (403, "wrong_origin")
        assert client.get("/api/verify/openapi.json", headers=shown).status_code == 403
        assert client.get("/nowhere", headers=shown).status_code == 403
    for key in ("key", "the next key"):
        assert post(client, headers={"X-Front-Key": key}).status_code == 202


def cookies_of(origin):
    runtime = fake_runtime(config=replace(CONFIG, origin=origin))

    def login(call):
        return Reply(202, {}, (SetCookie("session", "a.b.c"),))

    client = app_with(login, runtime)
    return post(client, headers={"Origin": origin}).headers["Set-Cookie"]


def test_over_tls_the_cookie_is_bound_to_the_host():
    cookie = cookies_of("https://gelombang.example")
    assert cookie.startswith("__Host-session=a.b.c;")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_on_plain_http_the_cookie_has_a_plain_name():
    cookie = cookies_of("http://127.0.0.1:8000")
    assert cookie.startswith("session=a.b.c;")
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie


class TestSessions:
    """`DELETE sessions` needs a session; every case below asks for it."""

    def client(self, clock, created=0, seen=0, secret="secret"):
        runtime = fake_runtime(clock=clock)
        runtime.tables.items["sessions"]["a", "s"] = {
            "applicant": "a",
            "session": "s",
            "secret_hash": hash_secret("secret"),
            "created_at": clock.now + created,
            "seen_at": clock.now + seen,
        }
        room = Room("verify")

        @room.endpoint("DELETE", "/sessions", answers={200: None})
        def who(call):
            """Say who."""
            return Reply(200, {"applicant": call.applicant})

        client = create_app(room, runtime).test_client()
        client.set_cookie("__Host-session", f"a.s.{secret}", domain="localhost", secure=True)
        self.sessions = runtime.tables.items["sessions"]
        return client

    def ask(self, client):
        return client.delete("/api/verify/sessions", headers=ORIGIN, base_url=HERE)

    def test_a_valid_session_names_its_applicant(self):
        assert self.ask(self.client(FakeClock())).json == {"applicant": "a"}

    @pytest.mark.parametrize("secret", ["Secret", "", "secret.x"])
    def test_another_secret_is_no_session(self, secret):
        answer = self.ask(self.client(FakeClock(), secret=secret))
        assert (answer.status_code, answer.json["error"]["code"]) == (401, "no_session")

    @pytest.mark.parametrize(
        ("created", "seen", "status"),
        [
            (-HOUR, -30 * MINUTE, 401),
            (-HOUR, -30 * MINUTE + 1, 200),
            (-12 * HOUR, 0, 401),
            (-12 * HOUR + 1, 0, 200),
        ],
    )
    def test_a_session_ends_after_30_idle_minutes_and_after_12_hours(self, created, seen, status):
        assert self.ask(self.client(FakeClock(), created, seen)).status_code == status

    def test_use_keeps_a_session_alive_with_few_writes(self):
        clock = FakeClock()
        client = self.client(clock)
        for _ in range(10):
            clock.advance(20 * MINUTE)
            assert self.ask(client).status_code == 200
        seen = self.sessions["a", "s"]["seen_at"]
        clock.advance(MINUTE)
        self.ask(client)
        assert self.sessions["a", "s"]["seen_at"] == seen


def test_openapi_is_made_from_the_schemas():
    client = app_with(accepted, body=Body, idempotent=True)
    document = client.get("/api/verify/openapi.json", base_url=HERE).json
    operation = document["paths"]["/api/verify/accounts"]["post"]
    assert operation["summary"] == "Accept."
    assert operation["parameters"][0]["name"] == "Idempotency-Key"
    assert document["components"]["schemas"]["Body"]["required"] == ["name"]
    assert document["components"]["schemas"]["Body"]["additionalProperties"] is False
    assert document["components"]["securitySchemes"]["session"]["name"] == "__Host-session"


def test_every_function_serves_exactly_the_routes_of_the_access_table():
    from functions.select import app as select
    from functions.upload import app as upload
    from functions.verify import app as verify

    served = {
        (method, rule.rule)
        for room in (select, upload, verify)
        for rule in room.create(fake_runtime()).url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert served == set(ACCESS)
