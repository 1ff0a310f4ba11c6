"""The built site behind a small server with its real headers, a browser, and an invented API."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.site.fake_api import FakeApi

ROOT = Path(__file__).resolve().parents[2]
STORAGE = "http://photos.test"
PHONE = {"width": 360, "height": 640}


def build_site(out: Path) -> subprocess.CompletedProcess[str]:
    """Run the build as people do."""
    command = [sys.executable, "site/build.py", "--out", str(out), "--s3-origin", STORAGE]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


class _Handler(SimpleHTTPRequestHandler):
    """Static files with the headers of the build; a missing page is 404.html."""

    def __init__(self, *args: Any, headers_of_site: dict[str, Any], **kwargs: Any):
        self.headers_of_site = headers_of_site
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        parts = path.split("?")[0].strip("/").split("/")
        if len(parts) > 1 and parts[-2] == "undian" and parts[-1].isdigit():
            path = "/".join(["", *parts[:-1], "gelombang", ""])
        return super().translate_path(path)

    def end_headers(self) -> None:
        headers = dict(self.headers_of_site["all"])
        for prefix, more in self.headers_of_site["prefixes"].items():
            if self.path.startswith(prefix):
                headers.update(more)
        for name, value in headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def handler_for(built: Path) -> Callable[..., _Handler]:
    """What answers requests from the folder of a built site, with the headers beside it."""
    headers = json.loads(built.with_name(f"{built.name}.headers.json").read_text())
    return partial(_Handler, directory=str(built), headers_of_site=headers)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    out = tmp_path_factory.mktemp("site") / "site"
    done = build_site(out)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="session")
def origin(built: Path) -> Iterator[str]:
    """Where the built site is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(built))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def api() -> FakeApi:
    """An invented applicant, whose answers a test may change."""
    return FakeApi()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about; a test that expects none asserts so."""
    return []


@pytest.fixture
def page(browser: Browser, origin: str, api: FakeApi, complaints: list[str]) -> Iterator[Page]:
    """A phone's page on the site; its console and its errors end in `complaints`."""
    context = browser.new_context(base_url=origin, viewport=PHONE, locale="id-ID")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", lambda message: _note(complaints, message.type, message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route("**/api/**", api.answer)
    page.route("**/status/status.json", api.tell_status)
    page.route(f"{STORAGE}/**", api.store)
    yield page
    context.close()


def _note(complaints: list[str], kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        complaints.append(text)
