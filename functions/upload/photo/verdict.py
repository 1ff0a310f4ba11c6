"""The answer to a photo: codes with parameters, never sentences (those are the site's)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Kind = Literal["ktp", "selfie"]

# Worst first: the order in which a verdict lists them and the site shows them.
REASONS = (
    "too_large",
    "wrong_format",
    "corrupt",
    "too_many_pixels",
    "too_dark",
    "blurred",
    "glare",
    "cropped",
    "obstructed",
    "photocopy",
    "too_small",
    "not_ktp",
    "nik_unreadable",
    "nik_mismatch",
    "no_face",
    "no_card",
)
# Shown to a reviewer; never a refusal by themselves.
ADVISORY = ("screen", "colour_copy", "old_region_code")


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a photo: a code of `REASONS` and its parameters (numbers or words)."""

    code: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What was found out about one photo.

    reasons  codes of `REASONS`, worst first; empty exactly when accepted
    details  parameters by code, whole numbers or words: {"too_dark": {"luma": 31, "limit": 50}}
    nik      the 16 digits read from the card, or None when none were read
    review   codes of `ADVISORY`
    millis   CPU milliseconds by stage
    clean    JPEG without metadata, for every photo that could be decoded, refused ones too: it is
             all a human reviewer may be shown. None when nothing was decoded.
    """

    accepted: bool
    reasons: tuple[str, ...] = ()
    details: dict[str, dict[str, Any]] = field(default_factory=dict)
    nik: str | None = None
    review: tuple[str, ...] = ()
    millis: dict[str, float] = field(default_factory=dict)
    clean: bytes | None = None

    def as_json(self) -> dict[str, Any]:
        """Everything but the picture, as JSON types."""
        fields = asdict(self)
        del fields["clean"]
        return {**fields, "reasons": list(self.reasons), "review": list(self.review)}


def verdict_from_json(fields: dict[str, Any], clean: bytes | None) -> Verdict:
    """The inverse of `as_json`, for an answer from the sandbox, which is not trusted.

    Raises ValueError, TypeError, KeyError or AttributeError for anything but a well-formed verdict.
    """
    reasons, review = tuple(fields["reasons"]), tuple(fields["review"])
    nik = fields["nik"]
    if not set(reasons) <= set(REASONS) or not set(review) <= set(ADVISORY):
        raise ValueError("unknown code")
    if fields["accepted"] is not (not reasons):
        raise ValueError("accepted and reasons contradict each other")
    if nik is not None and not is_nik(nik):
        raise ValueError("not a NIK")
    if not set(fields["details"]) <= set(reasons):
        raise ValueError("details of a reason that is not given")
    for details in fields["details"].values():
        if not all(type(value) in (int, str) for value in details.values()):
            raise ValueError("details are whole numbers or words")
    if not all(type(value) in (int, float) for value in fields["millis"].values()):
        raise ValueError("millis are numbers")
    if clean is not None and not clean.startswith(b"\xff\xd8\xff"):
        raise ValueError("the clean copy is a JPEG")
    if clean is None and not reasons:
        raise ValueError("an accepted photo has a clean copy")
    return Verdict(
        accepted=not reasons,
        reasons=reasons,
        details=fields["details"],
        nik=nik,
        review=review,
        millis=fields["millis"],
        clean=clean,
    )


def verdict_of(
    findings: list[Finding],
    *,
    millis: dict[str, float],
    nik: str | None = None,
    review: Sequence[str] = (),
    clean: bytes | None = None,
) -> Verdict:
    """The verdict that follows from what was found, its reasons in the order of `REASONS`."""
    ordered = sorted(findings, key=lambda finding: REASONS.index(finding.code))
    return Verdict(
        accepted=not ordered,
        reasons=tuple(finding.code for finding in ordered),
        details={finding.code: finding.details for finding in ordered if finding.details},
        nik=nik,
        review=tuple(review),
        millis=millis,
        clean=clean,
    )


def is_nik(text: object) -> bool:
    """Whether this is a NIK by its shape alone: a string of 16 ASCII digits."""
    return isinstance(text, str) and len(text) == 16 and text.isascii() and text.isdigit()
