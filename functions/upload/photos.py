"""Photos of an applicant: asking for a place to post one, seeing what became of it."""

from __future__ import annotations

import json
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Put, missing
from functions.programme.photos import (
    FORM_LIFE,
    MAX_BYTES,
    Sent,
    review_refusal,
    wait_for_next,
)
from functions.programme.times import SECOND, iso
from functions.web.errors import Conflict, NotFound, TooMany

LONGEST_ID = 64


def object_key(applicant: str, photo: str) -> str:
    """Both parts are random, so the key begins with random characters and tells nothing."""
    return f"{applicant}/{photo}"


def request_upload(
    runtime: Runtime, applicant: str, *, kind: str, size: int, content_type: str, request_key: str
) -> dict[str, Any]:
    """A form with which exactly this photo can be posted, for five minutes.

    The same `request_key` gives a fresh form for the same photo. Raises Conflict
    when it was used for another photo or this one is decided, TooMany.
    """
    now = runtime.clock()
    photo = runtime.vault.mac("request", f"photo|{applicant}|{request_key}")[:32]
    item: Item = {
        "applicant": applicant,
        "photo": photo,
        "kind": kind,
        "size": size,
        "content_type": content_type,
        "state": "waiting",
        "created_at": now,
    }
    earlier = runtime.tables.get("photos", {"applicant": applicant, "photo": photo})
    if earlier is None:
        _check_daily_limit(runtime, applicant, now)
        earlier = _put_once(runtime, item)
    if any(earlier[name] != item[name] for name in ("kind", "size", "content_type")):
        raise Conflict("idempotency_key_reused")
    if earlier["state"] != "waiting":
        raise Conflict("photo_decided")
    form = runtime.files.post_form(
        "incoming",
        object_key(applicant, photo),
        content_type=content_type,
        max_bytes=MAX_BYTES,
        seconds=FORM_LIFE // SECOND,
    )
    return {
        "photo": photo,
        "url": form.url,
        "fields": form.fields,
        "expires_at": iso(now + FORM_LIFE),
    }


def list_photos(runtime: Runtime, applicant: str) -> dict[str, Any]:
    """All photos, newest first."""
    items = sorted(
        runtime.tables.query("photos", applicant), key=lambda i: i["created_at"], reverse=True
    )
    now = runtime.clock()
    return {"photos": [shown(item, items, now) for item in items], "server_time": iso(now)}


def show_photo(runtime: Runtime, applicant: str, photo: str) -> dict[str, Any]:
    """One photo of this applicant. Raises NotFound."""
    place = {"applicant": applicant, "photo": photo}
    # A table refuses a key that is far too long with an error of its own.
    item = runtime.tables.get("photos", place) if len(photo) <= LONGEST_ID else None
    if item is None:
        raise NotFound("photo_unknown")
    refused = item["state"] == "refused"  # only then do the others matter
    items = list(runtime.tables.query("photos", applicant)) if refused else [item]
    return shown(item, items, runtime.clock())


def as_sent(item: Item) -> Sent:
    """A photo's item as the rule of the review takes it."""
    return Sent(
        photo=item["photo"],
        kind=item["kind"],
        state=item["state"],
        created_at=item["created_at"],
        decided_at=item.get("decided_at", 0),
        reasons=tuple(item.get("reasons", ())),
        by_person="reviewed_at" in item,
    )


def _check_daily_limit(runtime: Runtime, applicant: str, now: int) -> None:
    created = [item["created_at"] for item in runtime.tables.query("photos", applicant)]
    if wait := wait_for_next(created, now):
        raise TooMany("photos_per_day", seconds=-(-wait // SECOND))


def _put_once(runtime: Runtime, item: Item) -> Item:
    """Put the photo, or find the one that a simultaneous repeat of this request put."""
    try:
        runtime.tables.write(Put("photos", item, when=missing("photo")))
    except ConditionFailed as failure:
        return failure.failed[0] or item
    return item


def shown(item: Item, items: list[Item], now: int) -> dict[str, Any]:
    """A photo as its applicant sees it; `items` are all of the applicant's photos."""
    decided, asked = item.get("decided_at"), item.get("review_asked_at")
    refusal = review_refusal(as_sent(item), map(as_sent, items), now)
    return {
        "photo": item["photo"],
        "kind": item["kind"],
        "state": item["state"],
        "reasons": item.get("reasons", []),
        "details": json.loads(item.get("details", "{}")),
        "review": item.get("review", []),
        "created_at": iso(item["created_at"]),
        "decided_at": iso(decided) if decided else None,
        "may_review": refusal is None and "copy" in item,
        "review_asked_at": iso(asked) if asked else None,
        "by_person": "reviewed_at" in item,
    }
