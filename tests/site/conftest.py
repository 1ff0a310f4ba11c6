"""The built site behind a small server with its real headers, a browser, and an invented API."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.programme.draw.world import vector
from tests.site.fake_api import STORAGE, FakeApi
from tests.site.serving import served

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 360, "height": 640}
# Makes crypto answer to an Ed25519 key as browsers before 2025 do.
WITHOUT_ED25519 = """
const real = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (form, key, kind, ...more) =>
  kind && kind.name === "Ed25519"
    ? Promise.reject(new DOMException("unknown", "NotSupportedError"))
    : real(form, key, kind, ...more);
"""
# What is said of the service worker that `page` keeps away.
BLOCKED = "Service Worker registration blocked by Playwright"
PUBLIC = ("params.json", "roster.bin", "roster.head", "beacon.json", "results.bin", "result.head")


def build_site(out: Path) -> subprocess.CompletedProcess[str]:
    """Run the build as people do."""
    command = [sys.executable, "site/build.py", "--out", str(out), "--s3-origin", STORAGE]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


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
    with served(built) as origin:
        yield origin


@pytest.fixture(scope="module")
def published(built: Path) -> Iterator[Path]:
    """The vector `plain` as wave 12 of the built site."""
    files, pins = vector("plain")
    folder = built / "undian" / "12"
    folder.mkdir()
    for name in PUBLIC:
        (folder / name).write_bytes(files[name])
    (folder.parent / "pins.json").write_bytes(pins)
    yield folder
    for path in [*folder.iterdir(), folder.parent / "pins.json"]:
        path.unlink()
    folder.rmdir()


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
    # A service worker's requests would pass by the invented API.
    context = browser.new_context(
        base_url=origin, viewport=PHONE, locale="id-ID", service_workers="block"
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", lambda message: _note(complaints, message.type, message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    api.serve(page)
    yield page
    context.close()


def _note(complaints: list[str], kind: str, text: str) -> None:
    if kind in ("error", "warning") and text != BLOCKED:
        complaints.append(text)
