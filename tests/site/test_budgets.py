"""No page costs a phone more than its kind allows."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.site import weights
from tests.site.conftest import WITHOUT_ED25519
from tests.site.fake_api import FakeApi
from tests.site.states import proof

# Pages that show what the server knows, and so ask for it beside their modules.
EARLY = [
    "dasbor/",
    "data/saya/",
    "gelombang/",
    "masuk/email/",
    "masuk/ganti/",
    "status/",
    "undian/11/",
]
PRELOADED = "link[rel=preload][as=fetch]"


def test_every_page_stays_within_its_bytes_and_requests(
    browser: Browser, origin: str, built: Path
) -> None:
    found = weights.all_pages(browser, origin, built, ("/",))
    assert len(found) == len(weights.addresses(built)) > 25
    assert all(len(one.requests) >= 2 for one in found), "counted before it was loaded"
    over = [(one.told(), one.requests) for one in found if one.over]
    assert not over, over
    # In English a page loads the same files, with other words in its HTML.
    for one in found:
        address = f"/en{one.address}"
        assert _assets(built, one.address) == _assets(built, address)
        size = one.size - weights.zipped(built, one.address) + weights.zipped(built, address)
        english = replace(one, address=address, size=size)
        assert not english.over, english.told()


def _assets(built: Path, address: str) -> list[str]:
    path = address.strip("/").replace("undian/11", "undian/gelombang")
    file = built / path if path.endswith(".html") else built / path / "index.html"
    text = file.read_text(encoding="utf-8")
    return re.findall(r'(?:href|src)="(/aset/[^"]+)"', text)


def test_a_page_over_its_budget_is_seen() -> None:
    within = weights.Weight("/", "static", 14_000, ["/"] * 4)
    assert not within.over
    assert weights.Weight("/", "static", 14_001, ["/"]).over
    assert weights.Weight("/", "static", 1, ["/"] * 5).over


@pytest.mark.parametrize("missing", [True, False])
def test_what_a_tap_on_the_proofs_page_loads_stays_within_its_bytes(
    missing: bool, page: Page, published: Path, built: Path
) -> None:
    if missing:
        page.route("**/worker.js", _without_ed25519)
    page.goto("/undian/periksa/")
    page.wait_for_load_state("networkidle")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(urlsplit(request.url).path))
    proof()(page)
    assert page.get_attribute("#check-result", "class") == "notice good"
    scripts = [path for path in requests if path.endswith(".js")]
    names = [path.rsplit("/", 1)[1] for path in scripts]
    vendored = ["bls12-381.js", *["ed25519.js"] * missing]
    assert sorted(names) == [*vendored, "proof-worker.js", "worker.js"]
    assert sum(weights.zipped(built, path) for path in scripts) <= weights.TAPPED


def _without_ed25519(route: Route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text() + WITHOUT_ED25519)


def test_what_the_service_worker_keeps_is_no_more_than_a_few_pages(built: Path) -> None:
    assert weights.kept_by_worker(built) <= 60_000


def test_what_a_page_asks_for_early_its_modules_ask_for_once(browser: Browser, origin: str) -> None:
    phone = weights.Phone(browser, origin, FakeApi())
    page = phone.context.new_page()
    page.add_init_script(
        "window.asked = []; const ask = fetch;"
        "window.fetch = (path, ...more) => { asked.push(path); return ask(path, ...more); };"
    )
    requests: list[str] = []
    page.on("request", lambda request: requests.append(urlsplit(request.url).path))
    for path in EARLY:
        requests.clear()
        page.goto(f"/{path}")
        page.wait_for_load_state("networkidle")
        early = [link.get_attribute("href") for link in page.query_selector_all(PRELOADED)]
        asked = page.evaluate("asked")
        assert early, path
        for address in early:
            assert (asked.count(address), requests.count(address)) == (1, 1), (path, address)
    phone.context.close()


def test_no_other_page_asks_for_something_early(built: Path) -> None:
    pages = (built / path / "index.html" for path in weights.addresses(built) if path not in EARLY)
    assert not [page for page in pages if page.exists() and 'as="fetch"' in page.read_text("utf-8")]
