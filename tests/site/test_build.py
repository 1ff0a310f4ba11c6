"""The build: the same input gives the same site, and a site that is whole."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.site.conftest import ROOT, build_site

PAGES = (
    "",
    "daftar/",
    "daftar/email/",
    "masuk/",
    "masuk/lupa/",
    "masuk/sandi/",
    "masuk/ganti/",
    "masuk/email/",
    "masuk/bukan/",
    "hp/",
    "hp/otp/",
    "data/nik/",
    "data/diri/",
    "data/periksa/",
    "data/saya/",
    "foto/ktp/",
    "foto/selfie/",
    "pernyataan/",
    "tes/",
    "gelombang/",
    "dasbor/",
    "undian/",
    "undian/gelombang/",
    "undian/hitung/",
    "undian/periksa/",
    "status/",
    "bantuan/",
    "privasi/",
    "luring/",
    "tunggu/",
)


class _Html(HTMLParser):
    """What a page links to, and what a strict content policy would refuse."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.language = ""
        self.title = ""
        self.structure: list[tuple[str, ...]] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self._inside = tag
        self.structure.append((tag, *(part for n, v in attributes for part in _shape(n, v))))
        if tag == "html":
            self.language = found.get("lang") or ""
        if found.get("id"):
            self.ids.append(found["id"] or "")
        if found.get("rel") != "preload":  # an answer of the server, not a file
            self.links += [v for n, v in attributes if n in ("href", "src") and v]
        self.inline += [n for n, _ in attributes if n == "style" or n.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in found):
            self.inline.append(tag)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.structure.append(("text",))
        if self._inside == "title":
            self.title += data.strip()
            self._inside = ""


def _shape(name: str, value: str | None) -> tuple[str, ...]:
    """What both languages have in common of an attribute: whether it says something, or its value
    where that is no language's."""
    if name in ("href", "lang", "hreflang", "content", "title", "alt", "placeholder", "aria-label"):
        return (name, "said" if value else "empty")
    return (name, value or "")


def _pages(built: Path) -> dict[str, _Html]:
    return {
        "/" + path.relative_to(built).as_posix(): _Html(path.read_text(encoding="utf-8"))
        for path in sorted(built.rglob("*.html"))
    }


def test_every_page_exists_in_both_languages(built: Path) -> None:
    for language in ("", "en/"):
        for page in PAGES:
            assert (built / language / page / "index.html").is_file(), language + page
        assert (built / language / "404.html").is_file()


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_one_structure(page: str, built: Path) -> None:
    """So what is found of a page's accessibility in one language holds for the other."""
    indonesian, english = (
        _Html((built / language / page / "index.html").read_text(encoding="utf-8")).structure
        for language in ("", "en/")
    )
    assert len(indonesian) > 20
    assert indonesian == english


def test_two_builds_give_the_same_bytes(built: Path, tmp_path: Path) -> None:
    assert build_site(tmp_path / "again").returncode == 0

    def contents(folder: Path) -> dict[str, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}

    assert contents(tmp_path / "again") == contents(built)


def test_every_internal_link_leads_somewhere(built: Path) -> None:
    pages = _pages(built)
    broken = []
    for address, page in pages.items():
        for link in page.links:
            target = urlsplit(urljoin(f"https://site{address}", link))
            if target.netloc not in ("site", "gelombang.example"):
                broken.append(f"{address}: leads outside: {link}")
                continue
            file = target.path + "index.html" if target.path.endswith("/") else target.path
            if not (built / file.lstrip("/")).is_file():
                broken.append(f"{address}: {link}")
            elif target.fragment and target.fragment not in pages[file].ids:
                broken.append(f"{address}: no such place: {link}")
    assert broken == []


def test_no_page_has_inline_script_or_style(built: Path) -> None:
    assert {name: page.inline for name, page in _pages(built).items() if page.inline} == {}


