"""Pictures of the site for docs/screens: the whole journey with the invented API, on a phone.

    python -m tests.site.screens [--out docs/screens] [NAME…]

Each scene is taken at 360x640 in both languages and stored with few colours. The list in
docs/screens.md is written anew.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.site.conftest import PHONE, ROOT, STORAGE, build_site
from tests.site.fake_api import STEPS, FakeApi, at, entry, receipt, the_status, the_test, wave
from tests.site.serving import served

COLOURS = 48
LONGEST = 15_000
# The sun of the header is few pixels; counting by frequency would lose its colour.
KEEPS_RARE = Image.Quantize.MAXCOVERAGE

Set = Callable[[FakeApi], None]
Act = Callable[[Page], None]


def _nothing(api: FakeApi) -> None:
    """The applicant of `FakeApi`, ready and not in a wave."""


def _stay(page: Page) -> None:
    """The page as it opens."""


@dataclass(frozen=True)
class Scene:
    """One picture: its name, the page, how things stand, and what is done before."""

    name: str
    path: str
    words: str
    given: Set = _nothing
    act: Act = _stay


def _press(page: Page) -> None:
    page.click("main button[type=submit]")
    page.wait_for_selector(".summary:visible")


def _typed(page: Page) -> None:
    page.fill("#nik", "3171015702959001")
    page.fill("#kk", "3171011201189002")


def _missing(api: FakeApi) -> None:
    api.ready = set(STEPS[:3])


def _joins(api: FakeApi) -> None:
    joined = {"receipt": receipt(12), "exclusions": []}
    api.answers["POST", "select/waves/12/entry"] = (201, joined)


def _join(page: Page) -> None:
    page.check("#consent-12")
    page.click("main button[type=submit]")
    page.wait_for_selector(".receipt")


def _to(selector: str) -> Act:
    return lambda page: page.locator(selector).first.evaluate("e => e.scrollIntoView()")


def _outcome(outcome: str, reasons: list[str], rank: int | None) -> Set:
    figures = {"last_rank_open": 4_000, "last_rank_pool": 900, "quota": 4_900, "entries": 9_000}
    result = {"outcome": outcome, "reasons": reasons, "rank": rank, "pool": None, **figures}

    def given(api: FakeApi) -> None:
        api.waves = [wave(13, "planned", 5, 9)]
        api.entries = [entry(12, "announced", result)]

    return given


def _waiting(api: FakeApi) -> None:
    api.waves = [wave(12, "closed", -9, -1)]
    api.entries = [entry(12, "closed")]


def _objecting(api: FakeApi) -> None:
    api.waves = [wave(12, "roster_published", -3, -1)]
    record = {"status": 0, "group": 77, "room": 1, "pool": 1, "pool_name": "timur"}
    api.entries = [entry(12, "roster_published")]
    api.entries[0].update(
        record={**record, "shared_by": 3, "reasons": []}, objection_until=at(hours=5)
    )


def _refused(api: FakeApi) -> None:
    photo = {"photo": "ff" * 16, "kind": "ktp", "state": "refused", "review": []}
    reasons = {"reasons": ["cropped", "glare"], "details": {"cropped": {"side": "left"}}}
    api.photos = [{**photo, **reasons, "created_at": at(), "decided_at": at()}]


def _test(api: FakeApi) -> None:
    api.test = the_test("open", {"1": 2})


def _stale(api: FakeApi) -> None:
    api.status = the_status(3_000)


def _sms(api: FakeApi) -> None:
    sms = {"channel": "sms", "template": "phone_code", "state": "sent", "at": at(seconds=-5)}
    api.person = {"delivery": [sms]}


SCENES = (
    Scene("start", "", "the start page"),
    Scene("start-dates", "", "waves and dates", act=_to("h2")),
    Scene("register", "daftar/", "creating an account"),
    Scene("register-errors", "daftar/", "what is missing, named", act=_press),
    Scene("email", "daftar/email/", "the mail is awaited"),
    Scene("login", "masuk/", "logging in"),
    Scene("forgot", "masuk/lupa/", "a forgotten password"),
    Scene("change-password", "masuk/ganti/", "another password"),
    Scene("phone", "hp/", "the phone number"),
    Scene("code", "hp/otp/", "the code of the SMS", _sms),
    Scene("code-help", "hp/otp/", "what became of the SMS", _sms, _to("h2")),
    Scene("nik", "data/nik/", "numbers shown in fours", _missing, _typed),
    Scene("profile", "data/diri/", "personal data", _missing),
    Scene("photo", "foto/ktp/", "the photo of the card"),
    Scene("photo-refused", "foto/ktp/", "refused, with reason and advice", _refused),
    Scene("selfie", "foto/selfie/", "the photo with the card"),
    Scene("declaration", "pernyataan/", "the declaration"),
    Scene("test", "tes/", "the test, before it"),
    Scene("test-question", "tes/", "one question", _test),
    Scene("join", "gelombang/", "joining a wave"),
    Scene("receipt", "gelombang/", "joined, with the receipt", _joins, _join),
    Scene("dashboard", "dasbor/", "what is missing", _missing),
    Scene("readiness", "dasbor/", "the list of steps", _missing, _to(".marks")),
    Scene("waiting", "dasbor/", "after the close", _waiting),
    Scene("record", "dasbor/", "one's record on the list", _objecting, _to("dl")),
    Scene("selected", "dasbor/", "selected", _outcome("selected", [], 321), _to(".box + .box")),
    Scene(
        "not-selected",
        "dasbor/",
        "not selected, with the rank",
        _outcome("not_selected", [], 4_321),
        _to(".box + .box"),
    ),
    Scene(
        "excluded",
        "dasbor/",
        "not in the draw, with the reason",
        _outcome("excluded", ["under_age"], None),
        _to(".box + .box"),
    ),
    Scene("draw", "undian/", "how the draw works"),
    Scene("check", "undian/periksa/", "checking one's own proof"),
    Scene("status", "status/", "figures of the service"),
    Scene("status-photos", "status/", "photos and reasons", act=_to("table")),
    Scene("status-stale", "status/", "figures that are too old", _stale),
    Scene("help", "bantuan/", "help with search"),
    Scene("advice", "bantuan/", "how a photo should look", act=_to("#photo")),
    Scene("privacy", "privasi/", "personal data"),
)


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs" / "screens")
@click.argument("names", nargs=-1)
def main(out: Path, names: tuple[str, ...]) -> None:
    """Take the pictures of all scenes, or of those named, and write the list."""
    wanted = [scene for scene in SCENES if not names or scene.name in names]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        done = build_site(site)
        if done.returncode:
            raise click.ClickException(done.stderr)
        with served(site) as origin, sync_playwright() as playwright:
            _take_all(playwright, origin, wanted, out)
    _write_list(out)


def _take_all(playwright: Playwright, origin: str, wanted: list[Scene], out: Path) -> None:
    browser = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
    )
    for language in ("id", "en"):
        for scene in wanted:
            data = _few_colours(_taken(browser, origin, scene, language))
            (out / f"{scene.name}-{language}.png").write_bytes(data)
            click.echo(f"{scene.name}-{language}.png {len(data)}")
    browser.close()


def _taken(browser: Browser, origin: str, scene: Scene, language: str) -> bytes:
    api = FakeApi()
    scene.given(api)
    options: dict[str, Any] = {"base_url": origin, "viewport": PHONE, "locale": "id-ID"}
    # A service worker's requests would pass by the invented API.
    options["service_workers"] = "block"
    context = browser.new_context(**options)
    page = context.new_page()
    page.route("**/api/**", api.answer)
    page.route("**/status/status.json", api.tell_status)
    page.route(f"{STORAGE}/**", api.store)
    page.goto(("/en/" if language == "en" else "/") + scene.path)
    page.wait_for_load_state("networkidle")
    scene.act(page)
    picture = page.screenshot()
    context.close()
    return picture


def _few_colours(data: bytes) -> bytes:
    """The same picture with a palette, small enough to keep many of."""
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.quantize(COLOURS, KEEPS_RARE, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    if out.tell() > LONGEST:
        out = io.BytesIO()
        picture.quantize(COLOURS // 2, KEEPS_RARE, dither=Image.Dither.NONE).save(
            out, "PNG", optimize=True
        )
    return out.getvalue()


def _write_list(out: Path) -> None:
    def cell(scene: Scene, language: str) -> str:
        name = f"{scene.name}-{language}.png"
        return f"![{scene.words}]({out.name}/{name})" if (out / name).is_file() else ""

    rows = [
        f"| {scene.words} | {cell(scene, 'id')} | {cell(scene, 'en')} |"
        for scene in SCENES
        if cell(scene, "id") or cell(scene, "en")
    ]
    head = (
        "# Screens\n\nThe site on a phone of 360x640, with an invented applicant; "
        "`python -m tests.site.screens` takes them anew.\n\n"
        "| | Indonesian | English |\n|---|---|---|\n"
    )
    out.with_suffix(".md").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
