"""No page costs a phone more than its kind allows."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Browser

from tests.site import weights


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


def test_what_a_tap_on_the_proofs_page_loads_stays_within_its_bytes(built: Path) -> None:
    [folder] = (built / "aset").iterdir()
    parts = {"library": "vendor/bls12-381.js", "checks": "modules/draw-worker.js"}
    for part, file in parts.items():
        size = len(gzip.compress((folder / file).read_bytes(), mtime=0))
        assert size <= weights.TAPPED[part], part


def test_what_the_service_worker_keeps_is_no_more_than_a_few_pages(built: Path) -> None:
    assert weights.kept_by_worker(built) <= 60_000