def test_every_page_names_its_language_and_has_a_title_of_its_own(built: Path) -> None:
    pages = _pages(built)
    for address, page in pages.items():
        assert page.language == ("en" if address.startswith("/en/") else "id"), address
    titles = [page.title for page in pages.values()]
    for language in ("id", "en"):
        own = [page.title for page in pages.values() if page.language == language]
        assert len(set(own)) == len(own), own
    assert all(title.endswith(" – Gelombang") and len(title) > 14 for title in titles)


def test_ids_are_unique_within_a_page(built: Path) -> None:
    for address, page in _pages(built).items():
        assert len(page.ids) == len(set(page.ids)), address


def test_assets_lie_under_one_hashed_folder(built: Path) -> None:
    folders = list((built / "aset").iterdir())
    assert len(folders) == 1
    assert re.fullmatch(r"[0-9a-f]{12}", folders[0].name)


def test_pages_that_ask_for_a_code_warn_against_giving_it_away(built: Path) -> None:
    asking = []
    for path in built.rglob("index.html"):
        text = path.read_text(encoding="utf-8")
        if 'autocomplete="one-time-code"' in text:
            asking.append(path.parent.relative_to(built).as_posix())
            assert "jangan berikan kepada siapa pun" in text or "give it to nobody" in text
    assert {"daftar/email", "hp", "hp/otp", "masuk/ganti", "masuk/email"} <= set(asking)


def test_the_declaration_asks_to_consent_that_relatives_may_learn_the_outcome(built: Path) -> None:
    asked = {
        "": ("data saya dipakai untuk seleksi", "satu KK dapat saling mengetahui hasilnya"),
        "en/": ("used for the selection", "one family card may learn each other's result"),
    }
    for home, words in asked.items():
        html = (built / home / "pernyataan" / "index.html").read_text(encoding="utf-8")
        box, sentence = re.findall(
            r'<label class="tick">(<input type="checkbox"[^>]*name="consent"[^>]*>)(.*?)</label>',
            html,
        )[0]
        # Given by the person: no browser shows it ticked beforehand.
        assert "checked" not in box
        assert all(part in unescape(sentence) for part in words), home
        privacy = (built / home / "privasi" / "index.html").read_text(encoding="utf-8")
        assert ("saling mengetahui" if home == "" else "learn each other") in unescape(privacy)


def test_region_files_hold_every_province_with_regencies_and_districts(built: Path) -> None:
    folder = built / "data" / "wilayah"
    provinces = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    assert len(provinces) == 38
    districts = 0
    for province in provinces:
        regencies = json.loads((folder / f"{province}.json").read_text(encoding="utf-8"))
        assert regencies
        for code, (name, inside) in regencies.items():
            assert code.startswith(province) and len(code) == 4 and name
            assert all(len(d) == 6 and d.startswith(code) for d in inside)
            districts += len(inside)
    assert districts > 7_000


def test_headers_allow_only_this_site_and_the_photo_storage(built: Path) -> None:
    headers = json.loads(built.with_name("site.headers.json").read_text(encoding="utf-8"))
    policy = dict(
        part.strip().split(" ", 1) if " " in part.strip() else (part.strip(), "")
        for part in headers["all"]["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == "'self' http://photos.test"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["all"]["Content-Security-Policy"]
    assert "immutable" in headers["prefixes"]["/aset/"]["Cache-Control"]


@pytest.mark.parametrize("module", sorted((ROOT / "site" / "modules").glob("*.js")))
def test_modules_keep_to_the_floor_of_old_browsers(module: Path) -> None:
    source = module.read_text(encoding="utf-8")
    for newer in (
        "replaceChildren",
        "randomUUID",
        ":has(",
        "structuredClone",
        ".at(-",
        "replaceAll",
        "??=",
        "||=",
        "&&=",
        "Object.hasOwn(",
        "innerHTML",
        "#private",
    ):
        assert newer not in source, newer
    assert not re.search(r"^(?:const .*= )?await ", source, re.MULTILINE)
