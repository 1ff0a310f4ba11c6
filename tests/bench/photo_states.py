"""Every state of the photo pages, in both languages: what axe finds wrong, and pictures."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from local.cards.encoding import encode
from local.cards.photos import shoot
from local.cards.worlds import EVERYDAY
from tests.journey.browser import FLAGS, executable
from tests.site.conftest import PHONE, STORAGE, build_site
from tests.site.fake_api import FakeApi
from tests.site.photo_pages import (
    PHOTO,
    QUICK,
    choose,
    encoded,
    takes_photos,
    verdict,
    violations,
)
from tests.site.serving import served

ASKED = ("GET", f"upload/photos/{PHOTO}")
SHOWN: dict[str, int] = {"good": 1, "blurred": 5}

Given = Callable[[FakeApi], None]
Act = Callable[[Page, FakeApi], None]


def _nothing(api: FakeApi) -> None:
    """An applicant who has sent no photo."""


def _opened(page: Page, api: FakeApi) -> None:
    """As the page opens."""


@dataclass(frozen=True)
class State:
    """One state: what the server knows, what is done on the page, and what is then looked at."""

    name: str
    given: Given = _nothing
    act: Act = _opened
    seen: str = "h1"
    kind: str = "ktp"
    quick: bool = False


def _photos(*found: dict[str, Any]) -> Given:
    def given(api: FakeApi) -> None:
        api.photos = list(found)

    return given


def _waits(api: FakeApi) -> None:
    api.answers[ASKED] = (200, verdict("waiting"))


def _unreachable(api: FakeApi) -> None:
    api.answers[ASKED] = (0, None)


def _holds(api: FakeApi) -> None:
    api.storage_holds = True


def _fails(api: FakeApi) -> None:
    api.storage_fails = [True] * 100


def _refuses(api: FakeApi) -> None:
    api.storage_refuses = 5


@cache
def _shot(shown: str) -> bytes:
    return encode(shoot(SHOWN[shown], EVERYDAY, shown, (1600, 1200)).picture)


def _choose(shown: str) -> Act:
    def act(page: Page, _: FakeApi) -> None:
        choose(page, _shot(shown))
        page.wait_for_selector("#preview:not([hidden])")

    return act


def _choose_dark(page: Page, _: FakeApi) -> None:
    choose(page, encoded(Image.new("RGB", (320, 240), (9, 9, 9))))
    page.wait_for_selector("#preview:not([hidden])")


def _choose_pdf(page: Page, _: FakeApi) -> None:
    choose(page, b"%PDF-1.7 ...")
    page.wait_for_selector(".summary:not([hidden])")


def _send(until: str) -> Act:
    def act(page: Page, api: FakeApi) -> None:
        _choose("good")(page, api)
        page.click("#send")
        page.wait_for_selector(until, state="attached")

    return act


def _send_offline(page: Page, api: FakeApi) -> None:
    _choose("good")(page, api)
    page.context.set_offline(True)
    page.click("#send")
    page.wait_for_selector("#work:not([hidden])")


def _send_and_stop(page: Page, api: FakeApi) -> None:
    _send("#stop:not([hidden])")(page, api)
    page.click("#stop")
    page.wait_for_selector("#actions:not([hidden])")


def _reloaded(before: Act) -> Act:
    def act(page: Page, api: FakeApi) -> None:
        before(page, api)
        page.reload()
        page.wait_for_selector("#restored:not([hidden])")

    return act


def _closed(page: Page, api: FakeApi) -> None:
    with page.expect_file_chooser():
        page.click("#take")
    page.reload()
    page.wait_for_selector("#closed:not([hidden])")


def _camera(page: Page, api: FakeApi) -> None:
    page.click("#open-camera")
    page.wait_for_selector("#shutter:not([aria-disabled])")


def _camera_fails(name: str) -> Act:
    def act(page: Page, api: FakeApi) -> None:
        page.evaluate(
            "(name) => { navigator.mediaDevices.getUserMedia ="
            " async () => { throw new DOMException('', name); }; }",
            name,
        )
        page.click("#open-camera")
        page.wait_for_selector(".summary:not([hidden])")

    return act


def _camera_asks(page: Page, api: FakeApi) -> None:
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => new Promise(() => {}); }",
    )
    page.click("#open-camera")


def _examples(page: Page, api: FakeApi) -> None:
    page.click("details summary")


BLURRED = verdict("refused", "blurred")
TWICE = {**BLURRED, "may_review": True}
OLDER = {**verdict("in_review", "blurred"), "photo": "dd" * 16}
BY_PERSON = {"by_person": True}
CROPPED = verdict("refused", "cropped", "glare", "nik_unreadable", cropped={"side": "left"})

STATES = (
    State("open"),
    State("open-selfie", kind="selfie"),
    State("buttons", seen="#choose"),
    State("examples", act=_examples, seen="details"),
    State("examples-selfie", act=_examples, seen="details", kind="selfie"),
    State("chosen", act=_choose("good"), seen="#preview"),
    State("doubted-dark", act=_choose_dark, seen="#preview"),
    State("doubted-blurred", act=_choose("blurred"), seen="#doubts"),
    State("pdf", act=_choose_pdf, seen=".summary"),
    State("sending", _holds, _send("#stop:not([hidden])"), "#preview"),
    State("trying-again", _fails, _send("#bar:not([value])"), "#line"),
    State("offline", act=_send_offline, seen="#line"),
    State("stopped", _holds, _send_and_stop, "#line"),
    State("refused-by-storage", _refuses, _send(".summary:not([hidden])"), ".summary", quick=True),
    State("checked", _waits, _send("#stop[hidden]"), "#line"),
    State("late", _waits, _send("#resend:not([hidden])"), "#line", quick=True),
    State("unreachable", _unreachable, _send("#late:not([hidden])"), "#line", quick=True),
    State("kept-chosen", act=_reloaded(_choose("good")), seen="#preview"),
    State("kept-sending", _holds, _reloaded(_send("#stop:not([hidden])")), "#preview"),
    State("kept-sent", _waits, _reloaded(_send("#stop[hidden]")), "#preview"),
    State("closed", act=_closed, seen="#closed"),
    State("camera-asks", act=_camera_asks, seen="#camera"),
    State("camera", act=_camera, seen="#camera"),
    State("camera-selfie", act=_camera, seen="#camera", kind="selfie"),
    State("camera-refused", act=_camera_fails("NotAllowedError"), seen=".summary"),
    State("camera-none", act=_camera_fails("NotFoundError"), seen=".summary"),
    State("camera-busy", act=_camera_fails("NotReadableError"), seen=".summary"),
    State("refused", _photos(CROPPED), seen="#verdict"),
    State("refused-twice", _photos(TWICE, BLURRED), seen="#ask"),
    State(
        "one-digit",
        _photos(verdict("refused", "nik_mismatch", nik_mismatch={"digits": 1})),
        seen="#verdict",
    ),
    State("refused-by-person", _photos({**BLURRED, **BY_PERSON}), seen="#verdict"),
    State("refused-beside-review", _photos(BLURRED, OLDER), seen="#verdict"),
    State("in-review", _photos(verdict("in_review", "blurred")), seen="#verdict"),
    State("accepted", _photos(verdict("accepted")), seen="#verdict"),
    State("accepted-by-person", _photos({**verdict("accepted"), **BY_PERSON}), seen="#verdict"),
)


def measure(names: tuple[str, ...], pictures: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Each state in each language with what axe finds; pictures go into the folder, if any."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        out = Path(folder) / "site"
        done = build_site(out)
        if done.returncode:
            raise RuntimeError(done.stderr)
        flags = [*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        browser = playwright.chromium.launch(executable_path=executable(), args=flags)
        with served(out) as origin:
            for state in STATES:
                for language in ("id", "en") if not names or state.name in names else ():
                    picture = pictures and pictures / f"{state.name}-{language}.png"
                    yield (
                        f"{state.name} ({language})",
                        _found(browser, origin, state, language, picture),
                    )
        browser.close()


def _found(
    browser: Browser, origin: str, state: State, language: str, picture: Path | None
) -> list[str]:
    api = takes_photos(FakeApi())
    context = browser.new_context(
        base_url=origin, viewport=PHONE, locale="id-ID", service_workers="block"
    )
    context.grant_permissions(["camera"], origin=origin)
    page = context.new_page()
    page.route("**/api/**", api.answer)
    page.route(f"{STORAGE}/**", api.store)
    state.given(api)
    if state.quick:
        page.add_init_script(QUICK)
    page.goto(f"{'/en' if language == 'en' else ''}/foto/{state.kind}/")
    page.wait_for_load_state("networkidle")
    state.act(page, api)
    page.locator(state.seen).first.evaluate("(part) => part.scrollIntoView()")
    if picture:
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture)
    found = violations(page)
    for route in api.held:
        route.abort()
    page.unroute_all(behavior="ignoreErrors")
    context.close()
    return found
