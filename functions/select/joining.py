"""What a join reads of an applicant, and the one transaction that it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from functions.cloud.outbox import Letter, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    Condition,
    Item,
    Put,
    Update,
    all_of,
    at_most,
    equals,
    exists,
    greater,
    missing,
)
from functions.programme.draw.commitment import (
    ENTRY_SIZE,
    SALT_SIZE,
    VERSION,
    make_commitment,
    make_receipt,
)
from functions.programme.draw.keys import ED25519, Signer
from functions.programme.eligibility import exclusions
from functions.programme.limits import JOIN_BY_ACCOUNT, JOIN_BY_ADDRESS
from functions.programme.readiness import READINESS, said
from functions.programme.tally import weight
from functions.programme.times import SECOND, age_on, iso, wib_date
from functions.select.waves import OpenedWave
from functions.web.counting import failures_if_counted

# Positions in the transaction, by which a refusal is told.
GATE, READY, ENTRY = 0, 1, 2


@dataclass(frozen=True)
class Person:
    """The opened fields of an account that an entry is made of. Never logged."""

    nik: str
    kk: str
    nik_mac: str
    kk_mac: str
    birth_date: date
    province: str
    in_education: bool
    official: bool
    sex: str
    language: str

    def __repr__(self) -> str:
        return "Person(…)"


@contextmanager
def slowed(runtime: Runtime, applicant: str, address: str) -> Iterator[None]:
    """Slow down a script that tries to join again and again. Raises TooMany.

    If the counters are down nobody loses their place for it.
    """
    with (
        failures_if_counted(runtime, JOIN_BY_ADDRESS, address),
        failures_if_counted(runtime, JOIN_BY_ACCOUNT, applicant),
    ):
        yield


def open_person(runtime: Runtime, readiness: Item) -> Person:
    """The person behind a complete account. Raises KeyError when it is not complete."""
    applicant = readiness["applicant"]
    account = runtime.tables.get("accounts", {"applicant": applicant}) or {}

    def opened(name: str) -> str:
        return runtime.vault.open("accounts", applicant, name, account[name])

    def statement(step: str) -> Any:
        name = said(step)
        if name not in readiness:  # the code before kept it in the account
            return json.loads(opened(step))
        return json.loads(runtime.vault.open("readiness", applicant, name, readiness[name]))

    declaration = statement("declaration")
    return Person(
        nik=opened("nik"),
        kk=opened("kk"),
        nik_mac=account["nik_mac"],
        kk_mac=account["kk_mac"],
        birth_date=date.fromisoformat(opened("birth_date")),
        province=statement("profile")["address"]["province"],
        in_education=declaration["in_education"],
        official=declaration["official"],
        sex=opened("sex") if "sex" in account else "",
        language=account.get("language", ""),
    )


def new_entry(
    runtime: Runtime, applicant: str, person: Person, wave: OpenedWave, gate: str, request: str
) -> Item:
    """The item of a new entry: random id and salt, commitment, signed receipt, exclusions."""
    entry, salt = runtime.random(ENTRY_SIZE), runtime.random(SALT_SIZE)
    joined_at = runtime.clock()
    commitment = make_commitment(salt, wave.wave, entry, person.nik, person.kk)
    signer = Signer(f"{runtime.config.domain}/receipts", ED25519, runtime.vault.seed("receipts"))
    receipt = make_receipt(
        signer, wave.params.digest, wave.wave, entry, salt, commitment, joined_at // SECOND
    )
    return {
        "gate": gate,
        "applicant": applicant,
        "request": request,
        "commitment": commitment,
        "entry": entry.hex(),
        "salt": runtime.vault.seal("entries", f"{gate}|{applicant}", "salt", salt.hex()),
        "traits": runtime.vault.seal(
            "entries", f"{gate}|{applicant}", "traits", _traits(person, wave)
        ),
        "receipt_signature": receipt["signature"],
        "joined_at": joined_at,
        "nik_mac": person.nik_mac,
        "kk_mac": person.kk_mac,
        "pool": wave.pool_of(person.province),
        "exclusions": exclusions(
            birth_date=person.birth_date,
            closes_on=wib_date(wave.closes_at),
            in_education=person.in_education,
            official=person.official,
            province=person.province,
            provinces=wave.provinces,
        ),
    }


def _traits(person: Person, wave: OpenedWave) -> str:
    """What the bias report compares ranks with, as it was when the entry was made (JSON)."""
    age = age_on(person.birth_date, wib_date(wave.closes_at))
    return json.dumps({"age": age, "sex": person.sex, "region": person.province})


def transaction(
    runtime: Runtime, wave: OpenedWave, readiness: Item, entry: Item, language: str
) -> tuple[list[Action], str]:
    """The actions of a join in the order of GATE, READY, ENTRY; and the id of its letter."""
    now = entry["joined_at"]
    again = str(wave.wave) in readiness.get("withdrawn", {})
    letter = Letter(
        # Who joins anew after withdrawing is told anew.
        message=letter_id(
            f"joined-{entry['entry']}" if again else "joined", wave.wave, entry["applicant"]
        ),
        channel="mail",
        template="joined",
        applicant=entry["applicant"],
        language=language,
        parameters={"wave": wave.wave},
    )
    gate = Update(
        "gates",
        {"gate": entry["gate"]},
        add={"entries": 1, "weights": weight(entry["commitment"])},
        when=all_of(equals("open", True), at_most("opens_at", now), greater("closes_at", now)),
    )
    ready = _note_in_readiness(wave, readiness)
    put = Put("entries", entry, when=missing("entry"))
    return [gate, ready, put, row(runtime.vault, letter, now)], letter.message


def _note_in_readiness(wave: OpenedWave, readiness: Item) -> Update:
    """Count the wave among the applicant's own, if nothing changed since they were read.

    Verify notes in `identity`, `profile` and `declaration` when they were last completed: so
    an account that was read in between belongs to the same readiness.
    """
    same = [equals(name, readiness[name]) for name in ("identity", "profile", "declaration")]
    shard = readiness["shard"]
    conditions: list[Condition] = [
        *map(exists, READINESS),
        *same,
        equals("shard", shard),
        missing("recipient_of"),
        missing("held"),
    ]
    if "entries" in readiness:
        path, value = f"entries.{wave.wave}", shard
        conditions.append(exists("entries"))
    else:
        path, value = "entries", {str(wave.wave): shard}
        conditions.append(missing("entries"))
    return Update(
        "readiness",
        {"applicant": readiness["applicant"]},
        set={path: value},
        add={"open_waves": {wave.wave}},
        when=all_of(*conditions),
    )


def letter_id(kind: str, wave: int, applicant: str) -> str:
    """The outbox id of something that is told once to one applicant of one wave."""
    return hashlib.sha256(f"{kind}|{wave}|{applicant}".encode()).hexdigest()[:32]


def receipt_answer(runtime: Runtime, wave: int, entry: Item) -> dict[str, Any]:
    """The receipt again, from what is stored; the same bytes as the first time."""
    place = f"{entry['gate']}|{entry['applicant']}"
    return {
        "version": VERSION,
        "wave": wave,
        "entry": entry["entry"],
        "salt": runtime.vault.open("entries", place, "salt", entry["salt"]),
        "commitment": entry["commitment"].hex(),
        "joined_at": iso(entry["joined_at"]),
        "signature": entry["receipt_signature"],
    }
