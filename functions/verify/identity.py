"""Identity: NIK, KK, birth date and sex; one account holds a NIK.

A NIK that another account holds is kept like any other, by the same calls and with the same
answer, and the account is held back from joining (programme/holds.py). Who then shows the card
learns of it, and can have officers look at it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    Busy,
    Check,
    Condition,
    ConditionFailed,
    Delete,
    Item,
    Put,
    Update,
    all_of,
    any_of,
    contains,
    differs,
    equals,
    exists,
    missing,
)
from functions.programme import identity as rules
from functions.programme.holds import CONTESTED, DISPUTED
from functions.programme.limits import IDENTITY_CHANGES
from functions.programme.times import wib_date
from functions.verify import accounts, statements
from functions.web.counting import spend
from functions.web.errors import Conflict, InvalidFields

TRIES = 3


def put(
    runtime: Runtime,
    applicant: str,
    *,
    nik: str,
    kk: str,
    birth_date: date,
    sex: str,
    profile: dict[str, Any] | None = None,
) -> tuple[list[str], Item]:
    """Set the identity, and the profile with it if there is one; returns warnings
    (`old_region_code`) and the readiness after it.

    A NIK that is not the one on the accepted card takes the readiness of the photos away.
    Raises InvalidFields, TooMany, Conflict `identity_locked`.
    """
    now = runtime.clock()
    places = statements.place_errors(profile) if profile else {}
    errors = {
        **rules.field_errors(nik, kk, birth_date, sex, wib_date(now)),
        **{f"profile.{place}": code for place, code in places.items()},
    }
    if errors:
        raise InvalidFields(errors)
    mark = accounts.new_mark(runtime)
    fields = {"nik": nik, "kk": kk, "birth_date": birth_date.isoformat(), "sex": sex}
    counted = False
    for _ in range(TRIES):
        account = accounts.load(runtime, applicant)
        # The first is no change, and of several at once only one can be the first.
        if "nik_mac" in account and not counted:
            spend(runtime, IDENTITY_CHANGES, applicant)
            counted = True
        readiness = accounts.readiness(runtime, applicant)
        if readiness.get("open_waves") or DISPUTED in readiness.get("held", ()):
            raise Conflict("identity_locked")
        holder = holder_of(runtime, runtime.vault.mac("nik", nik))
        ready = _readiness(runtime, account, readiness, holder, fields, profile, now)
        actions = _actions(runtime, account, readiness, holder, fields, ready, mark)
        try:
            runtime.tables.write(*actions)
        except ConditionFailed as error:
            if not accounts.changed_by_us(error, 1, mark):
                continue
        return rules.warnings(nik, kk), _after(readiness, ready)
    raise Busy()


def _after(readiness: Item, change: Update) -> Item:
    """The readiness as the transaction leaves it."""
    held = set(readiness.get("held", ())) - change.discard.get("held", set())
    held |= change.add.get("held", set())
    kept = {name: value for name, value in readiness.items() if name not in change.remove}
    return {**kept, **change.set, "held": held}


def holder_of(runtime: Runtime, nik_mac: str) -> str | None:
    """The applicant who holds a NIK."""
    claim = runtime.tables.get("claims", {"claim": f"nik#{nik_mac}"})
    return None if claim is None else str(claim["applicant"])


def settle(runtime: Runtime, applicant: str) -> None:
    """Take over a contested NIK that its holder has let go since."""
    account = accounts.load(runtime, applicant)
    claim = {"claim": f"nik#{account['nik_mac']}", "applicant": applicant}
    try:
        runtime.tables.write(
            Put("claims", claim, when=missing("claim")),
            Update(
                "readiness",
                {"applicant": applicant},
                discard={"held": {CONTESTED}},
                when=contains("held", CONTESTED),
            ),
            Check("accounts", {"applicant": applicant}, equals("nik_mac", account["nik_mac"])),
        )
    except ConditionFailed:
        return


def _actions(
    runtime: Runtime,
    account: Item,
    readiness: Item,
    holder: str | None,
    fields: dict[str, str],
    ready: Update,
    mark: str,
) -> list[Action]:
    """The claim on the NIK, the account, the readiness; the claim on the old NIK last.

    The claim of another holder is written as it is: as many items as for a free NIK.
    """
    applicant, vault = account["applicant"], runtime.vault
    nik_mac = vault.mac("nik", fields["nik"])
    old_mac = account.get("nik_mac", nik_mac)
    sealed = {name: accounts.seal(runtime, applicant, name, text) for name, text in fields.items()}
    macs = {"nik_mac": nik_mac, "kk_mac": vault.mac("kk", fields["kk"])}
    contested = _is_contested(holder, applicant)
    owner = holder if contested else applicant
    actions: list[Action] = [
        Put(
            "claims",
            {"claim": f"nik#{nik_mac}", "applicant": owner},
            when=any_of(missing("claim"), equals("applicant", owner))
            if not contested
            else equals("applicant", owner),
        ),
        accounts.changed(account, **sealed, **macs, changed_by=mark),
        ready,
    ]
    if old_mac != nik_mac:
        actions.append(_let_go(applicant, old_mac, readiness))
    return actions


def _is_contested(holder: str | None, applicant: str) -> bool:
    return holder not in (None, applicant)


def _readiness(
    runtime: Runtime,
    account: Item,
    readiness: Item,
    holder: str | None,
    fields: dict[str, str],
    profile: dict[str, Any] | None,
    now: int,
) -> Update:
    """What the readiness notes of an identity; another card's photos go."""
    applicant, vault = account["applicant"], runtime.vault
    nik_mac = vault.mac("nik", fields["nik"])
    photo_mac = vault.mac("photo", fields["nik"])
    on_card = readiness.get("ktp_nik_mac")
    changed = account.get("nik_mac", nik_mac) != nik_mac
    other_card = changed or (on_card is not None and on_card != photo_mac)
    mine = {"held": {CONTESTED}}
    change = "add" if _is_contested(holder, applicant) else "discard"
    return Update(
        "readiness",
        {"applicant": applicant},
        **{change: mine},
        set={
            "identity": now,
            **(statements.kept(runtime, applicant, "profile", profile, now) if profile else {}),
            "shard": rules.shard(vault.mac("shard", fields["kk"])),
            "nik_photo_mac": photo_mac,
        },
        remove=("ktp", "selfie", "ktp_nik_mac") if other_card else (),
        when=all_of(
            exists("applicant"),
            missing("open_waves"),
            _as_read(readiness),
            missing("ktp_nik_mac") if on_card is None else equals("ktp_nik_mac", on_card),
        ),
    )


def _let_go(applicant: str, nik_mac: str, readiness: Item) -> Action:
    """Free the NIK of before; one that was never this account's own is left alone."""
    claim = {"claim": f"nik#{nik_mac}"}
    if CONTESTED in readiness.get("held", ()):
        return Check("claims", claim, when=differs("applicant", applicant))
    return Delete("claims", claim, when=equals("applicant", applicant))


def _as_read(readiness: Item) -> Condition:
    """That no dispute and no other change of the holds came between."""
    held = readiness.get("held")
    return missing("held") if held is None else equals("held", held)
