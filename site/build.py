"""Build the site: every page in both languages, ready for a static host.

    python site/build.py --out DIR [--s3-origin URL] [--origin URL] [--mail-from ADDRESS]
        [--pins FILE]

DIR is made anew. FILE is the stage's `pins.json`: the draw's keys, which the page that checks a
proof then carries. Beside it `DIR.headers.json` holds the headers of the static answers, with the
address of the photo storage filled in. Refuses, naming the key, when the catalogues differ or
when a sentence is missing or used nowhere; naming the module, when one cannot be joined.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import regions
from assets import Asked, Assets, Modules
from catalogues import LANGUAGES, CatalogueError, Words, load, select
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from joining import JoinError
from manifest import colours, manifest
from markupsafe import Markup, escape
from workers import write_proof_worker, write_site_worker

ROOT = Path(__file__).resolve().parent
DEFAULT_ORIGIN = "https://gelombang.example"
DEFAULT_SENDER = "no-reply@gelombang.example"
MODULE = re.compile(r'data-module="([a-z-]+)"')


@dataclass(frozen=True)
class Page:
    """One page: its template, and where it lies below the root of its language."""

    template: str

    @property
    def name(self) -> str:
        """`daftar/email`, `index`, `404`."""
        return self.template.removeprefix("pages/").removesuffix(".html")

    @property
    def key(self) -> str:
        """The prefix of its sentences: `daftar.email`."""
        return self.name.replace("/", ".")

    @property
    def path(self) -> str:
        """Its address below the language: empty, `daftar/email/`, `404.html`."""
        if self.name == "index":
            return ""
        return "404.html" if self.name == "404" else f"{self.name}/"

    @property
    def file(self) -> str:
        """Its file below the language's folder."""
        return self.path if self.path.endswith(".html") else f"{self.path}index.html"


@dataclass(frozen=True)
class Settings:
    """What differs between one place where the site lives and another."""

    out: Path
    s3_origin: str
    origin: str
    mail_from: str
    pins: str = ""


def build(settings: Settings) -> None:
    """Write the whole site. Raises CatalogueError or JoinError before anything is
    replaced."""
    catalogues = load(ROOT / "translations")
    draft = Draft(settings, catalogues, Modules(ROOT / "modules"), regions.load())
    asked = {page.name: _asked(draft, page) for page in pages()}
    assets = Assets(ROOT, draft.modules, asked)
    rendered, used = _render_all(draft, assets, asked)
    unused = sorted(set(catalogues["id"]) - used)
    if unused:
        raise CatalogueError(f"used nowhere: {', '.join(unused)}")
    shutil.rmtree(settings.out, ignore_errors=True)
    for file, text in rendered.items():
        path = settings.out / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assets.write(settings.out)
    regions.write(draft.places, settings.out / "data" / "wilayah")
    _write_small_files(draft, assets)
    write_site_worker(ROOT / "service-worker.js", settings.out, assets, draft.modules, rendered)
    write_proof_worker(ROOT / "offline.js", settings.out, assets, rendered)
    headers = (ROOT / "headers.json").read_text(encoding="utf-8")
    beside = settings.out.with_name(settings.out.name + ".headers.json")
    beside.write_text(headers.replace(" {s3}", f" {settings.s3_origin}".rstrip()), encoding="utf-8")


def pages() -> list[Page]:
    """All pages, in the order of their paths."""
    found = sorted((ROOT / "pages").rglob("*.html"))
    return [Page(path.relative_to(ROOT).as_posix()) for path in found]


@dataclass(frozen=True)
class Draft:
    """What pages are made from."""

    settings: Settings
    catalogues: dict[str, dict[str, str]]
    modules: Modules
    places: regions.Regions

    @cached_property
    def environment(self) -> Environment:
        """The templates."""
        return Environment(
            loader=FileSystemLoader(ROOT),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @cached_property
    def colours(self) -> tuple[str, str]:
        """What a browser's own bars are tinted with, by day and in the dark."""
        return colours(ROOT / "styles" / "tokens.css")

    def render(self, page: Page, language: str, t: Words, **more: object) -> str:
        """The HTML of a page; `more` is what its assets decide."""
        settings = self.settings
        return self.environment.get_template(page.template).render(
            t=t,
            page=page,
            language=language,
            home="/en/" if language == "en" else "/",
            other_home="/" if language == "en" else "/en/",
            origin=settings.origin,
            host=settings.origin.split("//", 1)[1],
            mail_from=settings.mail_from,
            pins=settings.pins,
            colours=self.colours,
            provinces=regions.provinces(self.places),
            **more,
        )


def _asked(draft: Draft, page: Page) -> Asked:
    """The modules that a page's HTML asks for."""
    words = Words(draft.catalogues[LANGUAGES[0]])
    bare = draft.render(page, LANGUAGES[0], words, asset=str, scripts=[], words="")
    return tuple(dict.fromkeys(MODULE.findall(bare)))


def _render_all(
    draft: Draft, assets: Assets, asked: dict[str, Asked]
) -> tuple[dict[str, str], set[str]]:
    """The text of every page's file, and the sentences used; a page holds those of its modules."""
    rendered: dict[str, str] = {}
    used: set[str] = set()
    for language in LANGUAGES:
        words = Words(draft.catalogues[language])
        for page in pages():
            modules = asked[page.name]
            said = select(draft.catalogues[language], *draft.modules.keys(modules))
            text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
            rendered[("en/" if language == "en" else "") + page.file] = draft.render(
                page,
                language,
                words,
                asset=assets.address,
                scripts=assets.scripts(modules),
                words=escape(text).replace("&#34;", Markup('"')),
            )
            used |= set(said)
        used |= words.used
    return rendered, used


def _write_small_files(draft: Draft, assets: Assets) -> None:
    words, out = draft.catalogues["id"], draft.settings.out
    text = manifest(words["site.name"], words["index.description"], assets, draft.colours[0])
    (out / "manifest.json").write_text(text, encoding="utf-8")
    (out / "robots.txt").write_text("User-agent: *\nDisallow: /api/\n", encoding="utf-8")
    shutil.copyfile(ROOT / "undian" / "verify.py", out / "undian" / "verify.py")


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Build the site.")
    parser.add_argument("--out", type=Path, required=True, help="folder to make anew")
    parser.add_argument("--s3-origin", default="", help="where photos are sent, e.g. https://…")
    parser.add_argument("--origin", default=DEFAULT_ORIGIN, help="address of the site")
    parser.add_argument("--mail-from", default=DEFAULT_SENDER, help="sender of the mails")
    parser.add_argument("--pins", type=Path, help="the stage's pins.json, for the proof's page")
    options = parser.parse_args()
    settings = Settings(
        options.out.resolve(),
        options.s3_origin.rstrip("/"),
        options.origin.rstrip("/"),
        options.mail_from,
        options.pins.read_text(encoding="ascii") if options.pins else "",
    )
    try:
        build(settings)
    except (CatalogueError, JoinError) as error:
        sys.exit(f"site: {error}")


if __name__ == "__main__":
    main()
