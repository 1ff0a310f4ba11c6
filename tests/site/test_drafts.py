"""What was typed is there again when the phone ended the tab: on every form of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.site import weights
from tests.site.fake_api import FakeApi, at, entry, the_test, wave

# The proof's page promises that what is typed there is kept nowhere.
PROMISED = "undian/periksa/"
# What was typed before is read back; a new password needs the link of a mail.
NOTHING_TO_TYPE = ("data/periksa/", "masuk/sandi/")
# Consents are given, not remembered.
CONSENT = re.compile(r"truthful|consent|sure")
SECRET = re.compile(r"password|one-time-code")
FIELDS = "main form input:not([type=file]), main form select, main form textarea"
WRITTEN = "kuda laut 31"
STORED = "() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])"
SPECIMENS = {
    "email": "sari@contoh.id",
    "new_email": "sari@surat.id",
    "nik": "3171015702959001",
    "kk": "3171015702959002",
    "phone": "081234567890",
    "code": "918273",
    "password": "rahasia dapur 9",
    "new_password": "rahasia kebun 8",
}


def _with_forms(built: Path) -> list[str]:
    """Pages with a form, in their HTML or made by a module; of the build, so none is forgotten."""
    found = []
    for path in weights.addresses(built):
        file = built / path if path.endswith(".html") else built / path / "index.html"
        if not file.exists():
            continue
        html = file.read_text(encoding="utf-8")
        scripts = re.findall(r'<script type="module" src="/([^"]+)"', html)
        sources = [(built / name).read_text(encoding="utf-8") for name in scripts]
        if "<form" in html or any('make("form"' in source for source in sources):
            found.append(path)
    return found


@pytest.fixture
def phone(browser: Browser, origin: str) -> Iterator[BrowserContext]:
    """A phone of someone in the middle of everything."""
    api = FakeApi()
    api.test = the_test("open")
    api.waves = [wave(12, "open", -1, 1), wave(11, "roster_published", -9, -1)]
    record = {"status": 0, "group": 1, "room": 2, "pool": None, "pool_name": None}
    told = {"record": {**record, "shared_by": 0, "reasons": []}, "objection_until": at(hours=5)}
    api.entries = [{**entry(11, "roster_published"), **told}]
    context = weights.Phone(browser, origin, api).context
    yield context
    context.close()


def test_every_form_has_what_was_typed_when_the_tab_was_ended(
    phone: BrowserContext, built: Path
) -> None:
    pages = _with_forms(built)
    assert {"daftar/", "masuk/", "data/diri/", "dasbor/", "tes/", "gelombang/"} <= set(pages)
    typed_in_all = 0
    for path in pages:
        page = phone.new_page()
        page.goto(f"/{path}")
        page.wait_for_load_state("networkidle")
        of_others = page.evaluate(STORED)
        typed = _type_everything(page)
        # A copy of the tab, taken without the first one hearing of its end.
        with phone.expect_page() as opened:
            page.evaluate("() => { window.open(location.href); }")
        again = opened.value
        page.close()
        again.wait_for_load_state("networkidle")
        _open_all(again)
        stored = again.evaluate(STORED)
        for name, value in typed.items():
            where = f"{path}: {name}"
            if _never_kept(path, name):
                assert _value(_field(again, name)) != value, where
                kept = str(value) in stored and str(value) not in of_others
                assert not kept or isinstance(value, bool), where
            else:
                assert _value(_field(again, name)) == value, where
                typed_in_all += 1
        again.close()
        assert typed or path in NOTHING_TO_TYPE, path
    assert typed_in_all > 30


def _never_kept(path: str, name: str) -> bool:
    return path == PROMISED or bool(CONSENT.search(name) or SECRET.search(name))


def _open_all(page: Page) -> None:
    page.evaluate("() => document.querySelectorAll('details').forEach((d) => { d.open = true; })")


def _type_everything(page: Page) -> dict[str, Any]:
    """Fill every field that can be seen, also those that show up meanwhile: {name: value}."""
    _open_all(page)
    names: list[str] = []
    while fresh := [one for one in _shown(page) if one not in names]:
        for name in fresh:
            _type(_field(page, name))
        names += fresh
    return {name: _value(_field(page, name)) for name in names}


def _shown(page: Page) -> list[str]:
    """Each field that can be seen by its id, with the word that makes it secret if there is one."""
    fields = page.locator(FIELDS)
    script = "(all) => all.map((one) => `${one.id}|${one.autocomplete || ''}`)"
    names = fields.evaluate_all(script)
    return [name for name in names if name[0] != "|" and _field(page, name).is_visible()]


def _field(page: Page, name: str) -> Locator:
    return page.locator(f"[id='{name.split('|')[0]}']")


def _value(field: Locator) -> Any:
    return field.evaluate(
        "(one) => (one.matches('[type=checkbox], [type=radio]') ? one.checked : one.value)"
    )


def _type(field: Locator) -> None:
    kind, name, numeric = field.evaluate(
        "(f) => [f.type, f.name || f.id, f.inputMode === 'numeric']"
    )
    if kind == "checkbox":
        field.set_checked(not field.is_checked())
    elif kind == "radio":
        field.check()
    elif kind == "select-one":
        field.locator("option:nth-child(2)").wait_for(state="attached")
        field.select_option(index=1)
    else:
        field.fill(SPECIMENS.get(name, "7" if numeric else WRITTEN))
