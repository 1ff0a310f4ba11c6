"""Checking one photo: judge exactly the object version that arrived, record the verdict once."""

from __future__ import annotations

import json
import logging
from typing import Protocol

from functions.cloud.files import FileMissing
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Update, equals
from functions.programme.photos import MAX_BYTES
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
        if item is None or item["state"] == "accepted" or item["version"] != version:
            # Not asked for, checked already, or posted again after the verdict: nobody will
            # ever look at it.
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
    copy = ""
    if verdict.accepted and verdict.clean is not None:
        copy = runtime.files.write("photos", key, verdict.clean, content_type="image/jpeg")
    _record(runtime, applicant, photo, item["kind"], version, copy, verdict)
    if verdict.accepted:
        # A refused original stays until its bucket's lifecycle ends it: a person may be
        # asked to look at it.
        runtime.files.delete("incoming", key, version)


def _bounded_read(runtime: Runtime, key: str, version: str) -> bytes | None:
    """The bytes, or None when there are too many: the form allows none, whoever sent them."""
    if runtime.files.size("incoming", key, version) > MAX_BYTES:
        return None
    return runtime.files.read("incoming", key, version=version)


def _record(
    runtime: Runtime,
    applicant: str,
    photo: str,
    kind: str,
    version: str,
    copy: str,
    verdict: Verdict,
) -> None:
    """Photo and readiness in one transaction, bound to both versions; once."""
    changes = {
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
    if verdict.accepted:
        changes["copy"] = copy
        actions.append(Update("readiness", {"applicant": applicant}, set={kind: photo}))
    try:
        runtime.tables.write(*actions)
    except ConditionFailed:
        log.info("a photo was decided by another message meanwhile")
