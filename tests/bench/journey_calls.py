"""Which requests the site makes for one applicant, from the landing page to the joined wave.

Seen in a real browser on the local stack: a table in a document would be out of date with the next
page that asks once more.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from local.setup import WAVE
from tests.journey.browser import launch
from tests.journey.person import Person
from tests.local.stack import running_stack

SCREEN = {"width": 360, "height": 640}
# An age at which the invented person may join.
SEED = 3
# Whatever in a path belongs to one person or one thing.
NAMED = {
    r"^/api/upload/photos/[0-9a-f]{32}$": "/api/upload/photos/<photo>",
    r"^/api/verify/test/answers/[0-9]+$": "/api/verify/test/answers/<int:number>",
    r"^/api/select/waves/[0-9]+/entry$": "/api/select/waves/<int:wave>/entry",
    r"^/api/select/waves/[0-9]+$": "/api/select/waves/<int:wave>",
    r"^/api/select/entries/[0-9]+$": "/api/select/entries/<int:wave>",
}


def route_of(method: str, address: str) -> str | None:
    """`POST /api/verify/accounts`, as the access table names it; None for what is not the API's."""
    path = urlsplit(address).path
    if not path.startswith("/api/"):
        return None
    for pattern, rule in NAMED.items():
        path = re.sub(pattern, rule, path)
    return f"{method} {path}"


def calls_of_an_applicant() -> list[str]:
    """The API's routes in the order in which the site asked them."""
    asked: list[str] = []
    with running_stack() as origin, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_context(base_url=origin, viewport=SCREEN, locale="id-ID").new_page()
        page.set_default_timeout(90_000)
        page.on("request", lambda sent: asked.append(route_of(sent.method, sent.url) or ""))
        person = Person(page, origin, "warga-900001@contoh.example", "081290009001", SEED)
        person.register()
        person.confirm_by_code()
        person.log_in()
        # A person reads what is to be done next; only then do the pages know it too.
        page.wait_for_selector(".box.main")
        person.prove_phone()
        person.give_identity()
        person.give_profile()
        person.read_back_and_send()
        person.send_photo(person.ktp())
        person.next_page("/foto/selfie/")
        person.send_photo(person.selfie())
        person.next_page("/pernyataan/")
        person.declare()
        person.pass_test(reload_after=0)
        person.join(WAVE)
        browser.close()
    return [route for route in asked if route]
