"""Photos over bad connections: how many of eight arrive when a share of all requests is lost.

The page's waits are shortened and its tries are not: a photo that needs more of them than the page
makes fails here as it would on a phone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, expect, sync_playwright

from tests.journey.browser import launch
from tests.site.conftest import PHONE, STORAGE, build_site
from tests.site.fake_api import FakeApi
from tests.site.photo_pages import choose, keys, lose, open_page, takes_photos
from tests.site.serving import served

SHARES = (0.0, 0.3, 0.6, 0.8)
ENDED = "#verdict:not([hidden]), .summary:not([hidden])"
PATIENCE_MS = 120_000


@dataclass(frozen=True)
class Sent:
    """One photo: whether its verdict was read and the storage has it once, and what that took."""

    arrived: bool
    permits: int
    posts: int


def measure(runs: int) -> Iterator[tuple[float, list[Sent]]]:
    """For each share of lost requests so many photos, each on a page of its own."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "site"
        done = build_site(out)
        if done.returncode:
            raise RuntimeError(done.stderr)
        browser = launch(playwright)
        with served(out) as origin:
            for share in SHARES:
                context = browser.new_context(
                    base_url=origin, viewport=PHONE, service_workers="block"
                )
                seeds = [f"photos {share} {number}" for number in range(runs)]
                yield share, [_one(context, share, seed) for seed in seeds]
                context.close()
        browser.close()


def told(share: float, sent: list[Sent]) -> str:
    """One line for a share of lost requests."""
    arrived = sum(one.arrived for one in sent)
    most = max(sent, key=lambda one: one.posts)
    return (
        f"{share:4.0%} of the requests lost: {arrived} of {len(sent)} photos arrived; "
        f"the hardest took {most.permits} requests for a permit and {most.posts} posts"
    )


def _one(context: BrowserContext, share: float, seed: str) -> Sent:
    api = takes_photos(FakeApi())
    page = context.new_page()
    page.route("**/api/**", api.answer)
    page.route(f"{STORAGE}/**", api.store)
    open_page(page)
    lose(api, share, seed)
    given = len(api.storage_fails)
    choose(page)
    page.locator("#send").click()
    expect(page.locator(ENDED).first).to_be_visible(timeout=PATIENCE_MS)
    good = page.locator("#verdict .good").is_visible()
    page.close()
    posts = given - len(api.storage_fails)
    return Sent(good and len(api.stored) == 1, len(keys(api)), posts)
