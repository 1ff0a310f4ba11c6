"""Two accounts, one NIK: an officer looks at both and proposes, another confirms.

An officer sees the pictures of both sides and since when each has been there, no name or number.
What is decided happens in one transaction with its record: the NIK has one holder, and the other
account loses the identity it had typed. An entry that the losing account has in a wave is taken
back while that wave is open; afterwards only an end of the wave, or a removal, cures it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from functions.cloud.files import FileMissing
from functions.cloud.outbox import Letter, hurry, row
from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    ConditionFailed,
    Item,
    Update,
    all_of,
    equals,
    exists,
)
from functions.programme.holds import CONTESTED, DISPUTED
from functions.programme.times import MINUTE
from functions.select.withdrawing import withdraw
from functions.web.errors import Conflict, NotFound
from ops import audit
from ops.audit import Act
from ops.claims import Claims
from ops.errors import Refused

FRONT = 200
CLAIM_LIFE = 15 * MINUTE
SIDES = ("holder", "claimant")
# What the identity of an account is made of; it goes from who turns out not to be that person.
IDENTITY = ("nik", "kk", "birth_date", "sex", "nik_mac", "kk_mac")
READY = ("identity", "ktp", "selfie", "shard", "nik_photo_mac", "ktp_nik_mac")

CLAIMS = Claims(
    "cases", lambda item: {"case": item["case"]}, state="waiting", holder="officer", life=CLAIM_LIFE
)


@dataclass(frozen=True)
class Side:
    """One of the two accounts: since when, in which waves, and its pictures as files."""

    since: int
    waves: list[int]
    pictures: dict[str, Path]


def waiting(runtime: Runtime) -> list[Item]:
    """Disputes that are not closed, the longest waiting first."""
    now = runtime.clock()
    return runtime.tables.query_index("cases", "due", "dispute", up_to=now, limit=FRONT)


def take_next(runtime: Runtime, operator: str, folder: Path) -> tuple[Item, dict[str, Side]] | None:
    """Claim the dispute that has waited longest and fetch its pictures; None when none is free.

    The view is recorded before anything is fetched.
    """
    front = [item for item in waiting(runtime) if item["state"] == "waiting"]
    for item in CLAIMS.in_turn(front, operator, runtime.clock()):
        act = Act(operator, "view_dispute", item["case"], ("nik_disputed",))
        if claimed := CLAIMS.claim(runtime, act, item):
            return claimed, {side: _side(runtime, claimed, side, folder) for side in SIDES}
    return None


def propose(runtime: Runtime, operator: str, case: str, side: str) -> None:
    """Say whose NIK it is, of the dispute that this officer holds. Raises Refused."""
    now = runtime.clock()
    change = Update(
        "cases",
        {"case": case},
        set={"state": "proposed", "side": side, "proposed_by": operator, "proposed_at": now},
        remove=CLAIMS.fields,
        when=CLAIMS.mine(operator, now),
    )
    try:
        audit.write(runtime, Act(operator, "dispute_propose", case, (side,)), change)
    except ConditionFailed as failure:
        raise Refused("claim it first with `disputes next`") from failure


def confirm(runtime: Runtime, operator: str, case: str, side: str) -> list[int]:
    """Carry out what another operator has proposed; another `side` sends it back to the queue.

    Gives the waves in which the losing account keeps an entry. Raises Refused.
    """
    item = runtime.tables.get("cases", {"case": case}) or {}
    if item.get("state") != "proposed":
        raise Refused(f"nothing is proposed for {case}")
    if item["proposed_by"].casefold() == operator.casefold():
        raise Refused(f"{operator} has proposed it: another operator must confirm")
    if item["side"] != side:
        _send_back(runtime, operator, item)
        raise Refused(f"{item['side']} was proposed: the dispute is back in the queue")
    winner = item[side]
    loser = item[SIDES[1 - SIDES.index(side)]]
    left = _take_back(runtime, loser)
    letters = [_letter(runtime, winner, "dispute_won"), _letter(runtime, loser, "dispute_lost")]
    now = runtime.clock()
    actions: list[Action] = [
        Update(
            "cases",
            {"case": case},
            set={"state": "closed", "closed_at": now, "confirmed_by": operator},
            remove=("waits", "due_at"),
            when=all_of(equals("state", "proposed"), equals("side", side)),
        ),
        Update("claims", {"claim": f"nik#{item['nik_mac']}"}, set={"applicant": winner}),
        *_people(runtime, winner, loser, item["nik_mac"]),
        *(row(runtime.vault, letter, now) for letter in letters),
    ]
    act = Act(operator, "dispute_confirm", case, (item["proposed_by"], side))
    try:
        audit.write(runtime, act, *actions)
    except ConditionFailed as failure:
        raise Refused("it has changed meanwhile: repeat the command") from failure
    hurry(runtime.queues, *(letter.message for letter in letters))
    return left


def _people(runtime: Runtime, winner: str, loser: str, nik_mac: str) -> list[Action]:
    """Neither is held back any more; the loser has no identity. Who is gone needs no change."""
    held = {"held": {CONTESTED, DISPUTED}}
    actions: list[Action] = []
    if runtime.tables.get("readiness", {"applicant": winner}):
        there = exists("applicant")
        actions.append(Update("readiness", {"applicant": winner}, discard=held, when=there))
    if runtime.tables.get("readiness", {"applicant": loser}):
        actions += [
            Update(
                "readiness",
                {"applicant": loser},
                discard=held,
                remove=READY,
                when=exists("applicant"),
            ),
            Update(
                "accounts",
                {"applicant": loser},
                add={"revision": 1},
                remove=IDENTITY,
                when=equals("nik_mac", nik_mac),
            ),
        ]
    return actions


def _take_back(runtime: Runtime, loser: str) -> list[int]:
    """Withdraw the loser from waves that are open; gives those where it is too late."""
    readiness = runtime.tables.get("readiness", {"applicant": loser}) or {}
    left = []
    for wave in sorted(map(int, readiness.get("open_waves", ()))):
        try:
            withdraw(runtime, loser, wave)
        except (Conflict, NotFound):
            left.append(wave)
    return left


def _send_back(runtime: Runtime, operator: str, item: Item) -> None:
    again = Update(
        "cases",
        {"case": item["case"]},
        set={"state": "waiting"},
        remove=("side", "proposed_by", "proposed_at"),
        when=equals("state", "proposed"),
    )
    audit.write(runtime, Act(operator, "dispute_disagree", item["case"], (item["side"],)), again)


def _side(runtime: Runtime, case: Item, side: str, folder: Path) -> Side:
    applicant = case[side]
    account = runtime.tables.get("accounts", {"applicant": applicant}) or {}
    readiness = runtime.tables.get("readiness", {"applicant": applicant}) or {}
    pictures = {}
    for kind in ("ktp", "selfie"):
        if data := _picture(runtime, applicant, readiness.get(kind)):
            pictures[kind] = folder / f"{side}-{kind}.jpg"
            pictures[kind].touch(mode=0o600)
            pictures[kind].write_bytes(data)
    waves = sorted(map(int, readiness.get("open_waves", ())))
    return Side(int(account.get("created_at", 0)), waves, pictures)


def _picture(runtime: Runtime, applicant: str, photo: str | None) -> bytes | None:
    item: Any = photo and runtime.tables.get("photos", {"applicant": applicant, "photo": photo})
    if not item or "copy" not in item:
        return None
    try:
        return runtime.files.read("photos", f"{applicant}/{photo}", version=item["copy"])
    except FileMissing:
        return None


def _letter(runtime: Runtime, applicant: str, template: str) -> Letter:
    return Letter(
        message=runtime.random(16).hex(),
        channel="mail",
        template=template,
        applicant=applicant,
    )
