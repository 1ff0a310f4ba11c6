"""A stage on fakes with two people, Ani and Budi, and everything that the first of them has."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from functions.cloud.tables import Item, Put, Update
from functions.programme.times import HOUR
from functions.programme.tokens import hash_secret
from functions.select import objections
from functions.select.app import create as create_select
from functions.select.entries import entry_of, join
from functions.upload import photos
from functions.upload.app import create as create_upload
from functions.verify import challenges, identity, passwords, phone, second_proof, statements
from functions.verify.app import create as create_verify
from functions.verify.sessions import open_session
from tests.select.world import CLOSES_AT, World
from tests.verify.people import HERE, PROFILE, join_programme, last_letter, register

DECLARATION = {"in_education": False, "official": False, "employment": "unemployed"}
KEY = "0f8fad5b-d9cb-469f-a165-7086772895{:02d}"
ROOMS = {"verify": create_verify, "upload": create_upload, "select": create_select}
Tables = dict[str, dict[tuple[Any, ...], Item]]


@dataclass
class Person:
    """Someone with an account, and the ids and secrets that belong to it."""

    applicant: str
    email: str
    password: str
    session: str
    identity: dict[str, Any]
    phone: str
    key: str
    owned: dict[str, str] = field(default_factory=dict)


class Stage:
    """Wave 1 has its roster, wave 2 is open; Ani is in both, Budi is ready for both."""

    def __init__(self) -> None:
        self.world = World()
        self.runtime = self.world.runtime
        self._apps = {name: create(self.runtime) for name, create in ROOMS.items()}
        self.world.create(1)
        self.ani = self._person("ani", 1)
        self.budi = self._person("budi", 2)
        join(self.runtime, self.ani.applicant, 1, self.ani.key)
        self.world.to_close()
        self.world.tick()
        self.world.create(2, opens_at=CLOSES_AT + 1000, closes_at=CLOSES_AT + HOUR)
        for person in (self.ani, self.budi):
            self._furnish(person)
        self._join_and_object(self.ani)
        for person in (self.ani, self.budi):
            person.session = self.log_in(person)

    def move(self, **ports: Any) -> None:
        """Let the functions work on other ports."""
        self.runtime = replace(self.runtime, **ports)
        self._apps = {name: create(self.runtime) for name, create in ROOMS.items()}

    def app(self, function: str) -> Any:
        """The Flask application of a function."""
        return self._apps[function]

    @property
    def tables(self) -> Tables:
        """All items of all tables."""
        found: Tables = self.runtime.tables.items  # type: ignore[attr-defined]
        return found

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        session: str | None = None,
        registration: str | None = None,
        key: str = KEY.format(99),
        **more: Any,
    ) -> Any:
        """A request as our own page sends it; Flask's response."""
        function = path.split("/")[2]
        found = {"session": session, "registration": registration}
        cookies = "; ".join(f"__Host-{n}={v}" for n, v in found.items() if v is not None)
        origin = self.runtime.config.origin
        headers = {"Origin": origin, "Cookie": cookies, "Idempotency-Key": key}
        headers.update(more.pop("headers", {}))
        client = self._apps[function].test_client(use_cookies=False)
        if body is not None:
            more["json"] = body
        return client.open(path, method=method, headers=headers, base_url=origin, **more)

    def log_in(self, person: Person) -> str:
        """A new session of a person."""
        account = self.runtime.tables.get("accounts", {"applicant": person.applicant})
        assert account is not None
        return open_session(self.runtime, person.applicant, account["password_hash"])

    def snapshot(self) -> Tables:
        """All tables as they are now, except the counters."""
        return copy.deepcopy({name: t for name, t in self.tables.items() if name != "limits"})

    def items_of(self, person: Person, tables: Tables) -> dict[Any, Item]:
        """Every item that names a person, or that is a challenge they hold."""
        marks = (person.applicant, person.owned["registration"].partition(".")[0])
        return {
            (table, key): item
            for table, items in tables.items()
            for key, item in items.items()
            if any(mark in repr((key, item)) for mark in marks)
        }

    def _person(self, name: str, number: int) -> Person:
        runtime = self.runtime
        email, password = f"{name}@contoh.id", f"kopi susu si nomor {number}"
        applicant = join_programme(runtime, email=email, name=f"Orang {name}", password=password)
        about = {
            "nik": f"320101410695900{number}",
            "kk": f"320101020115900{number}",
            "birth_date": date(1995, 6, 1),
            "sex": "female",
        }
        identity.put(runtime, applicant, **about)
        statements.put_profile(runtime, applicant, PROFILE)
        statements.put_declaration(runtime, applicant, **DECLARATION)
        mobile = f"0812-3456-900{number}"
        phone.start(runtime, applicant, mobile, address=HERE)
        phone.confirm(runtime, applicant, _code(runtime, "phone_code"))
        done = {"test": runtime.clock(), "ktp": "f" * 32, "selfie": "e" * 32}
        runtime.tables.write(Update("readiness", {"applicant": applicant}, set=done))
        key = KEY.format(number)
        return Person(applicant, email, password, "", about, mobile, key)

    def _furnish(self, person: Person) -> None:
        """Photos, codes, links and a registration under way."""
        runtime, applicant = self.runtime, person.applicant
        form = photos.request_upload(
            runtime,
            applicant,
            kind="ktp",
            size=500_000,
            content_type="image/jpeg",
            request_key=person.key,
        )
        photo = form["photo"]
        refused = {
            "state": "refused",
            "reasons": ["blurred"],
            "decided_at": runtime.clock(),
            "copy": "v1",
        }
        place = {"applicant": applicant, "photo": photo}
        runtime.tables.write(Update("photos", place, set=refused))
        second_proof.send(runtime, applicant, person.password, address=HERE)
        change = _code(runtime, "change_code")
        passwords.forgot(runtime, person.email, address=HERE)
        reset = last_letter(runtime, "reset_password")["parameters"]["token"]
        other = f"lain.{person.email}"
        cookie = register(runtime, email=other, key=f"{person.key}-lain")
        mailed = last_letter(runtime, "confirm_email")["parameters"]
        stop = runtime.random(32).hex()
        recovery = {
            "case": f"recovery#{applicant}",
            "applicant": applicant,
            "state": "waiting",
            "stop_hash": hash_secret(stop),
        }
        runtime.tables.write(Put("cases", recovery))
        person.owned = {
            "photo": photo,
            "change": change,
            "reset": reset,
            "registration": cookie,
            "other": other,
            "code": mailed["code"],
            "link": mailed["token"],
            "stop": f"{applicant}.{stop}",
        }
        self._new_phone_code(person)

    def _new_phone_code(self, person: Person) -> None:
        """A code that a new number awaits, as if the move had been allowed just now."""
        runtime = self.runtime
        item = challenges.new(
            runtime,
            f"phone#{person.applicant}",
            "phone",
            "+6281234569009",
            applicant=person.applicant,
            allowed_at=runtime.clock(),
        )
        runtime.tables.write(Put("challenges", item))
        person.owned["phone"] = challenges.code(runtime, item)

    def _join_and_object(self, person: Person) -> None:
        runtime = self.runtime
        answer = join(runtime, person.applicant, 2, person.key)
        person.owned["receipt"] = answer["receipt"]["commitment"]
        wave, entry = entry_of(runtime, person.applicant, 1)
        objections.object_to(
            runtime, wave, entry, reason="wrong_family", text="Salah.", request_key=person.key
        )


