"""Asking for a presigned POST, and seeing what became of a photo."""

from __future__ import annotations

import pytest

from functions.programme.photos import MAX_PER_DAY
from functions.programme.times import DAY
from functions.programme.tokens import hash_secret
from functions.upload.app import create
from tests.fakes import CONFIG, fake_runtime

ORIGIN = {"Origin": CONFIG.origin}
JPEG = {"kind": "ktp", "size": 500_000, "content_type": "image/jpeg"}


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def client(runtime):
    return signed_in(runtime, "a" * 32)


def signed_in(runtime, applicant):
    session = {
        "applicant": applicant,
        "session": "s1",
        "secret_hash": hash_secret("secret"),
        "created_at": runtime.clock(),
        "seen_at": runtime.clock(),
    }
    runtime.tables.items["sessions"][applicant, "s1"] = session
    client = create(runtime).test_client()
    client.set_cookie("__Host-session", f"{applicant}.s1.secret", domain="localhost", secure=True)
    client.environ_base["wsgi.url_scheme"] = "https"
    return client


def ask(client, body=JPEG, key="0123456789abcdef"):
    return client.post(
        "/api/upload/photos",
        json=body,
        headers={**ORIGIN, "Idempotency-Key": key},
        base_url="https://localhost",
    )


def look(client, path="/api/upload/photos"):
    return client.get(path, base_url="https://localhost")


def test_a_form_is_for_one_random_key_of_this_applicant(client, runtime):
    answer = ask(client)
    assert answer.status_code == 201
    assert answer.json["fields"]["key"] == "a" * 32 + "/" + answer.json["photo"]
    assert answer.json["fields"]["Content-Type"] == "image/jpeg"
    assert answer.json["expires_at"] == "2026-01-05T05:05:00Z"
    (shown,) = look(client).json["photos"]
    assert (shown["state"], shown["reasons"], shown["decided_at"]) == ("waiting", [], None)


def test_the_same_key_gives_a_form_for_the_same_photo(client):
    assert ask(client).json["photo"] == ask(client).json["photo"]
    assert ask(client).json["photo"] != ask(client, key="fedcba9876543210").json["photo"]


def test_a_key_used_for_another_photo_is_refused(client):
    ask(client)
    answer = ask(client, {**JPEG, "kind": "selfie"})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "idempotency_key_reused")


def test_a_decided_photo_gets_no_new_form(client, runtime):
    photo = ask(client).json["photo"]
    runtime.tables.items["photos"]["a" * 32, photo]["state"] = "refused"
    assert ask(client).json["error"]["code"] == "photo_decided"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"size": 2_000_001}, "size", "too_large"),
        ({"size": 0}, "size", "too_large"),
        ({"size": "1"}, "size", "wrong_type"),
        ({"content_type": "application/pdf"}, "content_type", "wrong_format"),
        ({"kind": "passport"}, "kind", "not_a_choice"),
        ({"state": "accepted"}, "state", "unknown_field"),
    ],
)
def test_what_cannot_be_accepted_is_refused_before_it_is_sent(client, change, field, code):
    answer = ask(client, {**JPEG, **change})
    assert answer.status_code == 422
    assert answer.json["error"]["params"]["fields"] == {field: code}


def test_photos_a_day_are_limited_and_the_wait_is_told(client, runtime):
    for number in range(MAX_PER_DAY):
        assert ask(client, key=f"{number:016d}").status_code == 201
    answer = ask(client, key="x" * 16)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(DAY // 1000))
    assert ask(client, key="0" * 16).status_code == 201, "a repeat is not a new photo"
    runtime.clock.advance(DAY)
    # The session has ended meanwhile: the person logs in again.
    assert ask(signed_in(runtime, "a" * 32), key="x" * 16).status_code == 201


def test_nobody_sees_the_photo_of_another(client, runtime):
    photo = ask(client).json["photo"]
    other = signed_in(runtime, "b" * 32)
    assert look(other, f"/api/upload/photos/{photo}").status_code == 404
    assert look(other).json["photos"] == []
    assert look(client, f"/api/upload/photos/{photo}").json["photo"] == photo


def test_without_a_session_there_is_no_form(runtime):
    stranger = create(runtime).test_client()
    assert ask(stranger).status_code == 401
