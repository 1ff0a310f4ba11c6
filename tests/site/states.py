"""How things can stand on a page, and what a person may have done there: for `scenes.py`.

The same in both languages, so what is pressed is named by selectors, never by words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.site.conftest import ROOT
from tests.site.fake_api import (
    STEPS,
    FakeApi,
    at,
    entry,
    error,
    receipt,
    the_status,
    the_test,
    wave,
)
from tests.site.test_draw_agreement import own_entry

Set = Callable[[FakeApi], None]
Act = Callable[[Page], None]

ANSWERED = {str(n): 1 for n in range(1, 21)}
DRAFTS = {
    "identity": {
        "nik": "3171015702959001",
        "kk": "3171011201189002",
        "day": "17",
        "month": "2",
        "year": "1995",
        "sex": "female",
    },
    "profile": {
        "address.street": "Jalan Melati 5, RT 02/RW 03",
        "address.village": "Gambir",
        "names": {"address": "Gambir, Kota Jakarta Pusat, DKI Jakarta"},
        "same_address": True,
        "education": "smk",
        "marital": "single",
        "dependants": "1",
        "employment": "unemployed",
        "topic": "digital",
    },
}
NUMBERS = {"nik": DRAFTS["identity"]["nik"], "kk": DRAFTS["identity"]["kk"]}


def nothing(api: FakeApi) -> None:
    """The applicant of `FakeApi`, ready and not in a wave."""


def stay(page: Page) -> None:
    """The page as it opens."""


# How things stand.


def missing(api: FakeApi) -> None:
    api.ready = set(STEPS[:3])


def new(api: FakeApi) -> None:
    api.ready = {"email"}


def contested(api: FakeApi) -> None:
    api.person = {"held": ["contested"]}
    api.entries = [entry(12, "open")]


def no_waves(api: FakeApi) -> None:
    api.waves = []


def only_planned(api: FakeApi) -> None:
    api.waves = [wave(12, "planned", 3, 6)]


def failing(api: FakeApi) -> None:
    api.answers["GET", "select/waves"] = error(500, "unexpected")


def confirmed(api: FakeApi) -> None:
    api.answers["POST", "verify/email/confirm"] = (200, {"confirmed": True})
    api.answers["POST", "verify/password/forgot"] = (202, {})


def mail_returned(api: FakeApi) -> None:
    api.answers["GET", "verify/email"] = (200, {"state": "unreachable", "next_at": at()})


def unreachable(api: FakeApi) -> None:
    api.person = {"email_unreachable": "bounced"}


def locked(api: FakeApi) -> None:
    api.person = {"locked": True}


def sms(api: FakeApi) -> None:
    sms = {"channel": "sms", "template": "phone_code", "state": "sent", "at": at(seconds=-5)}
    api.person = {"delivery": [sms]}
    api.status["sms"] = {**api.status["mail"]}


def photo(state: str, **more: Any) -> Set:
    told = {"photo": "ff" * 16, "kind": "ktp", "state": state, "reasons": [], "details": {}}
    told |= {"review": [], "by_person": False, "may_review": False, "review_asked_at": None}

    def given(api: FakeApi) -> None:
        api.photos = [{**told, "created_at": at(), "decided_at": at(), **more}]

    return given


def in_review(api: FakeApi) -> None:
    photo("in_review", review_asked_at=at(hours=-2))(api)
    api.ready -= {"ktp"}


REFUSED = photo("refused", reasons=["cropped", "glare"], details={"cropped": {"side": "left"}})
REFUSED_TWICE = photo("refused", reasons=["blurred"], may_review=True)


def test(state: str, answers: dict[str, int] | None = None, **more: Any) -> Set:
    bank = json.loads((ROOT / "functions" / "verify" / "questions.json").read_text("utf-8"))

    def given(api: FakeApi) -> None:
        api.test = the_test(state, answers, **more)
        for asked, known in zip(api.test["questions"], bank, strict=False):
            asked.update(text=known["text"], options=known["options"])

    return given


FAILED_ONCE = test("failed", score=9, next_at=at(hours=20))


def joins(api: FakeApi) -> None:
    joined = {"receipt": receipt(12), "exclusions": []}
    api.answers["POST", "select/waves/12/entry"] = (201, joined)


def outcome(
    outcome: str, rank: int | None = None, reasons: tuple[str, ...] = (), **more: Any
) -> Set:
    figures = {"last_rank_open": 4_000, "last_rank_pool": None, "quota": 3_900, "entries": 9_000}
    result = {"outcome": outcome, "reasons": list(reasons), "rank": rank, "pool": None, **figures}

    def given(api: FakeApi) -> None:
        api.waves = [wave(13, "planned", 5, 9)]
        api.entries = [entry(12, "announced", {**result, **more})]
        api.person = {"recipient_of": 12} if outcome == "selected" and not more else {}

    return given


def phase(phase: str, **more: Any) -> Set:
    def given(api: FakeApi) -> None:
        api.waves = [wave(12, phase, -9, 1 if phase == "open" else -1)]
        api.entries = [{**entry(12, phase), **more}]

    return given


RECORD = {"status": 0, "group": 77, "room": 1, "pool": 1, "pool_name": "timur"}
OBJECTING = phase(
    "roster_published",
    record={**RECORD, "shared_by": 3, "reasons": []},
    objection_until=at(hours=5),
)


def drawn(api: FakeApi) -> None:
    ranks = {"open": 120, "reserve": 150, "pools": {}}
    api.waves = [
        wave(
            12,
            "announced",
            -9,
            -8,
            entries=1000,
            quota=100,
            reserve=30,
            last_ranks=ranks,
            returned_from={"11": 12},
        )
    ]


def stale(api: FakeApi) -> None:
    api.status = the_status(3_000)


# What is done before.


def press(page: Page) -> None:
    page.locator("main form [type=submit]").first.click()
    page.wait_for_selector("main .summary:visible")


def to(selector: str) -> Act:
    shown = f"main {selector}:visible"
    return lambda page: page.locator(shown).first.evaluate("e => e.scrollIntoView()")


def filled(done: str = "", **fields: str) -> Act:
    """Fill fields by their ids and go on; with `done`, send and wait for that."""

    def act(page: Page) -> None:
        for name, text in fields.items():
            page.fill(f"#{name}", text)
        page.keyboard.press("Tab")
        if done:
            page.locator("main form [type=submit]").first.click()
            page.wait_for_selector(f"{done}:visible")

    return act


def searched(page: Page) -> None:
    page.fill("#find", "NIK")
    to("label[for=find]")(page)


def registered(page: Page) -> None:
    page.evaluate(
        """() => sessionStorage.setItem("gelombang.draft.address",
          JSON.stringify({ at: Date.now(), values: { email: "sari@contoh.id" } }))"""
    )
    page.reload()


def in_fours(page: Page) -> None:
    filled(**NUMBERS)(page)
    to("[data-field=nik]")(page)


def linked(page: Page) -> None:
    page.goto(f"{page.url}#{'a' * 32}.{'b' * 64}")
    page.reload()


def read_back(page: Page) -> None:
    page.evaluate(
        """(drafts) => {
          const written = (values) => JSON.stringify({ at: Date.now(), values });
          sessionStorage.setItem("gelombang.draft.identity", written(drafts.identity));
          localStorage.setItem("gelombang.draft.profile", written(drafts.profile));
        }""",
        DRAFTS,
    )
    page.reload()


def join(page: Page) -> None:
    page.check("#consent-12")
    page.locator("main form [type=submit]").first.click()
    page.wait_for_selector(".receipt")


def objecting(page: Page) -> None:
    page.click("details:has(textarea) summary")
    to("details:has(textarea)")(page)


def proof(nik: str = "") -> Act:
    """Check the proof of an invented entry, with another number if one is given."""

    def act(page: Page) -> None:
        _, _, own = own_entry("plain")
        files = {"receipt-12.json": own["receipt"], "proof-12.json": own["proof"]}
        page.set_input_files(
            "#files",
            [
                {"name": name, "mimeType": "application/json", "buffer": json.dumps(value).encode()}
                for name, value in files.items()
            ],
        )
        page.fill("#nik", nik or own["nik"])
        page.fill("#kk", own["kk"])
        page.click("main button[type=submit]")
        page.wait_for_selector("#check-result:focus")
        to("#check-result")(page)

    return act


def recomputed(page: Page) -> None:
    page.goto(f"{page.url}#12")
    page.reload()
    page.click("#recompute-start")
    page.wait_for_selector("[data-module=recompute] .notice.good")
    to("#recompute-start")(page)
