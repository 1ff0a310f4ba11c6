"""Objecting over HTTP: what is accepted, refused, and repeated."""

from __future__ import annotations

import pytest

from tests.select.test_http import KEY, Browser, code
from tests.select.world import World


@pytest.fixture
def world():
    made = World()
    made.create()
    return made


@pytest.fixture
def browser(world):
    return Browser(world)


def objects(browser, body, key=KEY, wave=1):
    headers = {"Origin": "https://gelombang.example", "Idempotency-Key": key}
    path = f"/api/select/entries/{wave}/objection"
    return browser._client.post(path, json=body, headers={**browser.cookies, **headers})


def test_a_record_can_be_objected_to_over_http(world, browser):
    given = {"reason": "wrong_family", "text": "KK saya bukan itu."}
    assert code(objects(browser, given)) == (404, "entry_unknown")
    browser.join()
    assert code(objects(browser, given)) == (409, "objection_not_yet")
    world.to_close()
    world.tick()
    browser.log_in()
    made = objects(browser, given)
    assert made.status_code == 201 and made.json["state"] == "waiting"
    assert objects(browser, given).json == made.json
    assert code(objects(browser, given, key="2" * 36)) == (409, "already_objected")
    assert browser.get("/entries/1").json["objection"] == made.json


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"reason": "because"}, {"reason": "not_a_choice"}),
        ({"text": "x" * 501}, {"text": "text_length"}),
        ({"text": " \n"}, {"text": "missing"}),
        ({"text": "a\x00b"}, {"text": "text_signs"}),
        ({"more": 1}, {"more": "unknown_field"}),
    ],
)
def test_an_objection_is_one_known_reason_and_a_short_text(browser, change, fields):
    answer = objects(browser, {"reason": "other", "text": "Salah.", **change})
    assert answer.status_code == 422
    assert answer.json["error"]["params"]["fields"] == fields
