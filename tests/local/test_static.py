"""The frozen site and the draw's files, as CloudFront will serve them."""

import gzip
import json

import pytest
from werkzeug.test import Client

from infra.serving import site_headers
from local.settings import ROOT
from local.static import Static
from tests.fakes import FakeFiles

S3 = "http://127.0.0.1:8001"
CSS = b"body { color: black }\n" * 100


@pytest.fixture
def browser(tmp_path):
    pages = {
        "index.html": b"<h1>start</h1>",
        "daftar/index.html": b"<h1>daftar</h1>",
        "undian/index.html": b"<h1>undian</h1>",
        "undian/gelombang/index.html": b"<h1>gelombang</h1>",
        "en/index.html": b"<h1>start in English</h1>",
        "en/undian/gelombang/index.html": b"<h1>wave</h1>",
        "404.html": b"<h1>tidak ada</h1>",
        "en/404.html": b"<h1>not here</h1>",
        "aset/abc123/style.css": CSS,
    }
    for name, data in pages.items():
        file = tmp_path / "site" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    (tmp_path / "secret.txt").write_text("outside")
    files = FakeFiles()
    files.write("undian", "undian/pins.json", b"{}", content_type="application/json")
    files.write("undian", "undian/3/roster.bin", bytes(40), content_type="x/y")
    files.write("undian", "undian/3/roster.head", b"gelombang/roster/v1\n", content_type="x/y")
    files.write("site", "status/status.json", b'{"version":1}', content_type="x/y")
    files.write("undian", "internal/3/segment", b"not public", content_type="x/y")
    return Client(Static(tmp_path / "site", files, site_headers(S3)))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "start"),
        ("/daftar/", "daftar"),
        ("/undian/", "undian"),
        ("/undian/3/", "gelombang"),
        ("/undian/12/", "gelombang"),
        ("/en/undian/3/", "wave"),
    ],
)
def test_a_folder_is_its_index_page_and_every_wave_is_one_page(browser, path, text):
    answer = browser.get(path)
    assert (answer.status_code, f"<h1>{text}</h1>") == (200, answer.text)
    assert answer.content_type == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/undian/pins.json", "application/json"),
        ("/undian/3/roster.bin", "application/octet-stream"),
        ("/undian/3/roster.head", "text/plain; charset=utf-8"),
    ],
)
def test_draw_files_come_from_the_draws_bucket(browser, path, kind):
    answer = browser.get(path)
    assert (answer.status_code, answer.content_type) == (200, kind)


@pytest.mark.parametrize(
    "path",
    [
        "/undian/4/roster.bin",
        "/internal/3/segment",
        "/undian/../internal/3/segment",
        "/undian/03/",
        "/nowhere/",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/undian/3/../../internal/3/segment",
    ],
)
def test_what_is_not_there_or_not_public_is_the_sites_own_404(browser, path):
    answer = browser.get(path)
    assert (answer.status_code, answer.text) == (404, "<h1>tidak ada</h1>")
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_english_404_is_english(browser):
    assert browser.get("/en/nowhere/").text == "<h1>not here</h1>"


def test_a_folder_without_its_slash_is_sent_there(browser):
    answer = browser.get("/daftar")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/daftar/")


def test_every_answer_carries_the_sites_headers_with_the_photo_storage_filled_in(browser):
    wanted = json.loads((ROOT / "site" / "headers.json").read_text())["all"]
    for path in ("/", "/nowhere/", "/undian/pins.json"):
        headers = browser.get(path).headers
        for name, value in wanted.items():
            if name != "Cache-Control":
                assert headers[name] == value.replace("{s3}", S3)


def test_hashed_assets_may_be_kept_for_ever_and_pages_are_asked_for_again(browser):
    assert "immutable" in browser.get("/aset/abc123/style.css").headers["Cache-Control"]
    assert browser.get("/").headers["Cache-Control"] == "no-cache"


def test_a_page_that_is_known_already_is_not_sent_again(browser):
    etag = browser.get("/").headers["ETag"]
    answer = browser.get("/", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_text_is_packed_for_browsers_that_can_unpack_it(browser):
    plain = browser.get("/aset/abc123/style.css")
    packed = browser.get("/aset/abc123/style.css", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == CSS
    assert packed.headers["ETag"] != plain.headers["ETag"]
    assert packed.headers["Vary"] == "Accept-Encoding"


def test_nothing_but_reading_is_allowed(browser):
    assert browser.post("/").status_code == 405


def test_the_public_status_comes_from_the_bucket_and_only_it(browser):
    answer = browser.get("/status/status.json")
    assert (answer.status_code, answer.json) == (200, {"version": 1})
    assert answer.content_type == "application/json"
    assert browser.get("/status/other.json").status_code == 404
