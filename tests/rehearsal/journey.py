"""An applicant over HTTP, from the account to the place in a wave, as the site's pages ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import urllib3

from functions.programme.times import age_on
from local.cards import person as cards
from local.cards.person import invented_person
from local.cards.render import photo_of, render_selfie
from tests.journey.person import BANK, CLEAR, PASSWORD, kk_of
from tests.rehearsal.emulator import Emulator
from tests.rehearsal.front import SECONDS, Front
from tests.rehearsal.report import Wrong, expect, wait_for

# Who may join in the years of this rehearsal.
YOUNGEST, OLDEST = 20, 60
# What ministack makes of an answer without a body; what such a request did, later ones show.
BODYLESS = (500, b"")
# The photo worker's first start unpacks 190 MB and loads four networks.
VERDICT_SECONDS = 240
ADDRESS = {
    "province": "31",
    "regency": "3171",
    "district": "317101",
    "village": "Contoh",
    "street": "Jalan Contoh 9",
}
PROFILE = {
    "address": ADDRESS,
    "current_address": None,
    "education": "sma",
    "marital": "single",
    "dependants": 0,
    "employment": "unemployed",
    "topic": "digital",
}
DECLARATION = {
    "in_education": False,
    "official": False,
    "employment": "unemployed",
    "truthful": True,
    "consent": True,
}


def seeds(today: date) -> Iterator[int]:
    """Seeds of invented people whose age lets them join."""
    seed = 0
    while True:
        seed += 1
        if YOUNGEST <= age_on(invented_person(seed).birth_date, today) <= OLDEST:
            yield seed


@dataclass
class Applicant:
    """One person with a phone. `address`: where they are, for limits are counted by it."""

    front: Front
    emulator: Emulator
    email: str
    phone: str
    seed: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)

    @cached_property
    def card(self) -> cards.Person:
        """Who they are."""
        return invented_person(self.seed)

    def ask(self, method: str, path: str, body: object = None, *, expected: int = 200) -> Any:
        """The JSON of an answer. Raises Wrong for another status than expected."""
        got = self.front.ask(method, f"/api/{path}", body, self.cookies, self.address)
        bodyless = expected == 204 and (got.status, got.data) == BODYLESS
        said = f"{method} {path}: {got.status} {got.data[:300]!r}"
        expect(got.status == expected or bodyless, said)
        for name, value in got.cookies.items():
            self.cookies[name] = value
        return got.json if got.data else None

    def register(self) -> str:
        """An account, and its address proved by the code in the mail."""
        account = {"name": self.card.name, "email": self.email, "password": PASSWORD}
        self.ask("POST", "verify/accounts", {**account, "language": "id"}, expected=202)
        expect("__Host-registration" in self.cookies, "no cookie of the registration")
        mail = wait_for(lambda: self.emulator.mails(self.email), "the mail with the code")[-1]
        code = re.search(r"\b\d{6}\b", mail["BodyText"])
        expect(code and mail["BodyHtml"], f"no code in {mail['Subject']!r}, or no HTML")
        wrong = f"{(int(code[0]) + 1) % 10**6:06d}"
        about = {"email": self.email}
        self.ask("POST", "verify/email/confirm", {**about, "code": wrong}, expected=422)
        self.ask("POST", "verify/email/confirm", {**about, "code": code[0]})
        return f"the mail {mail['Subject']!r}, a wrong code refused, the right one taken"

    def log_in(self) -> str:
        """A session."""
        words = {"email": self.email, "password": PASSWORD}
        self.ask("POST", "verify/sessions", {**words, "password": "x" * 12}, expected=401)
        self.ask("POST", "verify/sessions", words, expected=201)
        missing = self.ask("GET", "verify/me")["missing"]
        return f"a session; still missing: {', '.join(missing)}"

    def prove_phone(self) -> str:
        """The number, proved by the code in the SMS."""
        self.ask("POST", "verify/phone", {"phone": self.phone}, expected=202)
        number = "+62" + self.phone[1:]
        text = wait_for(lambda: self.emulator.texts(number), "the SMS with the code")[-1]
        host = self.front.origin.split("//")[1]
        code = re.search(rf"@{re.escape(host)} #(\d{{6}})$", text)
        expect(code, "the SMS has no last line for WebOTP")
        self.ask("POST", "verify/phone/confirm", {"code": code[1]})
        return "the SMS, and its code taken"

    def tell(self) -> str:
        """Identity, profile and declaration."""
        card = self.card
        identity = {"nik": card.nik, "kk": kk_of(card.nik), "sex": card.sex}
        identity["birth_date"] = card.birth_date.isoformat()
        self.ask("PUT", "verify/identity", identity)
        self.ask("PUT", "verify/profile", PROFILE)
        self.ask("PUT", "verify/declaration", DECLARATION)
        shown = self.ask("GET", "verify/me")["identity"]["nik"]
        expect(shown != card.nik, "the NIK is shown unmasked")
        return f"identity (shown as {shown}), profile, declaration"

    def send_photo(self, kind: str, data: bytes) -> dict[str, Any]:
        """A photo by its form to the bucket; what the photo worker found."""
        about = {"kind": kind, "size": len(data), "content_type": "image/jpeg"}
        form = self.ask("POST", "upload/photos", about, expected=201)
        fields = {**form["fields"], "file": ("foto.jpg", data, "image/jpeg")}
        posted = urllib3.request("POST", form["url"], fields=fields, timeout=SECONDS)
        expect(posted.status in (201, 204), f"the bucket: {posted.status} {posted.data[:300]!r}")
        return wait_for(lambda: self._verdict(form["photo"]), "a verdict", VERDICT_SECONDS)

    def _verdict(self, photo: str) -> dict[str, Any] | None:
        found: dict[str, Any] = self.ask("GET", f"upload/photos/{photo}")
        return None if found["state"] == "waiting" else found

    def ktp(self, variation: str = "good") -> bytes:
        """A photo of one's own card."""
        return photo_of(self.card, CLEAR, variation)

    def refused_photo(self) -> str:
        """A photo in the dark is refused, with its reason."""
        found = self.send_photo("ktp", self.ktp("dark"))
        expect(found["state"] == "refused", f"a dark photo is {found['state']}")
        expect("too_dark" in found["reasons"], f"it is refused for {found['reasons']}")
        return f"refused for {', '.join(found['reasons'])}"

    def post_too_much(self) -> str:
        """The bucket takes no more than the form allows."""
        about = {"kind": "ktp", "size": 1000, "content_type": "image/jpeg"}
        form = self.ask("POST", "upload/photos", about, expected=201)
        fields = {**form["fields"], "file": ("foto.jpg", b"\xff\xd8" * 2_000_000, "image/jpeg")}
        posted = urllib3.request("POST", form["url"], fields=fields, timeout=SECONDS)
        expect(400 <= posted.status < 500, f"the bucket took 4 MB: {posted.status}")
        return f"4 MB where 1 kB was announced: {posted.status}"

    def good_photos(self) -> str:
        """Card and selfie are accepted."""
        for kind, data in (
            ("ktp", self.ktp()),
            ("selfie", render_selfie(CLEAR, "good", self.card)),
        ):
            found = self.send_photo(kind, data)
            expect(found["state"] == "accepted", f"{kind}: {found['state']} {found['reasons']}")
        return "card and selfie accepted by the deployed worker"

    def pass_test(self) -> str:
        """All questions, answered from the bank's key."""
        bank = json.loads(BANK.read_text(encoding="utf-8"))
        questions = bank if isinstance(bank, list) else bank["questions"]
        key = {q["text"]["id"]: q["options"][q["answer"]]["id"] for q in questions}
        test = self.ask("POST", "verify/test", {}, expected=201)
        about = {"attempt": test["attempt"]}
        for question in test["questions"]:
            options = [option["id"] for option in question["options"]]
            choice = {**about, "choice": options.index(key[question["text"]["id"]])}
            self.ask("PUT", f"verify/test/answers/{question['n']}", choice, expected=204)
        result = self.ask("POST", "verify/test/submit", about)
        expect(result["passed"], f"not passed: {result}")
        missing = self.ask("GET", "verify/me")["missing"]
        expect(not missing, f"still missing: {missing}")
        return f"{result['score']} of {result['of']}; nothing is missing any more"

    def join(self, wave: int) -> dict[str, Any]:
        """The receipt of a place in a wave, as the site does it: again while it is busy."""
        path = f"/api/select/waves/{wave}/entry"

        def joined() -> dict[str, Any] | None:
            got = self.front.ask("POST", path, {"consent": True}, self.cookies, self.address)
            if got.status == 503:
                return None
            if got.status != 201:
                raise Wrong(f"POST {path}: {got.status} {got.data[:300]!r}")
            return dict(got.json["receipt"])

        return wait_for(joined, "a place in the wave")


def today() -> date:
    """In UTC."""
    return datetime.now(UTC).date()
