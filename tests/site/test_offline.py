"""Without a network, on the home screen, without scripts: what the site still is."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.site import icons, weights
from tests.site.conftest import PHONE, ROOT
from tests.site.fake_api import FakeApi
from tests.site.serving import served

# Here scripts only help to find what all can read.
WHOLE = ("bantuan/", "tunggu/")
ACTIVE = "() => navigator.serviceWorker.ready.then(({ active }) => active.scriptURL)"
# True once the expression holds; the content policy allows no function made from text.
UNTIL = """async (what) => {
  const holds = {
    controlled: async () => Boolean(navigator.serviceWorker.controller),
    waiting: async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting),
    replaced: async () => (await caches.keys()).join().includes("-situs-new-")
      && (await caches.keys()).length === 1,
  };
  while (!(await holds[what]())) await new Promise((go) => setTimeout(go, 20));
}"""
# Everything in all caches: [address, …].
CACHED = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def phone(browser: Browser, built: Path) -> Iterator[BrowserContext]:
    """A phone whose service workers run, before a real server with an invented API."""
    with served(built, FakeApi()) as origin:
        context = browser.new_context(base_url=origin, viewport=PHONE, locale="id-ID")
        context.set_default_timeout(30_000)
        yield context
        context.close()


@pytest.fixture
def kept(phone: BrowserContext) -> Iterator[Page]:
    """A page of that phone, once the worker has kept what it keeps."""
    page = phone.new_page()
    page.goto("/privasi/")
    assert page.evaluate(ACTIVE).endswith("/service-worker.js")
    page.evaluate(UNTIL, "controlled")
    yield page
    phone.set_offline(False)
    page.close()


def test_start_and_help_open_without_a_network_in_both_languages(
    kept: Page, phone: BrowserContext
) -> None:
    phone.set_offline(True)
    for address, heading in (
        ("/", "Bantuan pelatihan"),
        ("/bantuan/", "Bantuan"),
        ("/en/", "training"),
        ("/en/bantuan/", "Help"),
    ):
        kept.goto(address)
        expect(kept.locator("h1")).to_contain_text(heading)
        sheet = kept.evaluate("() => document.styleSheets[0].cssRules.length")
        assert sheet > 10, "the styles are kept too"


def test_another_page_says_there_is_no_network_and_what_is_kept(
    kept: Page, phone: BrowserContext
) -> None:
    kept.goto("/hp/")
    kept.get_by_label("Nomor HP").fill("0812 3456 7890")
    phone.set_offline(True)
    kept.goto("/data/diri/")
    expect(kept.locator("h1")).to_have_text("Ponsel ini sedang tidak tersambung")
    expect(kept.locator("main ul").first).to_contain_text("Nomor HP")
    kept.goto("/en/data/diri/")
    expect(kept.locator("h1")).to_have_text("This phone is not connected")
    expect(kept.locator("main ul").first).to_contain_text("Phone number")
    phone.set_offline(False)
    expect(kept.locator("form")).to_be_visible()
    assert kept.url.endswith("/en/data/diri/")


def test_nothing_of_the_api_and_no_personal_page_is_ever_kept(kept: Page) -> None:
    for address in ("/", "/dasbor/", "/gelombang/", "/foto/ktp/", "/data/diri/", "/hp/"):
        kept.goto(address)
        kept.wait_for_load_state("networkidle")
    cached = set(kept.evaluate(CACHED))
    pages = {f"{home}{page}" for home in ("/", "/en/") for page in ("", "bantuan/", "luring/")}
    assert {path for path in cached if not path.startswith("/aset/")} == pages


def test_a_new_deploy_replaces_what_was_kept_when_the_old_tabs_are_closed(
    browser: Browser, built: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(built, folder)
    shutil.copy(built.with_name("site.headers.json"), tmp_path)
    [old] = (folder / "aset").iterdir()
    with served(folder, FakeApi()) as origin:
        context = browser.new_context(base_url=origin)
        page = context.new_page()
        page.goto("/")
        page.evaluate(ACTIVE)
        _deploy(folder, old.name, "0123456789ab")
        page.goto("/bantuan/")
        page.evaluate("async () => { await (await navigator.serviceWorker.ready).update(); }")
        page.evaluate(UNTIL, "waiting")
        # The old worker still has its own whole set, which fits the tabs that are open.
        context.set_offline(True)
        page.goto("/")
        expect(page.locator("h1")).to_contain_text("Bantuan pelatihan")
        assert old.name in page.content()
        context.set_offline(False)
        page.close()
        page = context.new_page()
        page.goto("/")
        page.evaluate(UNTIL, "replaced")
        assert not [path for path in page.evaluate(CACHED) if old.name in path]
        context.set_offline(True)
        page.goto("/")
        assert "0123456789ab" in page.content()
        context.close()


def _deploy(folder: Path, old: str, new: str) -> None:
    """The same site under another hash; the old folder of assets stays."""
    shutil.copytree(folder / "aset" / old, folder / "aset" / new)
    for path in [*folder.rglob("*.html"), *folder.rglob("*.js"), folder / "manifest.json"]:
        if "aset" not in path.parts:
            path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    worker = folder / "service-worker.js"
    worker.write_text(worker.read_text("utf-8").replace("-situs-", "-situs-new-", 1), "utf-8")


def test_the_proofs_page_is_not_kept_by_the_sites_worker(built: Path) -> None:
    text = (built / "undian" / "periksa" / "index.html").read_text(encoding="utf-8")
    assert "site-keeper" not in text
    for path in weights.addresses(built):
        file = path if path.endswith(".html") else f"{path.replace('11', 'gelombang')}index.html"
        other = (built / file).read_text(encoding="utf-8")
        assert ("site-keeper" in other) == (path not in ("undian/periksa/", "tunggu/")), path


def test_each_worker_keeps_only_the_checks_that_its_pages_run(built: Path) -> None:
    scripts = ("service-worker.js", "undian/periksa/offline.js", "en/undian/periksa/offline.js")
    site, *own = (re.findall(r"/(\w+)-worker\.js", (built / one).read_text()) for one in scripts)
    assert site == ["photo"] and own == [["proof"], ["proof"]]


def test_the_icons_are_drawn_from_the_icon_and_have_the_sizes_they_tell(built: Path) -> None:
    manifest = json.loads((built / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["theme_color"] in (built / "index.html").read_text(encoding="utf-8")
    purposes = set()
    for icon in manifest["icons"]:
        data = (built / icon["src"].lstrip("/")).read_bytes()
        if icon["type"] == "image/svg+xml":
            continue
        image = Image.open(io.BytesIO(data))
        assert icon["sizes"] == f"{image.width}x{image.height}"
        assert image.text[icons.SOURCE] == icons.source_hash(), "run python -m tests.site.icons"  # type: ignore[attr-defined]
        purposes.add((icon["sizes"], icon["purpose"]))
    assert purposes == {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")}


def test_every_page_is_readable_without_javascript_and_says_what_needs_it(
    browser: Browser, origin: str, built: Path
) -> None:
    context = browser.new_context(base_url=origin, viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    told = {"/": "JavaScript. Aktifkan", "/en/": "JavaScript. Switch"}
    for path in weights.addresses(built):
        for home, sentence in told.items():
            page.goto(home + path)
            main = page.inner_text("main")
            assert len(main) > 100, home + path
            asks = page.locator("main [data-module]").count() > 0 and path not in WHOLE
            assert (sentence in main) == asks, home + path
            for unkept in ("main form [type=submit]", "main [data-module] button"):
                shown = [one for one in page.locator(unkept).all() if one.is_visible()]
                assert shown == [], f"{home}{path} has a button that does nothing"
            for word in ("Sedang memuat", "Loading", "Menanyakan", "Asking"):
                assert word not in main, f"{home}{path} waits for what does not come"
    context.close()


def test_a_module_newer_than_the_floor_is_not_in_the_workers() -> None:
    for name in ("service-worker.js", "offline.js"):
        source = (ROOT / "site" / name).read_text(encoding="utf-8")
        assert "??=" not in source and "replaceAll" not in source and "/api/" not in source
