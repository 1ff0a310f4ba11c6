"""One local system for all journeys."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import settings
from tests.infra import recorded
from tests.local.stack import running_stack

SCREEN = {"width": 360, "height": 640}
# Where a failing journey leaves its last screen.
SHOTS = Path(__file__).parents[2] / "build" / "journey"


@pytest.fixture(scope="session")
def stack():
    """The address of a running local system."""
    with running_stack() as origin:
        yield origin


@pytest.fixture(scope="session")
def place(stack):
    """Its ports and folder."""
    return settings.place(int(stack.rsplit(":", 1)[1]))


@pytest.fixture(autouse=True)
def calls_of_the_local_system(place, every_call_is_recorded):
    """What its processes called is held against the record with what this process called."""
    yield
    recorded.SEEN.update(place.calls_file.read_text().splitlines())


@pytest.fixture
def new_page(browser, stack):
    """Makes pages of separate people; a defect of a page fails the test."""
    contexts, defects = [], []

    def make(locale="id-ID"):
        context = browser.new_context(base_url=stack, viewport=SCREEN, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: defects.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(defects, page, message))
        return page

    yield make
    for context in contexts:
        for page in context.pages:
            SHOTS.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=SHOTS / f"{id(page)}.png", full_page=True)
        context.close()
    assert defects == []


def _note(defects, page, message):
    """Console errors, save the browser's own note of an answer that the page handles."""
    if message.type == "error" and "Failed to load resource" not in message.text:
        defects.append(f"{page.url}: {message.text}")
