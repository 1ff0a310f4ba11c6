"""What can be wrong with a picture that was decoded: one small function a rule.

A check takes what is seen and the limits and returns a `Finding` or None. These judge the frame:
they say what is surely wrong with any photo, not that a KTP or a face is in it. A check of the card
itself has the same shape: the card, found once, is one more field of `Sight`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from functions.upload.photo import measure
from functions.upload.photo.decode import Picture
from functions.upload.photo.limits import Limits
from functions.upload.photo.verdict import Finding, Kind


@dataclass(frozen=True)
class Sight:
    """What the checks of one photo look at: the decoded picture and its measured frame."""

    picture: Picture
    frame: measure.View


Check = Callable[[Sight, Limits], Finding | None]


def too_dark(sight: Sight, limits: Limits) -> Finding | None:
    """Half of the frame is dark and nothing in it is lit."""
    median, bright = measure.luma_percentiles(sight.frame, 50, limits.bright_percentile)
    if median >= limits.dark_median_luma or bright >= limits.dark_bright_luma:
        return None
    return Finding("too_dark", {"luma": round(median), "limit": round(limits.dark_median_luma)})


def blurred(sight: Sight, limits: Limits) -> Finding | None:
    """Grossly out of focus everywhere in the frame."""
    sharpness = measure.sharpness(
        sight.frame, limits.sharpness_percentile, limits.sharpness_min_step
    )
    if sharpness >= limits.blurred_sharpness:
        return None
    return Finding("blurred", _percent(sharpness, limits.blurred_sharpness))


def photocopy(sight: Sight, limits: Limits) -> Finding | None:
    """No colour anywhere in the frame; a KTP is blue."""
    chroma = measure.chroma(sight.frame, limits.chroma_percentile)
    if chroma >= limits.grey_chroma:
        return None
    return Finding("photocopy", _percent(chroma, limits.grey_chroma))


def _percent(found: float, limit: float) -> dict[str, int]:
    """Parameters are whole numbers: the tables hold no fractions."""
    return {"percent": round(100 * found), "limit_percent": round(100 * limit)}


def ktp_too_small(sight: Sight, limits: Limits) -> Finding | None:
    """The frame cannot hold a legible card."""
    return _too_small(sight.picture, limits.min_ktp_sides)


def selfie_too_small(sight: Sight, limits: Limits) -> Finding | None:
    """The frame cannot hold a recognisable face and a card."""
    return _too_small(sight.picture, limits.min_selfie_sides)


def _too_small(picture: Picture, min_sides: tuple[int, int]) -> Finding | None:
    longer, shorter = min_sides
    sides = sorted((picture.source_width, picture.source_height))
    if sides[1] >= longer and sides[0] >= shorter:
        return None
    size = {"width": picture.source_width, "height": picture.source_height}
    return Finding("too_small", {**size, "min_longer": longer, "min_shorter": shorter})


CHECKS: dict[Kind, tuple[Check, ...]] = {
    "ktp": (too_dark, blurred, photocopy, ktp_too_small),
    "selfie": (too_dark, blurred, selfie_too_small),
}
# In the dark every edge is faint and every colour grey: these would give a second, wrong advice.
NEED_LIGHT: tuple[Check, ...] = (blurred, photocopy)
# What a blank picture lacks, when darkness is not why it is blank.
MISSING: dict[Kind, str] = {"ktp": "not_ktp", "selfie": "no_face"}


def findings_on(picture: Picture, kind: Kind, limits: Limits) -> list[Finding]:
    """Everything wrong with the picture, in the order of `CHECKS`.

    A blank picture gets one reason (too dark, or nothing in it): it has no sharpness and no colour
    to speak of, and saying so would send people the wrong way.
    """
    sight = Sight(picture, measure.view_of(picture.rgb))
    if measure.detail(sight.frame, limits.detail_percentile) < limits.blank_detail:
        median = measure.luma_percentiles(sight.frame, 50)[0]
        if median < limits.dark_median_luma:
            details = {"luma": round(median), "limit": round(limits.dark_median_luma)}
            return [Finding("too_dark", details)]
        return [Finding(MISSING[kind])]
    findings: list[Finding] = []
    for check in CHECKS[kind]:
        dark = any(finding.code == "too_dark" for finding in findings)
        finding = None if dark and check in NEED_LIGHT else check(sight, limits)
        if finding is not None:
            findings.append(finding)
    return findings
