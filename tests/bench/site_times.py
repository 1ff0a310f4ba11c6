"""How long a page takes on a slow phone: largest paint, shifts, and the answer to a touch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests.journey.browser import launch
from tests.site import weights
from tests.site.conftest import PHONE
from tests.site.fake_api import STEPS, FakeApi
from tests.site.serving import publish_wave, site_and_storage

SLOWDOWN = 4
# "Slow 4G" as Lighthouse applies it: each request waits, and 1.44 Mbit/s arrive.
NETWORK = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1474.56 * 1024 / 8,
    "uploadThroughput": 675 * 1024 / 8,
}
MOST_LCP, MOST_INP, MOST_CLS = 2000.0, 200.0, 0.0
SETTLED_MILLISECONDS = 1500
TOUCH_MILLISECONDS = 300
# Gathers what the page lets its readers feel.
WATCH = """
window.felt = { lcp: 0, cls: 0 };
const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
  .observe({ type, buffered: true, durationThreshold: 16 });
watch("largest-contentful-paint", (one) => { felt.lcp = one.startTime; });
watch("layout-shift", (one) => { if (!one.hadRecentInput) felt.cls += one.value; });
// Told at once, since a press may lead to another page.
watch("event", (one) => { if (one.interactionId) tellAnswer(one.duration); });
"""
TOUCHED = "main button, main select, main input, main textarea, main summary"


@dataclass(frozen=True)
class Felt:
    """One page's medians, in milliseconds; shifts without a unit."""

    path: str
    lcp: float
    cls: float
    inp: float

    @property
    def kept(self) -> bool:
        """Whether every bound holds."""
        return self.lcp <= MOST_LCP and self.cls <= MOST_CLS and self.inp <= MOST_INP

    def told(self) -> str:
        """One line of a table."""
        return (
            f"{'kept  ' if self.kept else 'MISSED'} /{self.path:18} LCP {self.lcp / 1000:.2f} s  "
            f"CLS {self.cls:.3f}  INP {self.inp:.0f} ms"
        )


# The step that a person has not done yet who comes to a page on the way forward.
STEP_OF = {
    "hp/": "phone",
    "hp/otp/": "phone",
    "data/nik/": "identity",
    "data/diri/": "profile",
    "data/periksa/": "profile",
    "foto/ktp/": "ktp",
    "foto/selfie/": "selfie",
    "pernyataan/": "declaration",
    "tes/": "test",
}


def meet(api: FakeApi, path: str) -> None:
    """Let the applicant be who comes to this page for the first time."""
    api.ready = set(STEPS) - {STEP_OF.get(path, "")}


@contextmanager
def site(api: FakeApi | None = None) -> Iterator[tuple[str, Path]]:
    """The site before an invented API, wave 11 published, and its folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with site_and_storage(folder, api or FakeApi()) as (origin, _):
            # Its page looks for files, and a browser complains of those that are not there.
            publish_wave(folder / "site", 11)
            yield origin, folder / "site"


def measure(runs: int, only: tuple[str, ...] = ()) -> Iterator[Felt]:
    """Every page, or those named, opened so many times with nothing kept."""
    api = FakeApi()
    with site(api) as (origin, built), sync_playwright() as playwright:
        browser = launch(playwright)
        for path in only or weights.addresses(built):
            meet(api, path)
            felt = [_felt(browser, origin, path) for _ in range(runs)]
            yield Felt(path, *(median(one[name] for one in felt) for name in ("lcp", "cls", "inp")))
        browser.close()


def _felt(browser: Browser, origin: str, path: str) -> dict[str, float]:
    context = browser.new_context(
        base_url=origin, viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block"
    )
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    answers = [0.0]
    page.expose_function("tellAnswer", lambda took: answers.append(took))
    page.add_init_script(WATCH)
    page.goto(f"/{path}")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(SETTLED_MILLISECONDS)
    before: dict[str, float] = page.evaluate("() => ({ ...felt })")
    # What is touched may lead to another page, and all handles go with this one.
    with suppress(Error):
        _touch(page)
    page.wait_for_timeout(SETTLED_MILLISECONDS)
    context.close()
    return {**before, "inp": max(answers)}


def _touch(page: Page) -> None:
    """Touch and type into what there is first, then press what sends."""
    page.keyboard.press("Tab")
    opened = page.url
    fields = [one for one in page.query_selector_all(TOUCHED) if one.is_visible()]
    for field in fields[:3]:
        typed_into = field.evaluate("(one) => one.matches('input, textarea')")
        field.tap(no_wait_after=True)
        page.wait_for_timeout(TOUCH_MILLISECONDS)
        if page.url != opened:
            return
        if typed_into:
            page.keyboard.type("a1")
    send = page.query_selector("main [type=submit]")
    if send and send.is_visible():
        send.tap(no_wait_after=True)
