"""Identity: NIK, KK, birth date and sex; one account for one NIK."""

from __future__ import annotations

from datetime import date

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    Busy,
    ConditionFailed,
    Delete,
    Item,
    Put,
    Update,
    all_of,
    any_of,
    equals,
    exists,
    missing,
)
from functions.programme import identity as rules
from functions.programme.limits import IDENTITY_CHANGES
from functions.programme.times import wib_date
from functions.verify import accounts
from functions.verify.counting import spend
from functions.web.errors import Conflict, InvalidFields

TRIES = 3


def put(
    runtime: Runtime, applicant: str, *, nik: str, kk: str, birth_date: date, sex: str
) -> list[str]:
    """Set the identity; returns warnings (`old_region_code`).

    A NIK that is not the one on the accepted card takes the readiness of the photos away.
    Raises InvalidFields, TooMany, Conflict `nik_in_use`, `identity_locked`.
    """
    now = runtime.clock()
    errors = rules.field_errors(nik, kk, birth_date, sex, wib_date(now))
    if errors:
        raise InvalidFields(errors)
    spend(runtime, IDENTITY_CHANGES, applicant)
    mark = runtime.random(16).hex()
    fields = {"nik": nik, "kk": kk, "birth_date": birth_date.isoformat(), "sex": sex}
    for _ in range(TRIES):
        account = accounts.load(runtime, applicant)
        readiness = accounts.readiness(runtime, applicant)
        if readiness.get("open_waves"):
            raise Conflict("identity_locked")
        try:
            runtime.tables.write(*_actions(runtime, account, readiness, fields, now, mark))
        except ConditionFailed as error:
            if accounts.changed_by_us(error, 1, mark):
                return rules.warnings(nik, kk)
            if 0 in error.failed:
                raise Conflict("nik_in_use") from error
            continue
        return rules.warnings(nik, kk)
    raise Busy()


def _actions(
    runtime: Runtime,
    account: Item,
    readiness: Item,
    fields: dict[str, str],
    now: int,
    mark: str,
) -> list[Action]:
    """The claim on the NIK, the account, the readiness; the claim on the old NIK last."""
    applicant, vault = account["applicant"], runtime.vault
    nik_mac = vault.mac("nik", fields["nik"])
    old_mac = account.get("nik_mac", nik_mac)
    sealed = {name: accounts.seal(runtime, applicant, name, text) for name, text in fields.items()}
    macs = {"nik_mac": nik_mac, "kk_mac": vault.mac("kk", fields["kk"])}
    photo_mac = vault.mac("photo", fields["nik"])
    on_card = readiness.get("ktp_nik_mac")
    other_card = old_mac != nik_mac or (on_card is not None and on_card != photo_mac)
    ready = Update(
        "readiness",
        {"applicant": applicant},
        set={
            "identity": now,
            "shard": rules.shard(vault.mac("shard", fields["kk"])),
            "nik_photo_mac": photo_mac,
        },
        remove=("ktp", "selfie", "ktp_nik_mac") if other_card else (),
        when=all_of(
            exists("applicant"),
            missing("open_waves"),
            missing("ktp_nik_mac") if on_card is None else equals("ktp_nik_mac", on_card),
        ),
    )
    actions: list[Action] = [
        Put(
            "claims",
            {"claim": f"nik#{nik_mac}", "applicant": applicant},
            when=any_of(missing("claim"), equals("applicant", applicant)),
        ),
        accounts.changed(account, **sealed, **macs, changed_by=mark),
        ready,
    ]
    if old_mac != nik_mac:
        mine = equals("applicant", applicant)
        actions.append(Delete("claims", {"claim": f"nik#{old_mac}"}, when=mine))
    return actions
