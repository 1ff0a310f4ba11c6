"""A 12-megapixel photo on a slow phone: how long until it can be sent, and what holds the page up.

Counted are seconds of processor, times a factor, since a clock tells more of what else the machine
does: for the time until the photo can be sent those of the whole page, with its worker and the
threads that decode and encode, as if a phone did one after the other; for the longest task those
of the page's own thread, from a trace.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from local.cards.photos import shoot
from local.cards.worlds import EVERYDAY
from tests.journey.browser import launch
from tests.site.conftest import PHONE, STORAGE, build_site
from tests.site.fake_api import FakeApi
from tests.site.photo_pages import takes_photos
from tests.site.serving import served

SLOWER = 6
MOST_SECONDS, MOST_TASK_MS, MOST_DOUBTS_MS = 5.0, 200, 100
SIZE = (4000, 3000)
TRACED = ["disabled-by-default-devtools.timeline", "devtools.timeline", "toplevel", "__metadata"]
ROUNDS_OF_DOUBTS = 40

SHOWN = """() => new Promise((done) => {
  const preview = document.querySelector('#preview');
  new MutationObserver(() => preview.hidden || done()).observe(preview, { attributes: true });
})"""
DOUBTS = """async ([side, rounds]) => {
  const image = new ImageData(side, side * 3 / 4);
  for (let at = 0; at < image.data.length; at += 1) image.data[at] = (at * 2654435761 >>> 16) & 255;
  const url = performance.getEntriesByType('resource').map((one) => one.name)
    .find((name) => name.includes('photo-drawing') || name.includes('foto'));
  const found = await import(url);
  const { measures } = found.$photo_quality || found;
  for (let round = 0; round < rounds; round += 1) measures(image);
}"""


@dataclass(frozen=True)
class Course:
    """One photo: seconds of processor until it can be sent, those of the longest task on the
    page's own thread, and whether a worker made it fit."""

    seconds: float
    longest_task: float
    beside: bool


def measure(rounds: int) -> tuple[list[Course], float]:
    """`rounds` photos, each on a new phone, and the seconds of looking for doubts once."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out, file = Path(folder) / "site", Path(folder) / "foto.jpg"
        shoot(1, EVERYDAY, "good", SIZE).picture.save(file, quality=90)
        done = build_site(out)
        if done.returncode:
            raise RuntimeError(done.stderr)
        browser = launch(playwright)
        with served(out) as origin:
            courses = [_course(browser, origin, file) for _ in range(rounds)]
            doubts = _doubts(browser, origin)
        browser.close()
    return courses, doubts


def told(courses: list[Course], doubts: float) -> tuple[list[str], bool]:
    """Lines to print, and whether all bounds are kept."""
    seconds = SLOWER * median(course.seconds for course in courses)
    task = 1000 * SLOWER * max(course.longest_task for course in courses)
    doubted = 1000 * SLOWER * doubts
    beside = sum(course.beside for course in courses)
    kept = seconds <= MOST_SECONDS and task <= MOST_TASK_MS and doubted <= MOST_DOUBTS_MS
    lines = [
        f"{beside} of {len(courses)} photos made to fit by the worker",
        f"12 MP ready to send, {SLOWER}x: {seconds:.2f} s (at most {MOST_SECONDS} s)",
        f"longest task on the page, {SLOWER}x: {task:.0f} ms (at most {MOST_TASK_MS} ms)",
        f"looking for doubts, {SLOWER}x: {doubted:.0f} ms (at most {MOST_DOUBTS_MS} ms)",
    ]
    return lines, kept


def _opened(browser: Browser, origin: str) -> Page:
    """The photo page on a phone that has kept nothing."""
    context = browser.new_context(base_url=origin, viewport=PHONE, service_workers="block")
    page = context.new_page()
    api = takes_photos(FakeApi())
    page.route("**/api/**", api.answer)
    page.route(f"{STORAGE}/**", api.store)
    page.goto("/foto/ktp/")
    page.wait_for_load_state("networkidle")
    return page


def _course(browser: Browser, origin: str, file: Path) -> Course:
    page = _opened(browser, origin)
    # The worker is loaded while the gallery is open.
    with page.expect_file_chooser() as chooser:
        page.locator("#pick").click()
    if not page.workers:
        page.wait_for_event("worker")
    page.evaluate(f"() => {{ window.shown = ({SHOWN})(); }}")
    browser.start_tracing(page=page, categories=TRACED)
    before = _processor(browser)
    # By its path: bytes would be unpacked on the page's own thread.
    chooser.value.set_files(file)
    page.evaluate("() => window.shown")
    seconds = _processor(browser) - before
    longest = _longest_task(json.loads(browser.stop_tracing())["traceEvents"])
    if page.locator("#doubts").is_visible():
        raise RuntimeError("a sound photo is doubted")
    beside = bool(page.workers)
    page.context.close()
    return Course(seconds, longest, beside)


def _doubts(browser: Browser, origin: str) -> float:
    page = _opened(browser, origin)
    page.evaluate(DOUBTS, [512, 2])
    before = _processor(browser)
    page.evaluate(DOUBTS, [512, ROUNDS_OF_DOUBTS])
    seconds = _processor(browser) - before
    page.context.close()
    return seconds / ROUNDS_OF_DOUBTS


def _processor(browser: Browser) -> float:
    """Seconds of processor that pages have taken so far, all threads together."""
    session = browser.new_browser_cdp_session()
    found = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return sum(one["cpuTime"] for one in found if one["type"] == "renderer")


def _longest_task(events: list[dict[str, Any]]) -> float:
    """Seconds of processor of the longest task on any page's own thread."""
    names = {
        (one["pid"], one["tid"]): one["args"]["name"]
        for one in events
        if one["name"] == "thread_name"
    }
    tasks = [
        one["tdur"]
        for one in events
        if one["name"].endswith("RunTask")
        and "tdur" in one
        and names.get((one["pid"], one["tid"])) == "CrRendererMain"
    ]
    if not tasks:
        raise RuntimeError("the trace tells of no task")
    return max(tasks) / 1e6
