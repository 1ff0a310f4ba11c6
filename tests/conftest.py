"""What several rooms' tests share: one browser, and an ear for calls of AWS."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from moto.core.models import MockAWS
from playwright.sync_api import Browser, sync_playwright

from local.calls import listen
from tests.infra import recorded
from tests.journey.browser import launch

# Files that take a minute or more and have few tests, which would be begun last of all.
LONG = (
    "tests/journey/test_journey.py",
    "tests/journey/test_close.py",
    "tests/upload/test_photo_reasons.py",
    "tests/site/test_pages.py",
    "tests/infra/test_tour.py",
    "tests/select/test_killed_waves.py",
    "tests/site/test_drafts.py",
    "tests/docs/test_documents.py",
    "tests/local/test_run.py",
    "tests/local/test_stack.py",
    "tests/faults/test_sweep.py",
    "tests/ops/test_review_on_moto.py",
)


def pytest_addoption(parser):
    parser.addoption("--calls-to", help="Add every call of AWS to this file, and refuse none.")


def pytest_configure():
    listen(recorded.SEEN.add)
    share_a_session()


def share_a_session() -> None:
    """Let all mock_aws() have one session of boto3; outside them nothing changes.

    Each makes a new one else, which reads the descriptions of its services again: a third of a
    second for five.
    """
    begin, session = MockAWS.__init__, functools.cache(boto3.session.Session)

    def begin_with_it(mock: MockAWS, *args: Any, **named: Any) -> None:
        begin(mock, *args, **named)
        mock._default_session_mock = patch("boto3.DEFAULT_SESSION", session())

    MockAWS.__init__ = begin_with_it  # type: ignore[method-assign]


def pytest_collection_modifyitems(items):
    """The long files first, so that no processor waits for another at the end."""
    turn = {file: number for number, file in enumerate(LONG)}
    items.sort(key=lambda item: turn.get(item.location[0], len(LONG)))


@pytest.fixture(autouse=True)
def every_call_is_recorded(request) -> Iterator[None]:
    """A call of a function that tests/infra/calls.txt lacks fails the test that made it, or for
    which it was made: what a fixture of a whole module calls is the first test's."""
    yield
    seen, file = set(recorded.SEEN), request.config.getoption("--calls-to")
    recorded.SEEN.clear()
    if file:
        with Path(file).open("a") as opened:
            opened.writelines(f"{line}\n" for line in sorted(seen))
    elif seen:
        recorded.refuse_unrecorded(seen)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the whole run; Playwright allows one at a time."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