def _code(runtime: Any, template: str) -> str:
    return str(last_letter(runtime, template)["parameters"]["code"])


def valid_body(stage: Stage, route: tuple[str, str]) -> dict[str, Any] | None:
    """A body that the route accepts from Budi; None where it takes none."""
    budi = stage.budi
    told = {**DECLARATION, "truthful": True, "consent": True}
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("POST", "/api/verify/accounts"): {
            "name": "Cici",
            "email": "cici@contoh.id",
            "password": "teh manis hangat",
            "language": "id",
        },
        ("POST", "/api/verify/email/confirm"): {"token": budi.owned["link"]},
        ("POST", "/api/verify/email/resend"): {},
        ("PUT", "/api/verify/email"): {"email": "b@contoh.id", "password": budi.password},
        ("POST", "/api/verify/sessions"): {"email": budi.email, "password": budi.password},
        ("POST", "/api/verify/password/forgot"): {"email": budi.email},
        ("POST", "/api/verify/password/reset"): {
            "token": budi.owned["reset"],
            "password": "teh manis hangat",
        },
        ("PUT", "/api/verify/password"): {
            "current": budi.password,
            "password": "teh manis hangat",
            "code": budi.owned["change"],
        },
        ("PUT", "/api/verify/identity"): {**budi.identity, "birth_date": "1995-06-01"},
        ("PUT", "/api/verify/profile"): dict(PROFILE),
        ("POST", "/api/verify/phone"): {"phone": budi.phone},
        ("POST", "/api/verify/phone/code"): {"password": budi.password},
        ("POST", "/api/verify/phone/confirm"): {"code": budi.owned["phone"]},
        ("PUT", "/api/verify/declaration"): told,
        ("POST", "/api/verify/test"): {},
        ("PUT", "/api/verify/test/answers/<int:number>"): {"attempt": 1, "choice": 0},
        ("POST", "/api/verify/test/submit"): {"attempt": 1},
        ("POST", "/api/verify/not-me"): {},
        ("POST", "/api/verify/recovery/stop"): {"token": budi.owned["stop"]},
        ("DELETE", "/api/verify/me"): {"password": budi.password, "code": budi.owned["change"]},
        ("POST", "/api/upload/photos"): {
            "kind": "selfie",
            "size": 400_000,
            "content_type": "image/jpeg",
        },
        ("POST", "/api/select/waves/<int:wave>/entry"): {"consent": True},
        ("POST", "/api/select/entries/<int:wave>/objection"): {"reason": "other", "text": "Salah."},
    }
    return bodies.get(route)
