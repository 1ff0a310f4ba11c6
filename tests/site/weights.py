"""What a page costs a phone that has nothing of the site yet: requests, and bytes as gzip.

Counted is what the page asks for by itself until it is quiet, with the answers of the API. Not
counted is what a browser does afterwards and in its own time: the icon, the manifest, and the
service worker with what it keeps.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, Route

from tests.programme.draw.world import vector
from tests.site.fake_api import FakeApi

# What no file of the build answers.
ANSWERED = re.compile(r"/api/|/status/status\.json$|/undian/11/.")
QUIET_MILLISECONDS = 120
LOOK_EVERY = 40
# {kind: (bytes, requests)}
BUDGETS = {
    "static": (14_000, 4),
    "form": (25_000, 8),
    "photo": (40_000, 10),
    "draw check": (20_000, 8),
    # It asks each of the three functions how it is, which is what it is for.
    "status": (14_000, 7),
}
# Bytes after the tap on a proof's page: the checks, and the libraries that they use, in a browser
# without Ed25519 of its own too.
TAPPED = 27_000
KINDS = {
    "static": ("", "bantuan/", "privasi/", "undian/", "luring/", "tunggu/", "404.html"),
    "status": ("status/",),
    "photo": ("foto/ktp/", "foto/selfie/"),
    "draw check": ("undian/11/", "undian/hitung/", "undian/periksa/"),
}


@dataclass(frozen=True)
class Weight:
    """One page's cost."""

    address: str
    kind: str
    size: int
    requests: list[str]

    @property
    def over(self) -> bool:
        """Whether it breaks its budget."""
        size, requests = BUDGETS[self.kind]
        return self.size > size or len(self.requests) > requests

    def told(self) -> str:
        """One line of a table."""
        size, requests = BUDGETS[self.kind]
        return (
            f"{self.address:24} {self.kind:10} {self.size:6} of {size}  "
            f"{len(self.requests)} of {requests}{'  OVER' if self.over else ''}"
        )


def kind_of(path: str) -> str:
    """The kind of a page; what is none of the named is a form."""
    return next((kind for kind, paths in KINDS.items() if path in paths), "form")


def addresses(built: Path) -> list[str]:
    """Every page of one language, below it; the page of all waves as that of wave 11."""
    english = built / "en"
    files = [path.relative_to(english) for path in sorted(english.rglob("*.html"))]
    paths = [file.as_posix().removesuffix("index.html") for file in files]
    return ["undian/11/" if path == "undian/gelombang/" else path for path in paths]


class Phone:
    """A phone, every request of which is answered; routing switches off its HTTP cache."""

    def __init__(self, browser: Browser, origin: str, api: FakeApi):
        self.context = browser.new_context(base_url=origin, service_workers="block")
        self.context.route("**/api/**", lambda route: api.answer(self._weighing(route)))
        self.context.route(
            "**/status/status.json", lambda route: api.tell_status(self._weighing(route))
        )
        self.context.route("**/undian/11/*.*", self._draw_file)
        self.files, _ = vector("plain")
        self.answered = 0

    def _draw_file(self, route: Route) -> None:
        """A file of a wave that was drawn."""
        data = self.files.get(route.request.url.rsplit("/", 1)[1])
        self.answered += len(gzip.compress(data or b"", mtime=0))
        route.fulfill(status=200 if data else 404, body=data or b"")

    def _weighing(self, route: Route) -> Route:
        def fulfill(**answer: Any) -> None:
            self.answered += len(gzip.compress(answer["body"].encode(), mtime=0))
            route.fulfill(**answer)

        seen = SimpleNamespace(request=route.request, fulfill=fulfill, abort=route.abort)
        return cast(Route, seen)


def weigh(phone: Phone, page: Page, built: Path, address: str) -> Weight:
    """Open a page and count what it loads."""
    phone.answered = 0
    found: list[Request] = []

    def note(request: Request) -> None:
        if not request.url.endswith("/icon.svg"):
            found.append(request)

    page.on("request", note)
    page.goto(address)
    _wait_until_quiet(page, found)
    page.remove_listener("request", note)
    paths = [urlsplit(request.url).path for request in found]
    files = [path for path in paths if not ANSWERED.match(path)]
    size = phone.answered + sum(zipped(built, path) for path in files)
    path = address.removeprefix("/en").lstrip("/")
    return Weight(address, kind_of(path), size, paths)


def _wait_until_quiet(page: Page, found: list[Request]) -> None:
    quiet, known = 0, 0
    while quiet < QUIET_MILLISECONDS:
        # Counted by the page's own clock, which is slow where all is slow.
        page.evaluate("(span) => new Promise((go) => setTimeout(go, span))", LOOK_EVERY)
        done = all(request.timing["responseEnd"] >= 0 or request.failure for request in found)
        quiet = quiet + LOOK_EVERY if done and len(found) == known else 0
        known = len(found)


def zipped(built: Path, path: str) -> int:
    """Bytes, as gzip, of a file of the site, by its address."""
    path = path.replace("/undian/11/", "/undian/gelombang/")
    file = built / f"{path.lstrip('/')}{'index.html' * path.endswith('/')}"
    return len(gzip.compress(file.read_bytes(), mtime=0))


def all_pages(
    browser: Browser, origin: str, built: Path, homes: tuple[str, ...] = ("/", "/en/")
) -> list[Weight]:
    """The cost of every page in both languages."""
    phone = Phone(browser, origin, FakeApi())
    page = phone.context.new_page()
    paths = [home + path for path in addresses(built) for home in homes]
    weights = [weigh(phone, page, built, path) for path in paths]
    phone.context.close()
    return weights


def kept_by_worker(built: Path) -> int:
    """Bytes, as gzip, that the site's service worker loads in the background, itself with them."""
    script = (built / "service-worker.js").read_text(encoding="utf-8")
    files = json.loads(script.split("const FILES = ", 1)[1].split(";", 1)[0])
    return sum(zipped(built, file) for file in [*files, "/service-worker.js"])
