"""What of the rehearsal can be tested without an emulator."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from functions.programme.times import age_on, wib_date
from functions.verify import schemas
from functions.web.access import ACCESS
from functions.web.schemas import loaded
from infra import serving
from local.cards.person import invented_person
from local.static import Static
from tests.fakes import NOON, FakeFiles
from tests.rehearsal import emulator, front, journey, stage, wave
from tests.rehearsal.front import Answer, Front
from tests.rehearsal.report import Report, Stops, Wrong, expect, wait_for

ORIGIN = "https://dev.gelombang.example"
# A request of a person: its method, and its path with what is filled in.
REQUEST = re.compile(r'ask\(\s*"([A-Z]+)", f?"(?:/api/)?((?:verify|upload|select)/[^"]+)"')


@pytest.fixture
def report():
    return Report(say=[].append)


def breaks():
    raise Wrong("the reason")


def test_a_rehearsal_that_went_well_ends_with_0(report):
    report.step("one", lambda: "seen")
    assert report.check("two", lambda: "seen")
    assert report.end() == 0


def test_what_others_stand_on_stops_the_rehearsal_when_it_breaks(report):
    with pytest.raises(Stops, match="one"):
        report.step("one", breaks)
    assert report.end() == 1


def test_a_check_that_breaks_is_told_with_its_reason_and_the_rehearsal_goes_on():
    said: list[str] = []
    report = Report(say=said.append)
    assert not report.check("one", breaks)
    assert not report.check("two", lambda: str({}["nothing"]))
    report.step("three", lambda: "seen")
    assert report.end() == 1
    assert "one" in said[0] and "the reason" in said[0]
    assert "KeyError" in said[1]
    assert [line for line in said if line.startswith("  broken")] == [
        "  broken: one",
        "  broken: two",
    ]


def test_waiting_in_vain_is_wrong_and_says_for_what():
    assert wait_for(lambda: "found", "a thing", seconds=0) == "found"
    with pytest.raises(Wrong, match="in vain for a thing"):
        wait_for(lambda: None, "a thing", seconds=0)


def test_a_package_that_is_pointed_elsewhere_differs_in_its_environment_alone(tmp_path):
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    with zipfile.ZipFile(before, "w") as package:
        package.writestr("handler.py", "x = 1")
        package.writestr(stage.SETTINGS, "ENVIRONMENT_VARIABLES={'A': 'a', 'B': 'b'}\n")
    stage.amend(before, after, {"B": "c"})
    with zipfile.ZipFile(after) as package:
        assert package.read("handler.py") == b"x = 1"
        settings: dict[str, dict[str, str]] = {}
        exec(package.read(stage.SETTINGS), settings)
    assert settings["ENVIRONMENT_VARIABLES"] == {"A": "a", "B": "c"}


def test_the_emulator_is_told_nothing_of_the_person_who_rehearses(monkeypatch):
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "PYTHONPATH", "GELOMBANG_ORIGIN"):
        monkeypatch.setenv(name, "mine")
    told = emulator.environment(4_566, Path("/somewhere"))
    assert "mine" not in told.values()
    assert told["AWS_ACCESS_KEY_ID"] == "LOCALACCESSKEY000000"
    assert told["BIND_HOST"] == "127.0.0.1"
    assert told["AUTH"] == "true"


@pytest.fixture
def asked(monkeypatch):
    """Every request that goes out."""
    requests: list[tuple[str, str, bytes | None, dict[str, str]]] = []

    def sent(method, url, body, headers):
        requests.append((method, url, body, headers))
        return Answer(200, b"{}")

    monkeypatch.setattr(front, "_sent", sent)
    return requests


@pytest.fixture
def reader(tmp_path, asked):
    (tmp_path / "daftar").mkdir()
    (tmp_path / "daftar" / "index.html").write_text("the page")
    files = FakeFiles()
    files.write("undian", "undian/3/roster.bin", b"the list", content_type="x/y")
    static = Static(tmp_path, files, serving.site_headers("https://photos.example"))
    return Front(ORIGIN, {"verify": "https://api.example/dev_verify"}, "the key", static)


def test_the_front_shows_the_key_and_the_readers_address_to_a_function(reader, asked):
    reader.ask("POST", "/api/verify/sessions", {"a": 1}, {"c": "v", "d": "w"}, "192.0.2.9")
    ((method, url, body, headers),) = asked
    assert (method, url) == ("POST", "https://api.example/dev_verify/api/verify/sessions")
    assert body == b'{"a": 1}'
    assert headers["X-Front-Key"] == "the key"
    assert headers["X-Forwarded-For"].split(", ")[-2] == "192.0.2.9"
    assert headers["Cookie"] == "c=v; d=w"
    assert headers["Origin"] == ORIGIN


def test_the_front_takes_pages_and_draw_files_from_the_buckets(reader, asked):
    assert reader.ask("GET", "/daftar/").data == b"the page"
    assert reader.ask("GET", "/undian/3/roster.bin").data == b"the list"
    assert reader.ask("GET", "/api/openapi.json").status == 404
    assert reader.fetch(f"{ORIGIN}/daftar").headers["location"] == "/daftar/"
    assert asked == []


def test_who_comes_past_the_front_shows_no_key(reader, asked):
    reader.fetch("https://api.example/dev_verify/api/verify/openapi.json")
    assert asked[0][3] == {}


def test_the_journey_asks_for_routes_that_exist():
    rules = {(m, re.sub(r"<[^>]+>", "[^/]+", rule)) for m, rule in ACCESS}
    found = [
        (method, "/api/" + re.sub(r"\{[^}]+\}", "7", path))
        for file in ("journey.py", "wave.py")
        for method, path in REQUEST.findall(Path(__file__).with_name(file).read_text("utf-8"))
    ]
    assert len(found) > 15
    for method, path in found:
        assert any(m == method and re.fullmatch(rule, path) for m, rule in rules), path


def test_what_the_journey_tells_of_a_person_is_taken():
    assert loaded(schemas.Profile(), journey.PROFILE)["topic"] == "digital"
    assert loaded(schemas.Declaration(), journey.DECLARATION)["consent"] is True


class Inbox:
    """An emulator that took these mails and SMS."""

    def __init__(self, subjects, texts):
        self.subjects, self.sms = subjects, texts

    def mails(self, to):
        return [{"Subject": subject} for subject in self.subjects]

    def texts(self, to):
        return self.sms


def test_an_outcome_is_told_once_and_the_mail_about_a_join_is_none(tmp_path):
    joined, outcome = "Anda ikut gelombang 1", "Selamat, Anda terpilih di gelombang 1"
    person = journey.Applicant(None, None, "a@contoh.example", "08129000001", 1, "192.0.2.1")

    def told(*subjects, texts=("Gelombang 1: …",)):
        course = wave.Wave(None, None, None, Inbox(subjects, list(texts)), [], tmp_path)
        return course._told(person, outcome)

    assert told(joined, outcome)
    assert not told(joined)
    assert not told(outcome, texts=())
    with pytest.raises(Wrong, match="told twice"):
        told(outcome, outcome)


def test_the_people_of_the_journey_may_join():
    seeds, day = journey.seeds(wib_date(NOON)), wib_date(NOON)
    for _, seed in zip(range(5), seeds, strict=False):
        assert 18 < age_on(invented_person(seed).birth_date, day) < 64


def test_expecting_what_does_not_hold_is_wrong():
    expect(True, "unsaid")
    with pytest.raises(Wrong, match="said"):
        expect([], "said")
