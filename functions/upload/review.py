"""Human review: an applicant asks for a person to look at a refused photo."""

from __future__ import annotations

import logging
from typing import Any

from functions.cloud.files import FileMissing
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, equals
from functions.programme.photos import review_refusal
from functions.upload.photos import as_sent, object_key, shown
from functions.web.errors import Conflict, NotFound

log = logging.getLogger("gelombang.upload")


def ask_for_review(runtime: Runtime, applicant: str, photo: str) -> dict[str, Any]:
    """Put a refused photo into the reviewers' queue; gives the photo as `GET photos/<photo>` does.

    Asking again changes nothing and is answered the same. Raises NotFound, Conflict with a code of
    `review_refusal`.
    """
    items = list(runtime.tables.query("photos", applicant))
    item = next((item for item in items if item["photo"] == photo), None)
    if item is None:
        raise NotFound("photo_unknown")
    now = runtime.clock()
    if item["state"] != "in_review":
        _refuse_unless_allowed(item, items, now)
        item = _into_queue(runtime, item, now)
    # Also when asked again: the first time may have ended between queue and mark.
    _keep_copy(runtime, item)
    return shown(item, items, now)


def _refuse_unless_allowed(item: Item, items: list[Item], now: int) -> None:
    refusal = review_refusal(as_sent(item), map(as_sent, items), now)
    if refusal is None and "copy" not in item:
        raise Conflict("review_not_possible")
    if refusal is not None:
        code, left = refusal
        raise Conflict(code, **({"left": left} if left else {}))


def _into_queue(runtime: Runtime, item: Item, now: int) -> Item:
    """The photo as it stands in the queue. Raises Conflict when it was decided meanwhile."""
    queued = {"state": "in_review", "in_review": item["kind"], "review_asked_at": now}
    key = {"applicant": item["applicant"], "photo": item["photo"]}
    try:
        runtime.tables.write(Update("photos", key, set=queued, when=equals("state", "refused")))
    except ConditionFailed as failure:
        found = failure.failed[0]
        if found is None or found["state"] != "in_review":
            raise Conflict("photo_decided") from failure
        return found
    return {**item, **queued}


def _keep_copy(runtime: Runtime, item: Item) -> None:
    """Take the copy out of the lifecycle of refused photos."""
    key = object_key(item["applicant"], item["photo"])
    try:
        runtime.files.mark("photos", key, item["copy"], "in_review")
    except FileMissing:
        # The reviewer sees that there is no picture, and the applicant is asked for a new one.
        log.warning("the copy of a photo in review is not there")
