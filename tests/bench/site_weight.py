"""The table of what each page costs, for docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from tests.bench import site_times
from tests.journey.browser import launch
from tests.site import weights


def lines() -> Iterator[str]:
    """One line for each page and language, and what is loaded later."""
    with site_times.site() as (origin, built), sync_playwright() as playwright:
        browser = launch(playwright)
        for weight in weights.all_pages(browser, origin, built):
            yield weight.told()
        browser.close()
        [folder] = (built / "aset").iterdir()
        for what, file in (
            ("beacon's library", "vendor/bls12-381.js"),
            ("Ed25519, in old browsers", "vendor/ed25519.js"),
            ("checks of a proof", "modules/proof-worker.js"),
            ("checks of a wave", "modules/wave-worker.js"),
        ):
            size = weights.zipped(built, f"/aset/{folder.name}/{file}")
            yield f"when a check starts: {what}: {size}"
        kept = weights.kept_by_worker(built)
        yield f"in the background: service worker and what it keeps: {kept}"
