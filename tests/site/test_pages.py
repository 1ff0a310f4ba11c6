"""Every page in a real browser: no violation of accessibility, of the content policy, no error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.site.conftest import PHONE
from tests.site.fake_api import FakeApi, at, entry, the_test, wave
from tests.site.test_build import PAGES

NEEDS_SESSION = ("hp/", "hp/otp/", "data/nik/", "data/diri/", "data/periksa/", "foto/ktp/")
NEEDS_SESSION += ("masuk/ganti/", "foto/selfie/", "pernyataan/", "tes/", "gelombang/", "dasbor/")
NEEDS_SESSION += ("masuk/email/",)


def _violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['html']}" for v in found for node in v["nodes"]]


def _sideways(page: Page) -> list[str]:
    """Where the page as it is now scrolls sideways: on a narrow screen, or with large text."""
    width = "document.documentElement.scrollWidth"
    found = []
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate(width) > 320:
        found.append("at 320 px")
    page.set_viewport_size(PHONE)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    if page.evaluate(width) > 360:
        found.append("with text of 200 %")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def _settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_selector("h1")


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_quiet_in_both_languages(
    path: str, page: Page, api: FakeApi, complaints: list[str]
) -> None:
    for home in ("/", "/en/"):
        page.goto(home + path)
        _settle(page)
        assert _sideways(page) == [], home
        if home == "/":  # test_build: both have one structure
            assert _violations(page) == []
    # At its own address the file behind the pages of all waves has no wave to look for.
    vain = "preloaded" if path == "undian/gelombang/" else "nothing"
    assert [complaint for complaint in complaints if vain not in complaint] == []


def _refused(api: FakeApi) -> None:
    api.photos = [
        {
            "photo": "ff" * 16,
            "kind": "ktp",
            "state": "refused",
            "reasons": ["cropped", "glare"],
            "details": {"cropped": {"side": "left"}},
            "review": [],
            "created_at": at(),
            "decided_at": at(),
        }
    ]


def _outcome(outcome: str, reasons: list[str], rank: int | None) -> dict[str, Any]:
    figures = {"last_rank_open": 400, "last_rank_pool": 90, "quota": 500, "entries": 9_000}
    return {"outcome": outcome, "reasons": reasons, "rank": rank, "pool": None, **figures}


def _decided(api: FakeApi) -> None:
    api.waves = [wave(13, "planned", 5, 9)]
    api.entries = [
        entry(12, "closed"),
        entry(11, "announced", _outcome("not_selected", [], 4_321)),
        entry(10, "announced", _outcome("excluded", ["under_age"], None)),
    ]


def _nothing(api: FakeApi) -> None:
    api.waves, api.entries, api.ready = [], [], set()


def _locked(api: FakeApi) -> None:
    api.person = {"locked": True}


def _test_open(api: FakeApi) -> None:
    api.test = the_test("open", {"1": 2})


def _test_failed(api: FakeApi) -> None:
    api.test = the_test("failed", score=9, next_at=at(hours=20))


def _busy(api: FakeApi) -> None:
    api.answers["GET", "select/waves"] = (500, {"error": {"code": "unexpected", "params": {}}})


@pytest.mark.parametrize(
    ("path", "state", "shown"),
    [
        ("/foto/ktp/", _refused, "Yang terpotong: sisi kiri"),
        ("/dasbor/", _decided, "4.321"),
        ("/dasbor/", _nothing, "Masih ada 8 hal"),
        ("/data/nik/", _locked, "tidak dapat diubah"),
        ("/tes/", _test_open, "Pertanyaan 2 dari 20"),
        ("/tes/", _test_failed, "Jawaban benar: 9 dari 20"),
        ("/gelombang/", _nothing, "tidak ada gelombang yang dibuka"),
        ("/", _busy, "Terjadi gangguan"),
    ],
)
def test_states_of_pages_are_accessible_and_say_what_is_the_case(
    path: str, state: Callable[[FakeApi], None], shown: str, page: Page, api: FakeApi
) -> None:
    state(api)
    page.goto(path)
    page.wait_for_selector(f"text={shown}")
    assert _violations(page) == []
    assert _sideways(page) == []


def test_dark_pages_are_accessible_too(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    for path in ("/", "/daftar/", "/dasbor/", "/foto/ktp/"):
        page.goto(path)
        _settle(page)
        assert _violations(page) == [], path
    page.goto("/daftar/")
    page.click("main button[type=submit]")
    assert _violations(page) == []


@pytest.mark.parametrize("path", NEEDS_SESSION)
def test_pages_that_need_a_session_send_to_log_in_and_back(
    path: str, page: Page, api: FakeApi
) -> None:
    no_session = (401, {"error": {"code": "no_session", "params": {}}})
    for route in ("verify/me", "verify/test", "select/entries", "upload/photos"):
        api.answers["GET", route] = no_session
    page.goto(f"/en/{path}")
    page.wait_for_url("**/en/masuk/")
    assert page.locator("#ended").is_visible()
    api.answers.clear()
    page.fill("#email", "sari@contoh.id")
    page.fill("#password", "kuda laut biru")
    page.click("main button[type=submit]")
    page.wait_for_url(f"**/en/{path}")


def test_the_way_back_is_only_ever_a_page_of_this_site(page: Page, origin: str) -> None:
    for planted in ("//evil.example/", "https://evil.example/", "/\\evil.example/"):
        page.goto("/masuk/")
        page.evaluate("path => sessionStorage.setItem('gelombang.return', path)", planted)
        page.fill("#email", "sari@contoh.id")
        page.fill("#password", "kuda laut biru")
        page.click("main button[type=submit]")
        page.wait_for_url(f"{origin}/dasbor/")


def test_the_page_of_a_wave_reads_its_number_from_the_address(
    page: Page, api: FakeApi, complaints: list[str]
) -> None:
    api.waves[:] = [
        {**one, "pools": [{"name": "timur", "seats": 5000, "provinces": ["91"]}]}
        for one in api.waves
    ]
    files = {
        "params.json": '{"pools":[],"policy":"' + "ab" * 32 + '"}',
        "roster.head": "gelombang/roster/v1\n11\n",
        "beacon.json": '{"round":5000000,"randomness":"' + "cd" * 32 + '","signature":""}',
        "result.head": "gelombang/result/v1\n11\n",
    }

    def serve(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        route.fulfill(status=200, body=files.get(name, "x"))

    page.route("**/undian/11/*.*", serve)
    page.goto("/undian/11/")
    page.wait_for_selector("#commands:has-text('/undian/11/')")
    page.wait_for_selector("#signed:has-text('cdcdcd')")
    assert page.title() == "Undian gelombang 11 – Gelombang"
    text = page.inner_text("main")
    for shown in ("Kelompok timur", "cdcdcd", "gelombang/result/v1", "812.345"):
        assert shown in text
    assert page.get_attribute("#other-language", "href") == "/en/undian/11/"
    assert page.locator("#files a").count() == 6
    page.locator("#files").scroll_into_view_if_needed()
    expect(page.locator("#files a")).to_have_count(8)
    assert _violations(page) == []
    assert complaints == []


def test_the_accessibility_check_sees_a_field_without_a_label(page: Page) -> None:
    page.goto("/masuk/")
    page.evaluate("() => document.querySelector('label[for=email]').remove()")
    assert any(found.startswith("label:") for found in _violations(page))


def test_reading_needs_no_script(browser: Any, origin: str) -> None:
    context = browser.new_context(base_url=origin, java_script_enabled=False)
    page = context.new_page()
    page.goto("/undian/")
    assert "angka acak yang tidak ditentukan siapa pun" in page.inner_text("main")
    page.goto("/daftar/")
    assert "memerlukan JavaScript" in page.inner_text("main")
    context.close()
