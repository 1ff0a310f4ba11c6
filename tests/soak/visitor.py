"""One person at a phone, over HTTP: each step of the journey, and what they were told of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.programme.ability_test import QUESTIONS
from local.applicants import DECLARATION, Person
from tests.faults.promises import Told
from tests.soak.client import Answer, Client
from tests.soak.ledger import ACCOUNT, GONE, THERE, Ledger

PASSWORD = "kuda baterai staples 9"
MAIL_CODE, SMS_CODE = re.compile(r"\b\d{6}\b"), re.compile(r"#(\d{6})")
PROFILE: dict[str, Any] = {
    "current_address": None,
    "education": "sma",
    "marital": "single",
    "employment": "unemployed",
    "topic": "digital",
}


@dataclass
class Town:
    """What all visitors share. `told`: for each wave who was acknowledged."""

    client: Client
    ledger: Ledger = field(default_factory=Ledger)
    told: dict[int, Told] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of_wave(self, wave: int) -> Told:
        """What was told of a wave."""
        with self.lock:
            return self.told.setdefault(wave, Told(wave))


class Visitor:
    """A person and the browser they use."""

    def __init__(self, town: Town, person: Person, applicant: str = ""):
        self.town, self.person, self.applicant = town, person, applicant
        self.cookies: dict[str, str] = {}
        self.step = 0
        self.proved = bool(applicant)
        self.gone = False

    @property
    def email(self) -> str:
        """By it they are known in the ledger."""
        return self.person.email

    # --- asking

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """With the session; who has none any more logs in and asks again."""
        answer = self._ask(method, path, body)
        if answer.status == 401 and self.log_in():
            answer = self._ask(method, path, body)
        return answer

    def _ask(self, method: str, path: str, body: Any) -> Answer:
        answer = self.town.client.ask(method, path, body, self.cookies)
        self.cookies |= answer.cookies
        return answer

    def _keep(self, answer: Answer, what: str, value: Any) -> bool:
        """Note a write by its answer; whether it was acknowledged."""
        if 200 <= answer.status < 300:
            self.town.ledger.acknowledged(self.email, what, value)
            return True
        if answer.unsure:
            self.town.ledger.unanswered(self.email, what, value)
        return False

    def _code(self, to: str, pattern: re.Pattern[str]) -> str | None:
        """The newest code sent to an address or number, if any came."""
        for message in reversed(self.town.client.messages(to)):
            if found := pattern.search(message["text"]):
                return found[found.lastindex or 0]
        return None

    # --- account

    def register(self) -> bool:
        """Fill in the form."""
        form = {"name": self.person.name, "email": self.email, "language": "id"}
        answer = self._ask("POST", "verify/accounts", {**form, "password": PASSWORD})
        return answer.status == 202

    def confirm(self) -> bool:
        """By the code of the mail, once it is there; what counts is that one can log in."""
        code = self._code(self.email, MAIL_CODE)
        if code is None:
            return False
        self._ask("POST", "verify/email/confirm", {"email": self.email, "code": code})
        return self.log_in()

    def log_in(self) -> bool:
        """A session, which a moved clock may end at any time."""
        self.cookies.pop("session", None)
        answer = self._ask("POST", "verify/sessions", {"email": self.email, "password": PASSWORD})
        if answer.status != 201:
            return False
        self.applicant = answer.body["applicant"]
        self.town.ledger.acknowledged(self.email, ACCOUNT, THERE)
        return True

    def ask_for_phone_code(self) -> bool:
        """Name the number."""
        return self.ask("POST", "verify/phone", {"phone": self.person.phone}).status == 202

    def prove_phone(self) -> bool:
        """By the code of the SMS."""
        code = self._code(self.person.phone, SMS_CODE)
        if code is None:
            return False
        answer = self.ask("POST", "verify/phone/confirm", {"code": code})
        self.proved = self._keep(answer, "phone", self.person.phone) or answer.unsure
        return self.proved

    # --- data

    def give_identity(self) -> bool:
        """As on the card."""
        person = self.person
        said = {"nik": person.nik, "kk": person.kk, "birth_date": person.birth_date.isoformat()}
        answer = self.ask("PUT", "verify/identity", {**said, "sex": person.sex})
        for name, value in said.items():
            self._keep(answer, name, value)
        return answer.status == 200

    def give_profile(self, dependants: int) -> bool:
        """The address and the rest; may be given again with another number of dependants."""
        district = self.person.district
        place = {"province": district[:2], "regency": district[:4], "district": district}
        address = {**place, "village": "Contoh", "street": "Jalan Contoh 9"}
        said = {**PROFILE, "address": address, "dependants": dependants}
        return self._keep(self.ask("PUT", "verify/profile", said), "profile", said)

    def declare(self) -> bool:
        """Sign."""
        said = {**DECLARATION, "truthful": True, "consent": True}
        return self._keep(self.ask("PUT", "verify/declaration", said), "declaration", DECLARATION)

    def take_test(self, choices: list[int]) -> bool:
        """Answer as many questions as there are choices; all of them: hand it in."""
        begun = self.ask("POST", "verify/test")
        if begun.status != 201:
            return begun.status == 409
        attempt = begun.body["attempt"]
        self.town.ledger.forget(self.email, "answer ")
        for number, choice in enumerate(choices, 1):
            said = {"attempt": attempt, "choice": choice}
            answer = self.ask("PUT", f"verify/test/answers/{number}", said)
            self._keep(answer, f"answer {number}", choice)
        if len(choices) < QUESTIONS:
            return True
        done = self.ask("POST", "verify/test/submit", {"attempt": attempt})
        return self._keep(done, "score", (done.body or {}).get("score"))

    def send_photo(self, kind: str, data: bytes) -> bool:
        """A permit, and the bytes by it."""
        about = {"kind": kind, "size": len(data), "content_type": "image/jpeg"}
        permit = self.ask("POST", "upload/photos", about)
        if permit.status != 201:
            return False
        if not self.town.client.post_file(permit.body["url"], permit.body["fields"], data):
            return False
        self.town.ledger.acknowledged(self.email, f"photo {permit.body['photo']}", "judged")
        return True

    # --- waves

    def join(self, wave: int) -> bool:
        """Ask for a place in the draw."""
        told = self.town.of_wave(wave)
        answer = self.ask("POST", f"select/waves/{wave}/entry", {"consent": True})
        if answer.status == 201:
            commitment = answer.body["receipt"]["commitment"]
            told.acknowledged[self.applicant] = commitment
            self.town.ledger.forget(self.email, f"withdrawn {wave}")
            return self._keep(answer, f"entry {wave}", commitment)
        if answer.unsure:
            told.possible.add(self.applicant)
        return False

    def withdraw(self, wave: int) -> bool:
        """Take it back."""
        told = self.town.of_wave(wave)
        answer = self.ask("DELETE", f"select/waves/{wave}/entry")
        if answer.status != 200 and not answer.unsure:
            return False
        self.town.ledger.forget(self.email, f"entry {wave}")
        told.acknowledged.pop(self.applicant, None)
        if answer.unsure:
            told.possible.add(self.applicant)
        return self._keep(answer, f"withdrawn {wave}", True)

    # --- reading and leaving

    def read(self, path: str) -> bool:
        """One page of one's own."""
        return self.ask("GET", path).status in (200, 404, 409)

    def leave(self) -> bool:
        """Ask for the account to be deleted, by password and, if the phone is proved, its code."""
        said = {"password": PASSWORD}
        if self.proved:
            self.ask("POST", "verify/phone/code", said)
            code = self._code(self.person.phone, SMS_CODE)
            if code is None:
                return False
            said = {**said, "code": code}
        answer = self.ask("DELETE", "verify/me", said)
        # Who is not sure to have left does nothing more either.
        self.gone = answer.status == 202 or answer.unsure
        if answer.status == 202:
            self.town.ledger.forget(self.email)
        return self._keep(answer, ACCOUNT, GONE)

    # --- what the system says of it at the end

    def found(self) -> Mapping[str, Any]:
        """All that this person can see of what they were told, under the ledger's words."""
        self.cookies.clear()
        said = {"email": self.email, "password": PASSWORD}
        if self._ask("POST", "verify/sessions", said).status == 401:
            return {ACCOUNT: GONE}
        exported = self._ask("GET", "verify/export", None).body
        account, test = exported["account"], exported["test"] or {}
        found: dict[str, Any] = {ACCOUNT: THERE, **account, "score": test.get("score")}
        found |= {f"answer {n}": choice for n, choice in test.get("answers", {}).items()}
        found |= {f"withdrawn {wave}": True for wave in exported["withdrawn"]}
        for wave in exported["entries"]:
            entry = self._ask("GET", f"select/entries/{wave}", None).body
            found[f"entry {wave}"] = entry["receipt"]["commitment"]
        for photo in self._ask("GET", "upload/photos", None).body["photos"]:
            state = "waiting" if photo["state"] == "waiting" else "judged"
            found[f"photo {photo['photo']}"] = state
        return found
