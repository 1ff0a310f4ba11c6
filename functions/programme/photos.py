"""Rules of the photos: kinds, sizes, how many a day, when a person looks at one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from functions.programme.times import DAY, MINUTE

KINDS = ("ktp", "selfie")
CONTENT_TYPES = ("image/jpeg", "image/png")
MAX_BYTES = 2_000_000
# A form lives long enough for a slow phone to begin sending, and not much longer.
FORM_LIFE = 5 * MINUTE
# Nobody needs more; a script that fills the bucket does.
MAX_PER_DAY = 40
DAY_LENGTH = DAY


def wait_for_next(created: list[int], now: int) -> int:
    """Milliseconds until one more photo may be sent; 0 when it may be now.

    `created`: times of the photos so far, in any order.
    """
    recent = sorted(at for at in created if at > now - DAY_LENGTH)
    return 0 if len(recent) < MAX_PER_DAY else recent[-MAX_PER_DAY] + DAY_LENGTH - now


# --- A person looks at a photo (design: two refusals, then human review).

# Refusals of one kind after which a person may be asked.
REFUSALS_BEFORE_REVIEW = 2
# A refused copy lives 7 days (`refused-photos` in infra/template.yaml): a day is left for a
# request that is repeated late.
REVIEW_ASKED_WITHIN = 6 * DAY
# An operator has so long to decide on the picture before another may take it.
CLAIM_LIFE = 10 * MINUTE
# Reasons of a file that gave no picture: a person would have nothing to look at.
WITHOUT_PICTURE = ("too_large", "wrong_format", "corrupt", "too_many_pixels")

# What a person may refuse a photo for, worst first. `corrupt` is for a copy that cannot be shown.
_SEEN = ("corrupt", "too_dark", "blurred", "glare", "cropped", "obstructed", "photocopy")
REASONS_OF_A_PERSON = {
    "ktp": (*_SEEN, "too_small", "not_ktp", "nik_unreadable", "nik_mismatch"),
    "selfie": (*_SEEN, "too_small", "nik_mismatch", "no_face", "no_card"),
}


@dataclass(frozen=True)
class Sent:
    """One photo of an applicant as the rule of the review sees it; times in milliseconds.

    `by_person`: a person has decided on it. `decided_at` is 0 while it is waiting.
    """

    photo: str
    kind: str
    state: str
    created_at: int
    decided_at: int = 0
    reasons: tuple[str, ...] = ()
    by_person: bool = False


def review_refusal(photo: Sent, photos: Iterable[Sent], now: int) -> tuple[str, int] | None:
    """Why a person cannot be asked to look at `photo`: a code, and the refusals still to come.

    None when they can be. `photos`: all of the applicant, `photo` among them. Codes: photo_decided,
    review_not_possible, review_running, review_outdated, review_too_late, review_not_yet.
    """
    alike = [other for other in photos if other.kind == photo.kind]
    if photo.state == "accepted" or photo.by_person:
        return "photo_decided", 0
    if photo.state != "refused" or set(photo.reasons) & set(WITHOUT_PICTURE):
        return "review_not_possible", 0
    if any(other.state == "in_review" for other in alike):
        return "review_running", 0
    decided = [other for other in alike if other.state in ("accepted", "refused")]
    if any(other.created_at > photo.created_at for other in decided):
        return "review_outdated", 0
    if now >= photo.decided_at + REVIEW_ASKED_WITHIN:
        return "review_too_late", 0
    left = REFUSALS_BEFORE_REVIEW - _refusals_in_a_row(decided)
    return ("review_not_yet", left) if left > 0 else None


def _refusals_in_a_row(decided: list[Sent]) -> int:
    """Refusals since the last photo that was accepted or that a person decided on."""
    settled = [p.decided_at for p in decided if p.state == "accepted" or p.by_person]
    since = max(settled, default=-1)
    return sum(p.state == "refused" and p.decided_at > since for p in decided)
