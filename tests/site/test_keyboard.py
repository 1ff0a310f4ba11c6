"""A person who never touches a pointer joins a wave; nothing of theirs is left lying about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page

from tests.site import walk
from tests.site.conftest import PHONE
from tests.site.fake_api import FakeApi
from tests.site.walk import Walker

# The session is a cookie that no page can read; here it is planted, as the server would.
SESSION = {"name": "session", "value": walk.SECRETS["session"], "httpOnly": True}
MAILED = "a1b2c3d4" * 4 + "." + "9f8e7d6c" * 8


# What is done once on the way; photos, twice, and answers of the test count apart.
DEEDS = (
    *("POST verify/accounts", "POST verify/email/confirm", "POST verify/sessions"),
    *("POST verify/phone", "POST verify/phone/confirm"),
    *("PUT verify/identity", "PUT verify/declaration"),
    *("POST verify/test", "POST verify/test/submit", "POST select/waves/12/entry"),
)
APART = {"POST upload/photos": 2, "PUT verify/test/answers/20": 1}
READING = {
    "GET select/waves": 1,
    "GET select/entries": 2,
    "GET verify/me": 2,
    "GET verify/test": 1,
    "GET upload/photos": 3,
    "GET upload/photos/ktp": 1,
    "GET upload/photos/selfie": 1,
}
# Asked at their times by who still waits for a mail or an SMS: as often as this walk is slow.
LOOKS = ("GET verify/email", "GET verify/me")


@pytest.fixture(scope="module")
def newcomer() -> FakeApi:
    """The API of the one who walks."""
    api = FakeApi()
    walk.a_newcomer(api)
    return api


@pytest.fixture(scope="module")
def walked(browser: Browser, origin: str, newcomer: FakeApi) -> Iterator[Walker]:
    """From the start page to the receipt, by keys alone."""
    api = newcomer
    context = browser.new_context(base_url=origin, viewport=PHONE, service_workers="block")  # type: ignore[arg-type]
    context.add_cookies([{**SESSION, "url": origin}])  # type: ignore[typeddict-item]
    page = context.new_page()
    page.set_default_timeout(20_000)
    api.serve(page)
    walker = Walker(page)
    walk.to_the_dashboard(walker)
    walk.to_the_photos(walker)
    walk.to_the_receipt(walker)
    assert len(api.asked("POST", "select/waves/12/entry")) == 1
    yield walker
    context.close()


def test_a_person_without_a_pointer_comes_from_the_start_page_to_the_receipt(
    walked: Walker,
) -> None:
    assert "Tanda terima" in walked.page.inner_text("#receipt")
    assert [one.address for one in walked.stations] == [
        "",
        "daftar/",
        "daftar/email/",
        "masuk/",
        "dasbor/",
        "hp/",
        "hp/otp/",
        "data/nik/",
        "data/diri/",
        "data/periksa/",
        "foto/ktp/",
        "foto/selfie/",
        "pernyataan/",
        "tes/",
        "gelombang/",
    ]


def test_the_whole_way_takes_no_more_requests_than_it_did(
    walked: Walker, newcomer: FakeApi
) -> None:
    asked = Counter(f"{method} {path}" for method, path, _, _ in newcomer.calls)
    looks = {route: asked.pop(route, 0) - READING.get(route, 0) for route in LOOKS}
    assert asked + Counter({"GET verify/me": 2}) == {**dict.fromkeys(DEEDS, 1), **APART, **READING}
    assert all(0 <= number <= 4 for number in looks.values())
    reading = sum(number for route, number in READING.items() if "photos" not in route)
    assert len(DEEDS) + reading <= 20


def test_the_focus_is_seen_wherever_it_stops(walked: Walker) -> None:
    stops = [(one.address, stop) for one in walked.stations for stop in one.stops]
    assert len(stops) > 150
    unseen = [stop for stop in stops if not (stop[1]["outlined"] and stop[1]["in_view"])]
    assert unseen == []
    assert all(one.stops[0]["what"].startswith("a Langsung ke isi") for one in walked.stations)


def test_tab_comes_to_every_control_and_out_of_every_page(walked: Walker) -> None:
    assert [one.address for one in walked.stations if not one.came_out] == []
    assert {one.address: one.left_out for one in walked.stations if one.left_out} == {}


def test_mistakes_and_what_has_just_appeared_take_the_focus(walked: Walker) -> None:
    mistakes = [".summary", "#name"]
    test = ["#count", "#overview h2", "#result"]
    assert walked.took_focus == [
        *mistakes,
        "#done",
        "#verdict",
        "#verdict",
        *test,
        ".summary",
        "#receipt",
    ]


def test_no_secret_stays_in_the_browser_and_nothing_personal_in_an_address(walked: Walker) -> None:
    for_good, for_the_tab = _held_by(walked.kept)
    # What is watched is really written there: a draft of the numbers, for as long as the tab lives.
    assert walk.NIK in for_the_tab and "Jalan Melati 5" in for_good
    assert [what for what, text in walk.SECRETS.items() if text in for_good + for_the_tab] == []
    assert [what for what in ("NIK", "KK") if walk.PERSONAL[what] in for_good] == []
    asked = unquote(" ".join(walked.asked))
    assert "/api/verify/sessions" in asked
    told = {**walk.SECRETS, **walk.PERSONAL}
    assert [what for what, text in told.items() if text in asked] == []
    assert [address for address in walked.asked if "?" in address] == []


def test_the_token_of_a_mailed_link_goes_nowhere_but_into_the_request(
    page: Page, api: FakeApi
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for route in ("email/confirm", "password/reset", "recovery/stop"):
        api.answers["POST", f"verify/{route}"] = (200, {})
    for path in ("daftar/email/", "masuk/sandi/", "masuk/bukan/"):
        page.goto(f"/{path}#{MAILED}")
        page.wait_for_selector("main button:visible")
        if path == "masuk/sandi/":
            page.fill("#password", walk.SECRETS["password"])
        page.locator("main button.button:visible").first.click()
        page.wait_for_selector("main [tabindex='-1']:focus")
        assert "#" not in page.url
        for secret in (MAILED, walk.SECRETS["password"]):
            assert secret not in page.evaluate(walk.KEPT), path
    sent = [body["token"] for _, _, body, _ in api.calls if body and "token" in body]
    assert sent == [MAILED] * 3
    assert [address for address in asked if MAILED in address.split("#")[0]] == []


def _held_by(kept: list[str]) -> tuple[str, str]:
    """All that the browser ever kept: for good, and for the tab or in cookies that pages see."""
    parts = [json.loads(one) for one in kept]
    return str([local for local, _, _ in parts]), str([rest for _, *rest in parts])
