"""Mass assignment: fields that are not the applicant's to set, put into every body.

Each is refused as a whole, by name, before anything is written.
"""

from __future__ import annotations

import copy

import pytest

from functions.cloud.tables import KEYS
from functions.programme.readiness import READINESS
from functions.select import app as select
from functions.upload import app as upload
from functions.verify import app as verify
from tests.attack.stage import valid_body

ROUTES = {
    (endpoint.method, endpoint.rule): endpoint
    for app in (verify, upload, select)
    for endpoint in app.room.endpoints
}
WITH_BODY = [route for route, endpoint in ROUTES.items() if endpoint.body is not None]
WITHOUT_BODY = [
    route for route, endpoint in ROUTES.items() if endpoint.body is None and route[0] != "GET"
]
# Attributes of our own items, and names that other programmes give to power.
FIELDS = sorted(
    {
        *READINESS,
        *(name for key in KEYS.values() for name in key if name),
        *("outcome", "status", "state", "verified", "selected", "rank", "record", "room"),
        *("role", "admin", "is_admin", "permissions", "operator", "group", "pool", "weight"),
        *("revision", "held", "recipient_of", "open_waves", "withdrawn", "removed_for", "shard"),
        *("email_mac", "nik_mac", "kk_mac", "subject_mac", "password_hash", "password_at"),
        *("tries", "sends", "used_at", "expires", "expires_at", "allowed_at", "created_at"),
        *("passed_at", "score", "deadline_at", "reasons", "review", "copy", "version", "gate"),
        *("salt", "commitment", "exclusions", "joined_at", "id", "_id", "__class__", "__proto__"),
        *("", "$set", "body.status", "email[]", "OUTCOME", "consent ", "limit", "delivery"),
    }
)
VALUES = (True, 1, "accepted")


def place_of(stage, route):
    path = route[1].replace("<photo>", stage.budi.owned["photo"])
    return path.replace("<int:wave>", "2").replace("<int:number>", "1")


def sent(stage, route, body, **more):
    held = {"session": stage.budi.session, "registration": stage.budi.owned["registration"]}
    return stage.send(route[0], place_of(stage, route), body, **held, **more)


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
def test_a_field_that_is_not_the_callers_is_refused_by_name_and_changes_nothing(stage, route):
    body = valid_body(stage, route)
    assert body is not None, "a route with a body needs a valid one in stage.valid_body"
    known = set(ROUTES[route].body().fields)
    before = stage.snapshot()
    counted = dict(stage.tables["limits"])
    for number, name in enumerate(field for field in FIELDS if field not in known):
        answer = sent(stage, route, {**body, name: VALUES[number % len(VALUES)]})
        assert answer.status_code == 422, (name, answer.text)
        assert answer.json["error"]["params"]["fields"] == {name: "unknown_field"}
    assert stage.snapshot() == before
    assert stage.tables["limits"] == counted, "what is refused unread is not counted either"


def test_nor_inside_a_field_that_is(stage):
    route = ("PUT", "/api/verify/profile")
    before = stage.snapshot()
    for name in FIELDS:
        body = valid_body(stage, route)
        body["address"] = {**body["address"], name: 1}
        answer = sent(stage, route, body)
        assert answer.json["error"]["params"]["fields"] == {f"address.{name}": "unknown_field"}
    assert stage.snapshot() == before


@pytest.mark.parametrize("route", WITH_BODY, ids=" ".join)
def test_a_known_field_of_another_shape_is_refused_and_changes_nothing(stage, route):
    body = valid_body(stage, route)
    before = stage.snapshot()
    for name in body:
        for value in ([], [body[name]], {"$ne": ""}, {"S": "x"}, -1e308, None):
            if name == "current_address" and value is None:
                continue
            answer = sent(stage, route, {**body, name: value})
            assert answer.status_code == 422, (name, value, answer.text)
            assert set(answer.json["error"]["params"]["fields"]) & {name, f"{name}.province"} or (
                any(
                    field.startswith(f"{name}.")
                    for field in answer.json["error"]["params"]["fields"]
                )
            )
    assert stage.snapshot() == before


@pytest.mark.parametrize("route", WITHOUT_BODY, ids=" ".join)
def test_a_route_without_a_body_reads_none(stage, route):
    """The same happens as without one."""
    before, ends = stage.snapshot(), []
    for body in (None, {"applicant": "a" * 32, "state": "accepted", "outcome": 1, "session": "x"}):
        answer = sent(stage, route, body)
        ends.append((answer.status_code, answer.data, unsealed(stage.snapshot())))
        stage.tables.update(copy.deepcopy(before))
    assert ends[0] == ends[1]


def unsealed(tables):
    """The tables without what is different each time: sealed bytes and random ids of letters."""
    return {
        name: [
            {k: v for k, v in item.items() if not isinstance(v, bytes) and k != "message"}
            for item in items.values()
        ]
        for name, items in tables.items()
    }


def test_what_stands_in_the_address_instead_of_the_body_is_not_read(stage):
    before = stage.snapshot()
    route = ("PUT", "/api/verify/identity")
    path = "/api/verify/identity?nik=3201014106959009&sex=male&applicant=" + stage.ani.applicant
    answer = stage.send(route[0], path, {}, session=stage.budi.session)
    assert set(answer.json["error"]["params"]["fields"]) == {"nik", "kk", "birth_date", "sex"}
    assert stage.snapshot() == before
