"""Invented applicants who are ready to join, and join through the real use case."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Put
from functions.programme import identity
from functions.programme.times import wib_date
from functions.select import entries
from functions.verify import statements

MOST_AT_ONCE = 500
# Families of 1 to 4; a KK with more than the limit of members in a wave shows the family limit.
FAMILY_SIZES = (1, 1, 1, 2, 2, 3, 4)
YOUNGEST, OLDEST = 18, 63
GIVEN = ("Contoh Adi", "Contoh Bunga", "Contoh Citra", "Contoh Dodi", "Contoh Eka", "Contoh Fitri")
LAST = ("Anggrek", "Bakau", "Cemara", "Damar", "Enau", "Flamboyan", "Gaharu", "Jati")
# Districts (identity and address) in which they live.
DISTRICTS = ("317101", "327306", "351508", "127109", "737105")


@dataclass(frozen=True)
class Person:
    """One invented person. NIK and KK have serials 9xxx, which no office gives out."""

    name: str
    nik: str
    kk: str
    birth_date: date
    sex: str
    district: str

    @property
    def email(self) -> str:
        """An address of their own, in a domain that cannot exist (RFC 2606)."""
        return f"warga-{self.nik[-10:]}@contoh.example"

    @property
    def phone(self) -> str:
        """An invented mobile number that follows from the NIK."""
        return f"+62811{int(self.nik) % 10**7:07d}"


def add(runtime: Runtime, wave: int, count: int) -> int:
    """Make `count` ready applicants and let each join the wave; returns how many have joined.

    Raises what the join raises, such as Conflict `wave_closed`.
    """
    joined = 0
    for person in invented_people(count, wib_date(runtime.clock())):
        applicant = register(runtime, person)
        entries.join(runtime, applicant, wave, secrets.token_hex(16))
        joined += 1
    return joined


def invented_people(count: int, today: date) -> Iterator[Person]:
    """People of invented families, as many as asked for."""
    made = 0
    while made < count:
        district = secrets.choice(DISTRICTS)
        kk = _number(district, date(2010 + secrets.randbelow(12), 1, 1), "male")
        for _ in range(min(secrets.choice(FAMILY_SIZES), count - made)):
            age = YOUNGEST + secrets.randbelow(OLDEST - YOUNGEST)
            born = date(today.year - age - 1, 1 + secrets.randbelow(12), 1 + secrets.randbelow(28))
            sex = secrets.choice(identity.SEXES)
            name = f"{secrets.choice(GIVEN)} {secrets.choice(LAST)}"
            yield Person(name, _number(district, born, sex), kk, born, sex, district)
            made += 1


def register(runtime: Runtime, person: Person) -> str:
    """Write the items of an applicant who has done every step (docs/data.md); returns their id."""
    applicant = runtime.random(16).hex()
    now, vault = runtime.clock(), runtime.vault
    fields = {
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "nik": person.nik,
        "kk": person.kk,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
    }
    macs = {
        "email_mac": vault.mac("email", person.email),
        "nik_mac": vault.mac("nik", person.nik),
        "kk_mac": vault.mac("kk", person.kk),
    }
    account = {
        "applicant": applicant,
        "language": "id",
        "created_at": now,
        "revision": 1,
        # No password has this hash: nobody logs in as an invented person.
        "password_hash": "!",
        **{name: vault.seal("accounts", applicant, name, text) for name, text in fields.items()},
        **macs,
    }
    done = ("email", "phone", "identity", "test")
    readiness = {
        "applicant": applicant,
        **dict.fromkeys(done, now),
        **statements.kept(runtime, applicant, "profile", _profile(person.district), now),
        **statements.kept(runtime, applicant, "declaration", DECLARATION, now),
        "ktp": runtime.random(16).hex(),
        "selfie": runtime.random(16).hex(),
        "shard": identity.shard(vault.mac("shard", person.kk)),
        "nik_photo_mac": vault.mac("photo", person.nik),
    }
    runtime.tables.write(
        Put("accounts", account),
        Put("readiness", readiness),
        Put("claims", {"claim": f"email#{macs['email_mac']}", "applicant": applicant}),
        Put("claims", {"claim": f"nik#{macs['nik_mac']}", "applicant": applicant}),
    )
    return applicant


DECLARATION = {"in_education": False, "official": False, "employment": "unemployed"}


def _profile(district: str) -> dict[str, Any]:
    return {
        "address": {
            "province": district[:2],
            "regency": district[:4],
            "district": district,
            "village": "Contoh",
            "street": "Jalan Contoh 9",
        },
        "current_address": None,
        "education": "sma",
        "marital": "single",
        "dependants": 0,
        "employment": "unemployed",
        "topic": "digital",
    }


def _number(district: str, day: date, sex: str) -> str:
    """An invented NIK, or a KK number, whose date is the one it was made on."""
    return f"{district}{identity.birth_digits(day, sex)}9{secrets.randbelow(1000):03d}"
