"""Objections: an applicant says that their record on a published roster is wrong.

A published roster never changes, so an objection that is upheld can only end the wave before
its round (`programme/draw/void.py`); both therefore end at the same moment.
"""

from __future__ import annotations

from functions.programme.times import MINUTE

# What an applicant may object to.
REASONS = (
    "not_past_recipient",
    "not_blacklisted",
    "not_duplicate",
    "wrong_exclusion",
    "wrong_family",
    "wrong_pool",
    "other",
)
# What a person may answer: the codes of each verdict.
ANSWERS = {
    "upheld": ("record_wrong", "family_wrong", "ledger_wrong"),
    "dismissed": (
        "record_right",
        "own_declaration",
        "age_at_close",
        "pool_by_card",
        "family_by_card",
        "not_about_record",
    ),
}
MOST_TEXT = 500
MOST_ANSWER = 500
# An officer has so long to answer before another may take it.
CLAIM_LIFE = 15 * MINUTE


def refusal(phase: str, now: int, until: int | None) -> str | None:
    """Why no objection can be made now, or None: `objection_not_yet`, `objection_over`.

    `until`: milliseconds, the last moment at which the wave could still be ended; None while no
    roster is published.
    """
    if phase in ("planned", "open", "closed", "frozen") or until is None:
        return "objection_not_yet" if phase not in ("void", "drawn", "announced") else _OVER
    return None if phase == "roster_published" and now < until else _OVER


def readable(text: str, most: int) -> bool:
    """Whether a text has 1 to `most` signs to read: no control signs but newlines."""
    plain = text.replace("\n", " ")
    return plain.isprintable() and bool(plain.strip()) and len(text) <= most


_OVER = "objection_over"
