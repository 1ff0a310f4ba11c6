"""Checking one photo: judge exactly the object version that arrived, record the verdict once."""

from __future__ import annotations

import json
import logging
from typing import Protocol

from functions.cloud.files import FileMissing
from functions.cloud.meter import count
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, equals, missing
from functions.programme.figures import wait_name
from functions.programme.photos import MAX_BYTES
from functions.upload.matching import PURPOSE, compared
from functions.upload.photo.verdict import Kind, Verdict

log = logging.getLogger("gelombang.upload")


class Judge(Protocol):
    """Photo bytes to a verdict; in the worker this happens in a sandbox."""

    def __call__(self, data: bytes, kind: Kind) -> Verdict: ...


def check_photo(runtime: Runtime, judge: Judge, key: str, version: str) -> None:
    """Judge one object version and record the verdict, unless the photo already has one.

    May be called any number of times for the same version, and late. Raises what
    the ports raise; then nothing is recorded and it is to be called again.
    """
    applicant, _, photo = key.partition("/")
    place = {"applicant": applicant, "photo": photo}
    item = runtime.tables.get("photos", place)
    if item is None or item["state"] != "waiting":
        # Not asked for, checked already, or posted again after the verdict.
        runtime.files.delete("incoming", key, version)
        return
    try:
        data = _bounded_read(runtime, key, version)
    except FileMissing:
        log.warning("a photo was deleted before it was checked")
        return
    verdict = (
        judge(data, item["kind"])
        if data is not None
        else Verdict(False, ("too_large",), {"too_large": {"limit": MAX_BYTES}})
    )
    readiness = runtime.tables.get("readiness", {"applicant": applicant}) or {}
    verdict = compared(runtime.vault, readiness, verdict)
    copy = _keep_copy(runtime, key, verdict)
    _record(runtime, item, version, copy, verdict, readiness.get("nik_photo_mac"))
    # Whoever looks at it later sees the copy: the original is never opened again.
    runtime.files.delete("incoming", key, version)


def _bounded_read(runtime: Runtime, key: str, version: str) -> bytes | None:
    """The bytes, or None when there are too many: the form allows none, whoever sent them."""
    if runtime.files.size("incoming", key, version) > MAX_BYTES:
        return None
    return runtime.files.read("incoming", key, version=version)


def _keep_copy(runtime: Runtime, key: str, verdict: Verdict) -> str | None:
    """Store the re-encoded picture, of a refused photo too: a person may be asked to look at it.

    Its tag `state` lets the bucket's lifecycle end what was refused. None without a picture.
    """
    if verdict.clean is None:
        return None
    state = "accepted" if verdict.accepted else "refused"
    return runtime.files.write("photos", key, verdict.clean, content_type="image/jpeg", state=state)


def _record(
    runtime: Runtime,
    item: Item,
    version: str,
    copy: str | None,
    verdict: Verdict,
    typed: str | None,
) -> None:
    """Photo and readiness in one transaction, bound to both versions and, for a card, to the
    number in the form that it was compared with; once.

    Raises ConditionFailed when that number changed meanwhile: the photo is to be checked again.
    """
    applicant, photo, kind = item["applicant"], item["photo"], item["kind"]
    changes: Item = {
        "state": "accepted" if verdict.accepted else "refused",
        "version": version,
        "reasons": list(verdict.reasons),
        "details": json.dumps(verdict.details),
        "review": list(verdict.review),
        "decided_at": runtime.clock(),
    }
    actions = [
        Update(
            "photos",
            {"applicant": applicant, "photo": photo},
            set=changes,
            when=equals("state", "waiting"),
        )
    ]
    if copy is not None:
        changes["copy"] = copy
    if verdict.accepted:
        actions.append(_made_ready(runtime, applicant, photo, kind, verdict.nik, typed))
    try:
        runtime.tables.write(*actions)
    except ConditionFailed as failure:
        if 0 not in failure.failed:
            raise
        log.info("a photo was decided by another message meanwhile")
        decided = failure.failed.get(0) or {}
        if copy is not None and decided.get("copy") != copy:
            # Under the same key as the copy that counts, which must not be hidden by it.
            runtime.files.delete("photos", f"{applicant}/{photo}", copy)
        return
    told = "photo_accepted" if verdict.accepted else f"photo_refused_{verdict.reasons[0]}"
    wait = wait_name("photo_wait", changes["decided_at"] - item["created_at"])
    count(runtime.tables, changes["decided_at"], photo, told, wait)


def _made_ready(
    runtime: Runtime, applicant: str, photo: str, kind: str, nik: str | None, typed: str | None
) -> Update:
    """Readiness with this photo. What was read is left as a mac, for a form filled in later."""
    place = {"applicant": applicant}
    if kind != "ktp":
        return Update("readiness", place, set={kind: photo})
    same = missing("nik_photo_mac") if typed is None else equals("nik_photo_mac", typed)
    read = {} if nik is None else {"ktp_nik_mac": runtime.vault.mac(PURPOSE, nik)}
    return Update("readiness", place, set={kind: photo, **read}, when=same)
