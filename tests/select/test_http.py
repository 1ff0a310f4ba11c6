"""The HTTP side: routes, access, shapes, and what an answer never holds."""

from __future__ import annotations

import pytest

from functions.cloud.tables import Put
from functions.programme.tokens import hash_secret
from functions.select.app import create
from functions.web.access import ACCESS
from tests.select.world import CLOSES_AT, World

KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture
def world():
    made = World()
    made.create()
    return made


@pytest.fixture
def browser(world):
    return Browser(world)


class Browser:
    """A client with the session of one applicant."""

    def __init__(self, world, number=1):
        self.applicant = world.person(number)
        self._world = world
        self.log_in()
        self._client = create(world.runtime).test_client(use_cookies=False)
        self.cookies = {"Cookie": f"__Host-session={self.applicant}.s1.secret"}

    def log_in(self):
        """A session that begins now."""
        session = {
            "applicant": self.applicant,
            "session": "s1",
            "secret_hash": hash_secret("secret"),
            "created_at": self._world.clock(),
            "seen_at": self._world.clock(),
        }
        self._world.tables.write(Put("sessions", session))

    def get(self, path, **headers):
        return self._client.get(f"/api/select{path}", headers={**self.cookies, **headers})

    def join(self, wave=1, key=KEY, body=None, **headers):
        given = {"Origin": "https://gelombang.example", "Idempotency-Key": key, **headers}
        return self._client.post(
            f"/api/select/waves/{wave}/entry",
            json={"consent": True} if body is None else body,
            headers={**self.cookies, **given},
        )


def code(answer):
    return answer.status_code, answer.json["error"]["code"]


def test_every_route_of_select_is_in_the_access_table_and_there(world):
    rules = {
        (method, rule.rule)
        for rule in create(world.runtime).url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert rules == {route for route in ACCESS if route[1].startswith("/api/select/")}


def test_anyone_sees_the_waves(world, browser):
    browser.cookies = {}
    listed = browser.get("/waves").json
    (wave,) = listed["waves"]
    assert wave == browser.get("/waves/1").json
    assert wave == {
        "wave": 1,
        "phase": "open",
        "quota": 3,
        "reserve": 1,
        "opens_at": "2026-01-05T05:01:00Z",
        "closes_at": "2026-01-05T06:00:00Z",
        "draw_at": "2026-01-05T06:10:00Z",
        "round": wave["round"],
        "provinces": None,
        "pools": [],
        "entries": None,
        "last_ranks": None,
        "returned_from": {},
        "void": None,
    }
    assert listed["server_time"] == "2026-01-05T05:01:00Z"


def test_the_newest_wave_comes_first_and_the_list_is_a_second_old_at_most(world, browser):
    assert len(browser.get("/waves").json["waves"]) == 1
    opens_at = world.clock() + 1000
    world.create(2, opens_at=opens_at, closes_at=CLOSES_AT + 1000)
    assert world.clock() == opens_at
    assert [wave["wave"] for wave in browser.get("/waves").json["waves"]] == [2, 1]


def test_an_unknown_wave_is_404(browser):
    assert code(browser.get("/waves/9")) == (404, "wave_unknown")
    assert code(browser.get(f"/waves/{10**60}")) == (404, "wave_unknown")
    assert code(browser.join(9)) == (404, "wave_unknown")


def test_joining_answers_a_receipt_and_a_repeat_the_same(browser):
    first = browser.join()
    assert first.status_code == 201
    assert set(first.json) == {"receipt", "exclusions"}
    assert browser.join().json == first.json
    assert code(browser.join(key="1" * 36)) == (409, "already_joined")


@pytest.mark.parametrize("body", [{}, {"consent": False}, {"consent": True, "outcome": 1}, []])
def test_joining_needs_consent_and_nothing_else(browser, body):
    assert browser.join(body=body).status_code == 422


def test_joining_needs_a_session_an_origin_and_a_key(world, browser):
    assert code(browser.join(Origin="https://evil.example")) == (403, "wrong_origin")
    assert code(browser.join(key="")) == (400, "idempotency_key_missing")
    browser.cookies = {}
    assert code(browser.join()) == (401, "no_session")
    assert world.entries() == {}


def test_the_close_is_a_conflict_and_not_an_error(world, browser):
    world.to_close()
    browser.log_in()
    assert code(browser.join()) == (409, "wave_closed")


def test_an_applicant_follows_the_own_entry_to_outcome_and_proof(world, browser):
    receipt = browser.join().json["receipt"]
    assert code(browser.get("/entries/1/proof")) == (409, "not_drawn")
    (line,) = browser.get("/entries").json["entries"]
    assert line == {
        "wave": 1,
        "phase": "open",
        "joined_at": "2026-01-05T05:01:00Z",
        "outcome": None,
    }
    world.finish()
    browser.log_in()
    entry = browser.get("/entries/1").json
    assert entry["receipt"] == receipt and entry["outcome"]["outcome"] == "selected"
    proof = browser.get("/entries/1/proof").json
    assert proof["index"] == 0 and proof["roster_path"] == []


def test_nobody_reaches_the_entry_of_another(world, browser):
    browser.join()
    other = Browser(world, 2)
    assert code(other.get("/entries/1")) == (404, "entry_unknown")
    assert code(other.get("/entries/1/proof")) == (404, "entry_unknown")
    assert other.get("/entries").json["entries"] == []
    assert code(browser.get("/entries/9")) == (404, "entry_unknown")


def test_no_answer_holds_nik_or_kk(world, browser):
    nik, kk = world.people[browser.applicant]
    answers = browser.join().text + browser.get("/entries/1").text + browser.get("/entries").text
    assert nik not in answers and kk not in answers


def test_the_description_names_every_route(world, browser):
    paths = browser.get("/openapi.json").json["paths"]
    assert "/api/select/waves/{wave}/entry" in paths
    schema = paths["/api/select/entries/{wave}"]["get"]["responses"]["200"]
    assert "EntryAnswer" in str(schema)
