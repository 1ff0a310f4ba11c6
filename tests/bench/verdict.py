"""How long a person waits on the local stack, from the tap on "send" to the verdict on the page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import sync_playwright

from tests.journey.browser import launch
from tests.journey.person import Person
from tests.local.stack import running_stack

LIMIT_SECONDS = 3.0
SCREEN = {"width": 360, "height": 640}


@dataclass(frozen=True)
class Wait:
    """One good photo: what it shows, seconds until its verdict, and whether that was acceptance."""

    kind: str
    seconds: float
    accepted: bool


def waits(people: int) -> Iterator[Wait]:
    """The waits of people who each send a good KTP photo and a good selfie through the site."""
    with running_stack() as origin, sync_playwright() as playwright:
        browser = launch(playwright)
        for number in range(1, people + 1):
            context = browser.new_context(base_url=origin, viewport=SCREEN, locale="id-ID")
            page = context.new_page()
            page.set_default_timeout(60_000)
            phone = f"08129001{number:04}"
            person = Person(page, origin, f"orang{number}@contoh.example", phone, number)
            person.register()
            person.confirm_by_code()
            person.come_to_the_photos()
            yield _wait(person, "ktp", person.ktp())
            person.next_page("/foto/selfie/")
            yield _wait(person, "selfie", person.selfie())
            context.close()


def _wait(person: Person, kind: str, photo: bytes) -> Wait:
    began = time.perf_counter()
    said = person.send_photo(photo)
    return Wait(kind, time.perf_counter() - began, "diterima" in said.lower())


def told(found: list[Wait]) -> str:
    """One line: how many were accepted, and the seconds."""
    seconds = [wait.seconds for wait in found]
    accepted = sum(wait.accepted for wait in found)
    return (
        f"{accepted} of {len(found)} accepted, seconds from sending to the verdict: "
        f"median {median(seconds):.2f}, longest {max(seconds):.2f} (at most {LIMIT_SECONDS:.0f})"
    )
