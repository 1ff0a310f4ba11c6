"""Asking for a person: when it is allowed, and that asking twice is asking once."""

from __future__ import annotations

import pytest

from functions.programme.photos import REVIEW_ASKED_WITHIN
from functions.upload.checking import check_photo
from functions.upload.photo.verdict import Verdict
from tests.fakes import fake_runtime
from tests.upload.test_photo_requests import ORIGIN, ask, look, signed_in

APPLICANT, OTHER = "a" * 32, "b" * 32
BLURRED = Verdict(False, ("blurred",), clean=b"\xff\xd8\xff blurred")
CORRUPT = Verdict(False, ("corrupt",))
GOOD = Verdict(True, clean=b"\xff\xd8\xff good")


@pytest.fixture
def runtime():
    return fake_runtime()


@pytest.fixture
def client(runtime):
    return signed_in(runtime, APPLICANT)


def send(runtime, client, verdict=BLURRED, kind="ktp"):
    """Send one photo and have it judged; gives its id."""
    runtime.clock.advance(1_000)
    key = runtime.random(16).hex()
    body = {"kind": kind, "size": 9, "content_type": "image/jpeg"}
    photo = ask(client, body, key).json["photo"]
    name = f"{APPLICANT}/{photo}"
    version = runtime.files.write("incoming", name, b"from phone", content_type="image/jpeg")
    check_photo(runtime, lambda data, kind: verdict, name, version)
    return photo


def request_review(client, photo):
    path = f"/api/upload/photos/{photo}/review"
    return client.post(path, headers=ORIGIN, base_url="https://localhost")


def item(runtime, photo):
    return runtime.tables.get("photos", {"applicant": APPLICANT, "photo": photo})


def test_after_two_refusals_the_photo_waits_for_a_person(runtime, client):
    send(runtime, client)
    photo = send(runtime, client)
    assert [shown["may_review"] for shown in look(client).json["photos"]] == [True, False]
    answer = request_review(client, photo)
    assert (answer.status_code, answer.json["state"]) == (200, "in_review")
    assert answer.json["review_asked_at"] == "2026-01-05T05:00:02Z"
    (queued,) = runtime.tables.query_index(
        "photos", "in_review", "ktp", up_to=runtime.clock(), limit=9
    )
    assert queued["photo"] == photo
    assert runtime.files.states[queued["copy"]] == "in_review", "its copy no longer ends by itself"
    assert look(client, f"/api/upload/photos/{photo}").json == answer.json
    assert not answer.json["may_review"] and not answer.json["by_person"]


def test_asking_again_is_answered_the_same_and_keeps_the_place_in_the_queue(runtime, client):
    send(runtime, client)
    photo = send(runtime, client)
    first = request_review(client, photo).json
    queued = item(runtime, photo)
    runtime.files.states[queued["copy"]] = "refused"  # as if the first had ended too early
    runtime.clock.advance(60_000)
    assert request_review(client, photo).json == first
    assert item(runtime, photo) == queued
    assert runtime.files.states[queued["copy"]] == "in_review"


def test_one_refusal_is_not_enough_and_the_answer_says_how_many_are(runtime, client):
    photo = send(runtime, client)
    answer = request_review(client, photo)
    assert answer.status_code == 409
    assert answer.json["error"] == {"code": "review_not_yet", "params": {"left": 1}}
    assert not look(client, f"/api/upload/photos/{photo}").json["may_review"]


@pytest.mark.parametrize(
    ("verdicts", "asked", "code"),
    [
        ((BLURRED, BLURRED), 0, "review_outdated"),
        ((BLURRED, CORRUPT), 1, "review_not_possible"),
        ((BLURRED, BLURRED, GOOD), 1, "review_outdated"),
        ((BLURRED, GOOD), 1, "photo_decided"),
    ],
)
def test_what_a_person_need_not_look_at_is_refused(runtime, client, verdicts, asked, code):
    photos = [send(runtime, client, verdict) for verdict in verdicts]
    answer = request_review(client, photos[asked])
    assert (answer.status_code, answer.json["error"]["code"]) == (409, code)
    assert not look(client, f"/api/upload/photos/{photos[asked]}").json["may_review"]


def test_a_second_photo_cannot_be_asked_for_while_the_first_is_looked_at(runtime, client):
    send(runtime, client)
    request_review(client, send(runtime, client))
    for _ in range(2):
        later = send(runtime, client)
    assert request_review(client, later).json["error"]["code"] == "review_running"


def test_when_the_copy_may_be_gone_it_is_too_late(runtime, client):
    send(runtime, client)
    photo = send(runtime, client)
    runtime.clock.advance(REVIEW_ASKED_WITHIN)
    client = signed_in(runtime, APPLICANT)
    assert request_review(client, photo).json["error"]["code"] == "review_too_late"


def test_a_photo_from_before_copies_were_kept_cannot_be_looked_at(runtime, client):
    send(runtime, client)
    photo = send(runtime, client)
    del runtime.tables.items["photos"][APPLICANT, photo]["copy"]
    assert not look(client, f"/api/upload/photos/{photo}").json["may_review"]
    assert request_review(client, photo).json["error"]["code"] == "review_not_possible"


def test_a_photo_decided_between_look_and_write_is_not_taken_back(runtime, client):
    send(runtime, client)
    photo = send(runtime, client)

    class Slow(type(runtime.tables)):
        """An operator is quicker than this request."""

        def write(self, *actions):
            self.items["photos"][APPLICANT, photo]["state"] = "accepted"
            super().write(*actions)

    runtime.tables.__class__ = Slow
    assert request_review(client, photo).json["error"]["code"] == "photo_decided"


def test_a_copy_that_is_gone_does_not_hold_up_the_request(runtime, client):
    send(runtime, client)
    photo = send(runtime, client)
    runtime.files.objects.clear()
    assert request_review(client, photo).status_code == 200


def test_nobody_asks_for_the_photo_of_another_or_without_a_session(runtime, client):
    send(runtime, client)
    photo = send(runtime, client)
    answer = request_review(signed_in(runtime, OTHER), photo)
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "photo_unknown")
    client.delete_cookie("__Host-session", domain="localhost")
    assert request_review(client, photo).status_code == 401
    assert item(runtime, photo)["state"] == "refused"
