"""The site in browsers as old as its floor: every page, registering, a photo, a proof."""

from __future__ import annotations

import base64
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from tests.bench import checks, old_browser
from tests.bench.old_browser import BrowserFailed, Release, Tab
from tests.programme.draw.world import vector
from tests.site import weights
from tests.site.conftest import ROOT
from tests.site.fake_api import FakeApi, at
from tests.site.serving import publish_wave, site_and_storage
from tests.site.test_draw_agreement import own_entry

KEPT = ROOT / "build" / "browsers"
PHOTO = "ee" * 16
VERDICT = {"photo": PHOTO, "kind": "ktp", "state": "accepted", "reasons": [], "details": {}}
VERDICT |= {"review": [], "may_review": False, "review_asked_at": None, "by_person": False}
# Files of a wave that are not there are looked for, of which the console tells; and of headers that
# a browser of that age does not know.
HARMLESS = ("/undian/12/", "Permissions-Policy", "Unrecognized feature")


def measure(release: Release) -> list[str]:
    """Lines about one browser; those that begin with FAILED are faults."""
    lines: list[str] = []
    try:
        program = old_browser.fetch(release, KEPT)
        with old_browser.opened(program) as tab, _site() as (origin, built, api):
            lines.append(f"Chromium {release.chromium}: {tab.run('navigator.userAgent')}")
            lines += _every_page(tab, origin, built)
            for name, walk in (("register", _register), ("photo", _photo), ("proof", _proof)):
                lines.append(_walked(name, walk, tab, origin, api))
    except (BrowserFailed, OSError) as failure:
        lines.append(f"FAILED Chromium {release.chromium}: {failure}")
    return lines


@contextmanager
def _site() -> Iterator[tuple[str, Path, FakeApi]]:
    api = FakeApi()
    with tempfile.TemporaryDirectory() as name, site_and_storage(Path(name), api) as origins:
        origin, storage = origins
        publish_wave(Path(name) / "site", 11)
        fields = {"key": "k", "policy": "p"}
        permit = {"photo": PHOTO, "url": f"{storage}/", "fields": fields}
        api.answers["POST", "upload/photos"] = (201, {**permit, "expires_at": at(minutes=5)})
        told = {**VERDICT, "created_at": at(), "decided_at": at()}
        api.answers["GET", f"upload/photos/{PHOTO}"] = (200, told)
        yield origin, Path(name) / "site", api


def _complaints(tab: Tab) -> list[str]:
    found = [one for one in tab.complaints if not any(word in one for word in HARMLESS)]
    tab.complaints.clear()
    return found


def _every_page(tab: Tab, origin: str, built: Path) -> list[str]:
    lines, count = [], 0
    for path in weights.addresses(built):
        for home in ("/", "/en/"):
            tab.open(f"{origin}{home}{path}")
            tab.until("!document.querySelector('[aria-busy]')")
            wide = tab.run("document.documentElement.scrollWidth > innerWidth")
            found = [*_complaints(tab), *(["scrolls sideways"] if wide else [])]
            count += 1
            lines += [f"FAILED {home}{path}: {one}" for one in found]
    return [f"  {count} pages opened", *lines]


def _walked(name: str, walk: Any, tab: Tab, origin: str, api: FakeApi) -> str:
    try:
        walk(tab, origin, api)
    except BrowserFailed as failure:
        return f"FAILED {name}: {failure}"
    found = _complaints(tab)
    return f"FAILED {name}: {found}" if found else f"  {name}: done"


def _register(tab: Tab, origin: str, api: FakeApi) -> None:
    tab.open(f"{origin}/daftar/")
    typed = {"name": "Sari Contoh", "email": "sari@contoh.id", "password": "kuda laut biru"}
    for field, text in typed.items():
        tab.run(
            f"(f => {{ f.value = {json.dumps(text)};"
            " f.dispatchEvent(new Event('input', { bubbles: true })); })"
            f"(document.getElementById('{field}'))"
        )
    tab.run("document.querySelector('main [type=submit]').click()")
    tab.until("location.pathname === '/daftar/email/' && document.getElementById('address')")
    tab.until("document.getElementById('address').textContent === 'sari@contoh.id'")


def _photo(tab: Tab, origin: str, api: FakeApi) -> None:
    api.ready.discard("ktp")
    buffer = io.BytesIO()
    Image.effect_noise((3000, 2000), 40).convert("RGB").save(buffer, "JPEG", quality=85)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "foto.jpg"
        file.write_bytes(buffer.getvalue())
        tab.open(f"{origin}/foto/ktp/")
        tab.until("document.getElementById('pick')")
        tab.choose("#pick", file)
        tab.until("!document.getElementById('preview').hidden")
        tab.run("document.getElementById('send').click()")
        tab.until("/diterima/.test(document.getElementById('verdict').textContent)")


def _proof(tab: Tab, origin: str, api: FakeApi) -> None:
    files, pins = vector("plain")
    small = {n: base64.b64encode(d).decode() for n, d in files.items() if not n.endswith(".bin")}
    _, _, own = own_entry("plain")
    tab.open(f"{origin}/undian/periksa/")
    given = json.dumps([small, base64.b64encode(pins).decode(), own])
    tab.run(f"({checks.ON_THE_PAGE})({given})")
