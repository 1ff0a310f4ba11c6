"""The reviewers' queue: one picture at a time, each view recorded before it is shown.

An operator claims the photo that has waited longest and sees its re-encoded copy, never the
original; no other operator gets it while the claim lasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.cloud.files import FileMissing
from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Update, all_of, equals
from functions.programme.photos import CLAIM_LIFE, KINDS
from functions.upload.photos import object_key
from ops import audit
from ops.audit import Act
from ops.claims import Claims
from ops.errors import Refused

# The front of the queue: more than there are operators, who each hold one of it.
FRONT = 200
# Every view of a person's data is recorded with its reason.
WHY_SEEN = "review_asked"


@dataclass(frozen=True)
class Case:
    """One photo in review: its item, its applicant's refusals of the kind, and its picture.

    `refusals`: items, oldest first. `picture`: JPEG, None when it is gone.
    """

    item: Item
    refusals: tuple[Item, ...]
    picture: bytes | None

    @property
    def photo(self) -> str:
        """`<applicant>/<photo>`: how the commands, the audit chain and the bucket name it."""
        return name_of(self.item)


def name_of(item: Item) -> str:
    """`<applicant>/<photo>`."""
    return object_key(item["applicant"], item["photo"])


def key_of(item: Item) -> dict[str, str]:
    """The key of a photo's item."""
    return {"applicant": item["applicant"], "photo": item["photo"]}


CLAIMS = Claims("photos", key_of, state="in_review", holder="reviewer", life=CLAIM_LIFE)


def waiting(runtime: Runtime, kinds: Sequence[str] = KINDS, limit: int = FRONT) -> list[Item]:
    """Photos that wait for a person, the longest waiting first; at most `limit` of each kind."""
    now = runtime.clock()
    found = [
        item
        for kind in kinds
        for item in runtime.tables.query_index("photos", "in_review", kind, up_to=now, limit=limit)
    ]
    return sorted(found, key=lambda item: (item["review_asked_at"], item["photo"]))


def take_next(runtime: Runtime, operator: str, kinds: Sequence[str] = KINDS) -> Case | None:
    """Claim a photo for ten minutes and fetch its picture; None when none is free.

    Whoever holds one gets the same again, else the longest waiting. The view is recorded before
    the picture is fetched.
    """
    for item in CLAIMS.in_turn(waiting(runtime, kinds), operator, runtime.clock()):
        if _is_needless(runtime, item):
            _withdraw(runtime, operator, item)
            continue
        act = Act(operator, "view", name_of(item), (WHY_SEEN,))
        if claimed := CLAIMS.claim(runtime, act, item):
            return Case(claimed, _refusals(runtime, item), _picture(runtime, item))
    return None


def release(runtime: Runtime, operator: str, photo: str) -> None:
    """Give a claimed photo back undecided, to its old place in the queue. Raises Refused."""
    item = held(runtime, operator, photo)
    mine = CLAIMS.mine(operator, runtime.clock())
    back = Update("photos", key_of(item), remove=CLAIMS.fields, when=mine)
    try:
        audit.write(runtime, Act(operator, "release", photo), back)
    except ConditionFailed as failure:
        raise Refused("the claim is over") from failure


def _is_needless(runtime: Runtime, item: Item) -> bool:
    """Whether a photo of the kind was accepted since, or there is no applicant any more."""
    names = ("applicant", item["kind"])
    ready = runtime.tables.get("readiness", {"applicant": item["applicant"]}, only=names)
    return ready is None or item["kind"] in ready


def _withdraw(runtime: Runtime, operator: str, item: Item) -> None:
    """Take a photo that nobody need look at out of the queue, unseen."""
    now = runtime.clock()
    gone = Update(
        "photos",
        key_of(item),
        set={"state": "refused"},
        remove=("in_review", *CLAIMS.fields),
        when=all_of(equals("state", "in_review"), CLAIMS.free(operator, now)),
    )
    try:
        audit.write(runtime, Act(operator, "needless", name_of(item)), gone)
    except ConditionFailed:
        return  # another operator was quicker
    mark(runtime, item, "refused")


def _refusals(runtime: Runtime, item: Item) -> tuple[Item, ...]:
    photos = runtime.tables.query("photos", item["applicant"])
    alike = [p for p in photos if p["kind"] == item["kind"] and p.get("reasons")]
    return tuple(sorted(alike, key=lambda p: int(p["created_at"])))


def _picture(runtime: Runtime, item: Item) -> bytes | None:
    try:
        return runtime.files.read("photos", name_of(item), version=item["copy"])
    except FileMissing:
        return None


def held(runtime: Runtime, operator: str, photo: str, decision: str = "") -> Item:
    """The photo that this operator holds, or has given this very decision. Raises Refused.

    `photo` is `<applicant>/<photo>`, `decision` a state.
    """
    applicant, _, name = photo.partition("/")
    item = runtime.tables.get("photos", {"applicant": applicant, "photo": name}) if name else None
    if item is None:
        raise Refused(f"there is no photo {photo}")
    if item.get("reviewed_by") == operator and item["state"] == decision:
        return item
    if item["state"] != "in_review":
        raise Refused(f"photo {photo} is not in review: it is {item['state']}")
    if not CLAIMS.holds(item, operator, runtime.clock()):
        raise Refused(f"{operator} does not hold photo {photo}: claim one with `review next`")
    return item


def mark(runtime: Runtime, item: Item, state: str) -> None:
    """Let the bucket's lifecycle end the copy of a refused photo, and keep that of an accepted."""
    try:
        runtime.files.mark("photos", name_of(item), item["copy"], state)
    except FileMissing:
        return  # there is nothing to keep or to end
