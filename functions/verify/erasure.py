"""Erasure: carrying out the deletion of an account, step by step, each safe to repeat.

What goes: sessions, photos with every version of every object, what opens the entries (salt,
traits, receipt) and finds them (macs), objections, test, challenges, and last, in one transaction,
the account with its claims. What stays: the entries' commitments, which are in published rosters;
the macs in the ledgers, since help is received once in a lifetime (and those of an entry that was
selected, by which its place can be taken back); a dated record of the deletion under a random id.
"""

from __future__ import annotations

import logging

from functions.cloud import chain
from functions.cloud.chain import Act
from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    Condition,
    ConditionFailed,
    Delete,
    Item,
    Update,
    any_of,
    equals,
    exists,
    missing,
)
from functions.programme.draw.allocation import Outcome
from functions.programme.times import HOUR
from functions.programme.waves import gate_name, wave_shard
from functions.verify import accounts, identity, sessions
from functions.verify.leaving import WAITS

BUCKETS = ("incoming", "photos")
WHO = "verify-worker"
# How many requests a tick takes up; and when one that must wait for its wave is looked at again.
PER_TICK = 20
LATER = HOUR

OPENS_ENTRY = ("salt", "traits", "receipt_signature")
FINDS_ENTRY = ("nik_mac", "kk_mac")

log = logging.getLogger("gelombang.erasure")


def run_due(runtime: Runtime) -> int:
    """Carry out the requests that are due; how many were. One that fails does not stop others."""
    done = 0
    now = runtime.clock()
    for case in runtime.tables.query_index("cases", "due", WAITS, up_to=now, limit=PER_TICK):
        try:
            done += erase(runtime, case)
        except Exception as error:  # noqa: BLE001 - the next tick goes on with it
            log.error("%s is not carried out: %s", case["case"], type(error).__name__)
            _postpone(runtime, case)
    return done


def erase(runtime: Runtime, case: Item) -> bool:
    """Carry out one request; False when it waits for a wave."""
    applicant = case["applicant"]
    readiness = accounts.readiness(runtime, applicant)
    if readiness.get("open_waves"):
        _postpone(runtime, case)
        return False
    sessions.end_all(runtime, applicant)
    photos = erase_photos(runtime, applicant)
    entries = _seal_entries(runtime, applicant, readiness)
    for objection in list(runtime.tables.query("objections", applicant)):
        key = {"applicant": applicant, "wave": objection["wave"]}
        runtime.tables.write(Delete("objections", key))
    runtime.tables.write(Delete("tests", {"applicant": applicant}))
    for purpose in ("phone", "change"):
        runtime.tables.write(Delete("challenges", {"challenge": f"{purpose}#{applicant}"}))
    _end(runtime, case, readiness, (f"photos:{photos}", f"entries:{entries}"))
    return True


def erase_photos(runtime: Runtime, applicant: str, photo: str | None = None) -> int:
    """Remove an applicant's photos, or one of them, with every version of every object.

    The item stays until its objects are gone, so that whoever comes after a worker that died finds
    it. A check that is under way finds no item then, and throws its copy away; what it or the
    phone wrote meanwhile goes with the second look.
    """
    removed = _erase_objects(runtime, applicant, photo)
    for item in list(runtime.tables.query("photos", applicant)):
        if photo in (None, item["photo"]):
            key = {"applicant": applicant, "photo": item["photo"]}
            runtime.tables.write(Delete("photos", key))
    return removed + _erase_objects(runtime, applicant, photo)


def _erase_objects(runtime: Runtime, applicant: str, photo: str | None) -> int:
    found = [
        (bucket, name, version)
        for bucket in BUCKETS
        for name, version in runtime.files.versions(bucket, f"{applicant}/{photo or ''}")
    ]
    for place in found:
        runtime.files.delete(*place)
    return len(found)


def _seal_entries(runtime: Runtime, applicant: str, readiness: Item) -> int:
    """Take out of each entry what opens its commitment; what is published stays as it is."""
    for wave, shard in readiness.get("entries", {}).items():
        item = runtime.tables.get("waves", {"wave": int(wave)})
        if item is None:
            continue
        gate = gate_name(int(wave), wave_shard(shard, item["shards"]))
        key = {"gate": gate, "applicant": applicant}
        try:
            runtime.tables.write(
                Update("entries", key, remove=OPENS_ENTRY, when=exists("entry")),
            )
            # Of who was selected the macs serve the notes after the draw (ops/changes_applied.py).
            runtime.tables.write(
                Update("entries", key, remove=FINDS_ENTRY, when=_not_selected()),
            )
        except ConditionFailed:
            continue
    return len(readiness.get("entries", {}))


def _not_selected() -> Condition:
    others = [int(outcome) for outcome in Outcome if outcome is not Outcome.SELECTED]
    return any_of(missing("outcome"), *(equals("outcome", outcome) for outcome in others))


def _end(runtime: Runtime, case: Item, readiness: Item, counts: tuple[str, ...]) -> None:
    """The account, its claims and the request itself, in one transaction with its record."""
    applicant, now = case["applicant"], runtime.clock()
    account = runtime.tables.get("accounts", {"applicant": applicant})
    who = {"applicant": applicant}
    actions: list[Action] = [
        Update(
            "cases",
            {"case": case["case"]},
            set={"done_at": now},
            remove=("waits", "due_at"),
            when=missing("done_at"),
        ),
        Delete("readiness", who),
    ]
    letters = []
    if account is not None:
        letters.append(_letter(runtime, account))
        actions += [Delete("accounts", who), *_claims(runtime, account)]
        actions += [row(runtime.vault, letter, now) for letter in letters]
    act = Act(WHO, "account_deleted", case["case"], counts)
    try:
        chain.append(runtime.tables, chain.JOBS, now, act, *actions)
    except ConditionFailed as error:
        if 0 not in error.failed:
            raise
    hurry(runtime.queues, *(letter.message for letter in letters))


def _claims(runtime: Runtime, account: Item) -> list[Action]:
    applicant = account["applicant"]
    mine = any_of(missing("claim"), equals("applicant", applicant))
    claims: list[Action] = [Delete("claims", {"claim": f"email#{account['email_mac']}"}, when=mine)]
    nik_mac = account.get("nik_mac")
    if nik_mac is not None and identity.holder_of(runtime, nik_mac) == applicant:
        claims.append(Delete("claims", {"claim": f"nik#{nik_mac}"}, when=mine))
    phone = accounts.opened(runtime, account, "phone")
    if phone is not None:
        claims.append(_leave_number(runtime, runtime.vault.mac("phone", phone), applicant))
    return claims


def _leave_number(runtime: Runtime, phone_mac: str, applicant: str) -> Action:
    """The number's claim goes with the last account that shares it."""
    key = {"claim": f"phone#{phone_mac}"}
    alone = (runtime.tables.get("claims", key) or {}).get("applicants") == {applicant}
    if alone:
        return Delete("claims", key, when=equals("applicants", {applicant}))
    return Update("claims", key, discard={"applicants": {applicant}})


def _letter(runtime: Runtime, account: Item) -> Letter:
    return Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template="account_deleted",
        to=accounts.opened(runtime, account, "email") or "",
        language=account["language"],
    )


def _postpone(runtime: Runtime, case: Item) -> None:
    later = Update(
        "cases",
        {"case": case["case"]},
        set={"due_at": runtime.clock() + LATER},
        when=equals("due_at", case["due_at"]),
    )
    try:
        runtime.tables.write(later)
    except ConditionFailed:
        return
