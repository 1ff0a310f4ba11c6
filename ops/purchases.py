"""Purchases of the first training, as the platforms that sell it report them.

Kept are the mac of the NIK, the wave and the day. A later report of an earlier day is believed:
it can only be in the recipient's favour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Action, ConditionFailed, Item, Put, any_of, greater, missing
from functions.programme.ledgers import PURCHASES_HEADING, Row
from functions.programme.times import wib_date
from ops.errors import Refused
from ops.lists import Import, Kind, take_in

PURCHASES = Kind("purchases_import", PURCHASES_HEADING)


def import_purchases(
    runtime: Runtime, operator: str, path: Path, wave: int, *, dry_run: bool
) -> Import:
    """Enter purchases of a wave's recipients, from CSV with the columns nik, bought_on.

    A row is wrong with `not_a_recipient` of this wave (or no more), `before_announcement`,
    `in_future`, `nik_twice`, or the codes of `read_list`. Raises Refused.
    """
    item = next((w for w in runtime.tables.scan("waves") if w["wave"] == wave), None)
    if item is None or "announced_at" not in item:
        raise Refused(f"wave {wave} is not announced: nobody can have bought with its help")

    def enter(rows: Sequence[Row]) -> list[str]:
        return _enter(runtime, item, rows, dry_run)

    return take_in(runtime, operator, path, PURCHASES, enter, dry_run=dry_run)


def bought_on(runtime: Runtime, wave: int, nik_macs: Iterable[str]) -> dict[str, str]:
    """{mac of the NIK: day} of those who bought with a wave's help."""
    found = _found(runtime, [_key(mac, wave) for mac in dict.fromkeys(nik_macs)])
    return {subject.partition("#")[2]: item["bought_on"] for subject, item in found.items()}


def _enter(runtime: Runtime, wave: Item, rows: Sequence[Row], dry_run: bool) -> list[str]:
    macs = [runtime.vault.mac("nik", row.fields["nik"]) for row in rows]
    had = _found(runtime, [{"subject": f"recipient#{mac}", "member": "-"} for mac in macs])
    known = bought_on(runtime, wave["wave"], macs)
    codes, puts = [], []
    for mac, row in zip(macs, rows, strict=True):
        day = row.fields["bought_on"]
        code = _against(runtime, wave, had.get(f"recipient#{mac}"), day)
        if code is None and known.get(mac, "9999") <= day:
            code = "same"
        if code is None:
            puts.append(_put(mac, wave["wave"], day))
        codes.append(code or "new")
    if not dry_run:
        _write(runtime, puts)
    return codes


def _against(runtime: Runtime, wave: Item, recipient: Item | None, day: str) -> str | None:
    """What speaks against a purchase on this day."""
    if recipient is None or recipient["wave"] != wave["wave"]:
        return "not_a_recipient"
    if day < wib_date(wave["announced_at"]).isoformat():
        return "before_announcement"
    return "in_future" if day > wib_date(runtime.clock()).isoformat() else None


def _write(runtime: Runtime, puts: Sequence[Put]) -> None:
    """All at once; one by one when another import has entered some of them meanwhile."""
    written: list[Action] = list(puts)
    if not written:
        return
    try:
        runtime.tables.write(*written)
    except ConditionFailed:
        for action in written:
            _one(runtime, action)


def _one(runtime: Runtime, action: Action) -> None:
    try:
        runtime.tables.write(action)
    except ConditionFailed:
        return  # there with this day or an earlier one


def _put(mac: str, wave: int, day: str) -> Put:
    item = {**_key(mac, wave), "wave": wave, "bought_on": day}
    return Put("ledgers", item, when=any_of(missing("bought_on"), greater("bought_on", day)))


def _key(mac: str, wave: int) -> dict[str, str]:
    return {"subject": f"bought#{mac}", "member": str(wave)}


def _found(runtime: Runtime, keys: Sequence[dict[str, str]]) -> dict[str, Item]:
    """Items of the ledgers by subject, looked up many at a time."""
    return {item["subject"]: item for item in runtime.tables.get_many("ledgers", keys)}
