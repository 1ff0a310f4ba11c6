"""Recipients and blacklist: what operators enter beside what announcements write.

Only macs are stored. Each list is recorded with its file's digest before its first row is written
and with its counts after the last; each single change together with its record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Action,
    ConditionFailed,
    Delete,
    Item,
    Put,
    any_of,
    equals,
    exists,
    missing,
)
from functions.programme.ledgers import (
    BLACKLIST_HEADING,
    RECIPIENTS_HEADING,
    Row,
    field_error,
)
from ops import audit
from ops.audit import Act
from ops.errors import Refused
from ops.lists import Import, Kind, take_in

# A recipient entered while a roster is fixed and not yet announced would contradict it.
FIXED = ("closed", "frozen", "roster_published", "drawn")

RECIPIENTS = Kind("recipients_import", RECIPIENTS_HEADING)
BLACKLIST = Kind("blacklist_import", BLACKLIST_HEADING)


def import_recipients(runtime: Runtime, operator: str, path: Path, *, dry_run: bool) -> Import:
    """Enter past recipients from CSV with the columns nik, kk, wave. Raises Refused.

    A row is wrong with `other_wave` if the person is a recipient of another wave, `nik_twice` if
    the list has it before.
    """
    fixed = [w["wave"] for w in runtime.tables.scan("waves") if w["phase"] in FIXED]
    if fixed:
        raise Refused(f"wave {min(fixed)} is between close and announcement: enter them after it")
    return _import(runtime, operator, path, RECIPIENTS, _recipient, dry_run)


def import_blacklist(runtime: Runtime, operator: str, path: Path, *, dry_run: bool) -> Import:
    """Enter people who cannot take part, from CSV with the columns nik, reason. Raises Refused.

    A row is wrong with `other_reason` if the person is listed for another one, `nik_twice`.
    """
    return _import(runtime, operator, path, BLACKLIST, _listed, dry_run)


def blacklist(runtime: Runtime, operator: str, nik: str, reason: str) -> str:
    """List one person; gives `new` or `same`. Raises Refused."""
    for name, value in (("nik", nik), ("reason", reason)):
        if code := field_error(name, value):
            raise Refused(code)
    (put,) = _listed(runtime, {"nik": nik, "reason": reason})
    act = Act(operator, "blacklist_add", about(runtime, nik), (reason,))
    state = _state(runtime, [put])
    if state not in ("new", "same"):
        raise Refused(f"listed already: {state}")
    if state == "new":
        try:
            audit.write(runtime, act, put)
        except ConditionFailed as failure:
            raise Refused("listed meanwhile") from failure
    return state


def unlist(runtime: Runtime, operator: str, nik: str, reason: str) -> None:
    """Take one person off the blacklist; `reason` is a few words without personal data."""
    if code := field_error("nik", nik):
        raise Refused(code)
    if not reason.strip() or any(letter.isdigit() for letter in reason):
        raise Refused("say why in a few words, without numbers")
    subject = f"blacklisted#{runtime.vault.mac('nik', nik)}"
    gone = Delete("ledgers", {"subject": subject, "member": "-"}, when=exists("reason"))
    try:
        audit.write(
            runtime, Act(operator, "blacklist_remove", about(runtime, nik), (reason,)), gone
        )
    except ConditionFailed as failure:
        raise Refused("not on the blacklist") from failure


def recipients(runtime: Runtime) -> Iterator[tuple[int, str]]:
    """(wave, mac of the NIK) of every recipient, in no order."""
    for item in runtime.tables.scan("ledgers"):
        kind, _, mac = item["subject"].partition("#")
        if kind == "recipient":
            yield int(item["wave"]), mac


def recipient_of(runtime: Runtime, nik: str) -> int | None:
    """The wave in which a person received, if they did."""
    key = {"subject": f"recipient#{runtime.vault.mac('nik', nik)}", "member": "-"}
    item = runtime.tables.get("ledgers", key)
    return None if item is None else int(item["wave"])


def about(runtime: Runtime, nik: str) -> str:
    """How the audit chain names a person of the ledgers: the beginning of their mac."""
    return f"ledger/{runtime.vault.mac('nik', nik)[:16]}"


Actions = Callable[[Runtime, "dict[str, str]"], list[Put]]


def _import(
    runtime: Runtime, operator: str, path: Path, kind: Kind, actions: Actions, dry_run: bool
) -> Import:
    def enter(rows: Sequence[Row]) -> list[str]:
        return [_enter(runtime, actions(runtime, dict(row.fields)), dry_run) for row in rows]

    return take_in(runtime, operator, path, kind, enter, dry_run=dry_run)


def _enter(runtime: Runtime, puts: list[Put], dry_run: bool) -> str:
    """`new`, `same`, or the code of what speaks against it."""
    state = _state(runtime, puts)
    if state != "new" or dry_run:
        return state
    written: list[Action] = list(puts)
    try:
        runtime.tables.write(*written)
    except ConditionFailed:
        return _state(runtime, puts)
    return "new"


def _state(runtime: Runtime, puts: list[Put]) -> str:
    """How what is there stands to what is to be entered."""
    for put in puts:
        key = {"subject": put.item["subject"], "member": put.item["member"]}
        there = runtime.tables.get("ledgers", key)
        if there is None:
            return "new"
        for name in ("wave", "reason"):
            if there.get(name) != put.item.get(name):
                return f"other_{name}"
    return "same"


def _recipient(runtime: Runtime, fields: dict[str, str]) -> list[Put]:
    nik = runtime.vault.mac("nik", fields["nik"])
    kk = runtime.vault.mac("kk", fields["kk"])
    wave = int(fields["wave"])
    return [
        _put({"subject": f"recipient#{nik}", "member": "-", "wave": wave}, "wave"),
        _put({"subject": f"family#{kk}", "member": nik, "wave": wave}, "wave"),
    ]


def _listed(runtime: Runtime, fields: dict[str, str]) -> list[Put]:
    nik = runtime.vault.mac("nik", fields["nik"])
    item = {"subject": f"blacklisted#{nik}", "member": "-", "reason": fields["reason"]}
    return [_put(item, "reason")]


def _put(item: Item, name: str) -> Put:
    return Put("ledgers", item, when=any_of(missing(name), equals(name, item[name])))
