"""Invented applicants, and what their mailboxes and phones receive."""

import json
from datetime import date

from functions.programme.times import MINUTE
from functions.verify import confirmation, identity, registration, sessions
from functions.verify.hashing import Cost

# Argon2 at its least, so that a test costs a millisecond; production's cost has its own test.
CHEAP = Cost(memory=8, passes=1, lanes=1)
PASSWORD = "kopi susu di teras"
EMAIL = "sari.dewi@contoh.id"
NAME = "Sari Dewi"
HERE = "203.0.113.7"

SARI = {
    "nik": "3201014106959001",
    "kk": "3201010201159002",
    "birth_date": date(1995, 6, 1),
    "sex": "female",
}
PROFILE = {
    "address": {
        "province": "32",
        "regency": "3201",
        "district": "320101",
        "village": "Karadenan",
        "street": "Jalan Contoh 9",
    },
    "current_address": None,
    "education": "sma",
    "marital": "single",
    "dependants": 0,
    "employment": "unemployed",
    "topic": "digital",
}


def form(email=EMAIL, name=NAME, password=PASSWORD, language="id"):
    return registration.Form(name=name, email=email, password=password, language=language)


def register(runtime, email=EMAIL, key="0123456789abcdef", **changes):
    """Register; returns the cookie."""
    asked = form(email=email, **changes)
    return registration.register(runtime, asked, key=key, address=HERE, cost=CHEAP)


def letters(runtime, template=None):
    """The outbox, oldest first, opened: rows with `to` and `parameters` in clear."""
    rows = []
    for row in runtime.tables.scan("outbox"):
        opened = dict(row)
        for name in ("to", "parameters"):
            if name in row:
                opened[name] = runtime.vault.open("outbox", row["message"], name, row[name])
        opened["parameters"] = json.loads(opened.get("parameters", "{}"))
        if template in (None, row["template"]):
            rows.append(opened)
    return rows


def last_letter(runtime, template=None):
    return letters(runtime, template)[-1]


def applicant_of(runtime, email=EMAIL):
    """The applicant whose confirmed address this is, or None."""
    key = {"claim": f"email#{runtime.vault.mac('email', email)}"}
    claim = runtime.tables.get("claims", key)
    return claim and claim["applicant"]


def join_programme(runtime, email=EMAIL, **changes):
    """Register and confirm; returns the applicant."""
    key = runtime.random(16).hex()
    register(runtime, email=email, key=key, **changes)
    token = last_letter(runtime, "confirm_email")["parameters"]["token"]
    confirmation.by_link(runtime, token, address=HERE)
    return applicant_of(runtime, email)


def login(runtime, email=EMAIL, password=PASSWORD, address=HERE):
    """Log in; returns the token."""
    return sessions.login(runtime, email, password, address=address, cost=CHEAP)[1]


def prove_identity(runtime, applicant, **changes):
    warnings, _ = identity.put(runtime, applicant, **{**SARI, **changes})
    return warnings


def ready(runtime, applicant):
    return runtime.tables.get("readiness", {"applicant": applicant})


def wait(runtime, minutes):
    runtime.clock.advance(minutes * MINUTE)
