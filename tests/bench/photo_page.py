"""A 12-megapixel photo on a slow phone: how long until it can be sent, and what holds the page up.

Chromium slows the page's own thread by a factor. Its workers it does not slow, so what the worker
takes is told beside it, and counted that factor times.
"""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

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

# Long tasks of the page, and how long the worker had the photo.
WATCH = """
window.tasks = [];
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) window.tasks.push(duration);
}).observe({ type: 'longtask', buffered: true });
const Real = window.Worker;
window.Worker = class extends Real {
  postMessage(...all) {
    window.given = performance.now();
    super.postMessage(...all);
    this.addEventListener('message', () => { window.work = performance.now() - window.given; });
  }
};
"""
READY = """() => new Promise((done) => {
  window.began = performance.now();
  const preview = document.querySelector('#preview');
  const look = () => preview.hidden ? setTimeout(look, 10) : done(performance.now() - window.began);
  look();
})"""
DOUBTS = """async (side) => {
  const image = new ImageData(side, side * 3 / 4);
  for (let at = 0; at < image.data.length; at += 1) image.data[at] = (at * 2654435761 >>> 16) & 255;
  const url = performance.getEntriesByType('resource').map((one) => one.name)
    .find((name) => name.includes('photo-form') || name.includes('foto'));
  const found = await import(url);
  const { measures } = found.$photo_quality || found;
  measures(image);
  const began = performance.now();
  for (let round = 0; round < 10; round += 1) measures(image);
  return (performance.now() - began) / 10;
}"""


@dataclass(frozen=True)
class Course:
    """One photo: seconds until it can be sent (the worker's share slowed by reckoning), of these
    the worker's as it ran here, and the longest task on the page in milliseconds."""

    seconds: float
    worker_seconds: float
    longest_task: float


def measure(rounds: int) -> tuple[list[Course], float]:
    """`rounds` photos, each on a page loaded anew, and the milliseconds of looking for doubts."""
    buffer = io.BytesIO()
    shoot(1, EVERYDAY, "good", SIZE).picture.save(buffer, "JPEG", quality=90)
    file = {"name": "foto.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "site"
        done = build_site(out)
        if done.returncode:
            raise RuntimeError(done.stderr)
        browser = launch(playwright)
        with served(out) as origin:
            context = browser.new_context(base_url=origin, viewport=PHONE, service_workers="block")
            courses = [_course(context.new_page(), file) for _ in range(rounds)]
            doubts = _doubts(context.new_page())
        browser.close()
    return courses, doubts


def told(courses: list[Course], doubts: float) -> tuple[list[str], bool]:
    """Lines to print, and whether all bounds are kept."""
    seconds = median(course.seconds for course in courses)
    worker = median(course.worker_seconds for course in courses)
    task = max(course.longest_task for course in courses)
    kept = seconds <= MOST_SECONDS and task <= MOST_TASK_MS and doubts <= MOST_DOUBTS_MS
    lines = [
        f"12 MP ready to send at {SLOWER}x: {seconds:.2f} s (at most {MOST_SECONDS} s), "
        f"the worker's {worker:.2f} s counted {SLOWER} times",
        f"longest task on the page at {SLOWER}x: {task:.0f} ms (at most {MOST_TASK_MS} ms)",
        f"looking for doubts at {SLOWER}x: {doubts:.0f} ms (at most {MOST_DOUBTS_MS} ms)",
    ]
    return lines, kept


def _opened(page: Page) -> None:
    api = takes_photos(FakeApi())
    page.route("**/api/**", api.answer)
    page.route(f"{STORAGE}/**", api.store)
    page.add_init_script(WATCH)
    page.goto("/foto/ktp/")
    page.wait_for_load_state("networkidle")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def _course(page: Page, file: dict[str, object]) -> Course:
    _opened(page)
    # The worker is loaded while the gallery is open.
    with page.expect_file_chooser() as chooser:
        page.locator("#pick").click()
    page.wait_for_timeout(1000)
    ready = page.evaluate_handle(f"() => {{ window.ready = ({READY})(); }}")
    chooser.value.set_files(file)  # type: ignore[arg-type]
    whole = page.evaluate("() => window.ready")
    ready.dispose()
    page.wait_for_timeout(1000)
    work, tasks = page.evaluate("() => [window.work || 0, window.tasks]")
    page.close()
    return Course((whole + work * (SLOWER - 1)) / 1000, work / 1000, max(tasks, default=0.0))


def _doubts(page: Page) -> float:
    _opened(page)
    milliseconds: float = page.evaluate(DOUBTS, 512)
    page.close()
    return milliseconds
