"""What can be wrong with a photo: one small function a rule, over what was seen.

A check takes what is seen and the limits and returns a `Finding` or None. `on_frame`, `on_card`,
`on_print` and `on_selfie` say which are asked after which look, and what one finding makes moot.
"""

from collections.abc import Callable

import numpy as np

from functions.upload.photo import flat, measure, texture
from functions.upload.photo.decode import Picture
from functions.upload.photo.flat import Flat
from functions.upload.photo.limits import Limits
from functions.upload.photo.looking import Sight
from functions.upload.photo.verdict import Finding, Kind

Check = Callable[[Sight, Limits], Finding | None]


def too_dark(sight: Sight, limits: Limits) -> Finding | None:
    """Half of the card is dark and nothing in it is lit."""
    assert sight.card is not None
    return _dark(flat.luma_percentiles(sight.card, 50, limits.bright_percentile), limits)


def frame_dark(sight: Sight, limits: Limits) -> Finding | None:
    """Half of the frame is dark and nothing in it is lit."""
    return _dark(measure.luma_percentiles(sight.frame, 50, limits.bright_percentile), limits)


def frame_black(sight: Sight, limits: Limits) -> Finding | None:
    """So little light in the frame that nothing could be seen in it."""
    luma = measure.luma_percentiles(sight.frame, 50, limits.bright_percentile)
    return _dark(luma, limits) if luma[1] < limits.black_bright_luma else None


def _dark(luma: list[float], limits: Limits) -> Finding | None:
    median, bright = luma
    if median >= limits.dark_median_luma or bright >= limits.dark_bright_luma:
        return None
    return Finding("too_dark", {"luma": round(median), "limit": round(limits.dark_median_luma)})


def blurred(sight: Sight, limits: Limits) -> Finding | None:
    """The edges of the print are flatter than legible digits have them."""
    assert sight.card is not None
    steepness = flat.steepness(sight.card)
    if steepness >= limits.min_steepness:
        return None
    return Finding("blurred", _percent(steepness, limits.min_steepness))


def selfie_blurred(sight: Sight, limits: Limits) -> Finding | None:
    """The card is a smear, or something like a card is and all of the frame with it."""
    if sight.card is None:
        seen = sight.search.present >= limits.card_present
        return frame_blurred(sight, limits) if seen else None
    steepness = flat.steepness(sight.card)
    if steepness >= limits.min_selfie_steepness:
        return None
    return Finding("blurred", _percent(steepness, limits.min_selfie_steepness))


def frame_blurred(sight: Sight, limits: Limits) -> Finding | None:
    """Grossly out of focus everywhere in the frame."""
    sharpness = measure.sharpness(
        sight.frame, limits.sharpness_percentile, limits.sharpness_min_step
    )
    if sharpness >= limits.blurred_sharpness:
        return None
    return Finding("blurred", _percent(sharpness, limits.blurred_sharpness))


def glare(sight: Sight, limits: Limits) -> Finding | None:
    """A white spot in which nothing can be seen, over the print.

    Print that stays dark in it is no spot but a bright exposure, which can be read. Cells at its
    rim hold print of what lies beside it, and white between two lines of print has nothing else.
    """
    assert sight.card is not None
    spot = flat.largest_blob(_white(sight.card, limits) & sight.card.cells_in(flat.TEXT))
    core = flat.core(spot)
    if not core.any() or flat.inked(sight.card, core, limits.glare_ink_luma) > limits.max_glare_ink:
        return None
    return _covered(sight.card, "glare", spot, limits.max_glare_cells)


def _white(card: Flat, limits: Limits) -> np.ndarray:
    return flat.clipped(card, limits.glare_level) >= limits.glare_cell_part


def obstructed(sight: Sight, limits: Limits) -> Finding | None:
    """Something lies over the print that has not the colour of the card."""
    assert sight.card is not None
    other = flat.foreign(sight.card, limits.foreign_chroma, limits.foreign_darkness)
    covered = flat.largest_blob(other & sight.card.cells_in(flat.TEXT))
    return _covered(sight.card, "obstructed", covered, limits.max_foreign_cells)


def _covered(card: Flat, code: str, covered: np.ndarray, at_most: int) -> Finding | None:
    """The finding when these cells cover more print than that."""
    count = int(covered.sum())
    if count <= at_most:
        return None
    total = int(card.cells_in(flat.TEXT).sum())
    return Finding(code, {"percent": round(100 * count / total), "where": flat.zone_of(covered)})


def cropped(sight: Sight, limits: Limits) -> Finding | None:
    """The card runs out of the picture, over this side of it."""
    cut = sight.search.cut
    return Finding("cropped", {"side": cut[0], "sides": " ".join(cut)}) if cut else None


def photocopy(sight: Sight, limits: Limits) -> Finding | None:
    """No colour anywhere on the card; a KTP is blue, its portrait's ground red or blue."""
    assert sight.card is not None
    colour = flat.chroma(sight.card, limits.chroma_percentile)
    if colour >= limits.grey_chroma:
        return None
    return Finding("photocopy", _percent(colour, limits.grey_chroma))


def card_too_small(sight: Sight, limits: Limits) -> Finding | None:
    """The card has too few pixels of the original to be read."""
    assert sight.found is not None
    return _narrow(sight.found.width * sight.picture.scale, limits)


def too_far_away(sight: Sight, limits: Limits) -> Finding | None:
    """What looks like a card, though its corners cannot be told, is too small to be read."""
    return _narrow(sight.search.extent * sight.picture.scale, limits)


def _narrow(width: float, limits: Limits) -> Finding | None:
    if round(width) >= limits.min_card_width:
        return None
    return Finding("too_small", {"width": round(width), "min_width": limits.min_card_width})


def frame_too_small(sight: Sight, limits: Limits) -> Finding | None:
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


def _percent(found: float, limit: float) -> dict[str, int]:
    """Parameters are whole numbers: the tables hold no fractions."""
    return {"percent": round(100 * found), "limit_percent": round(100 * limit)}


def unreadable(sight: Sight, limits: Limits) -> Finding | None:
    """The number could not be read surely."""
    assert sight.reading is not None
    if sight.reading.nik is not None:
        return None
    return Finding("nik_unreadable", {"percent": round(100 * sight.reading.nik_confidence)})


def no_face(sight: Sight, limits: Limits) -> Finding | None:
    """No face beside the card, or none near enough."""
    factor = sight.picture.source_width / sight.frame.rgb.width
    heights = [(face.box[3] - face.box[1]) * factor for face in sight.faces]
    if any(height >= limits.min_face_height for height in heights):
        return None
    return Finding("no_face", {"height": round(max(heights))} if heights else {})


def no_card(sight: Sight, limits: Limits) -> Finding | None:
    """No card in the holder's hand."""
    return None if sight.found else Finding("no_card")


# What a blank picture lacks, when darkness is not why it is blank.
MISSING: dict[Kind, str] = {"ktp": "not_ktp", "selfie": "no_face"}


def on_frame(sight: Sight, kind: Kind, limits: Limits) -> list[Finding]:
    """What is wrong before anything in the picture is looked for.

    A blank picture gets one reason (too dark, or nothing in it): it has no sharpness and no colour
    to speak of, and saying so would send people the wrong way.
    """
    if measure.detail(sight.frame, limits.detail_percentile) < limits.blank_detail:
        median = measure.luma_percentiles(sight.frame, 50)[0]
        if median < limits.dark_median_luma:
            details = {"luma": round(median), "limit": round(limits.dark_median_luma)}
            return [Finding("too_dark", details)]
        return [Finding(MISSING[kind])]
    return _found((frame_too_small,), sight, limits) if kind == "ktp" else []


def without_card(sight: Sight, limits: Limits) -> list[Finding]:
    """Why no outline of a card was found, when the frame itself says so: something like a card is
    there, and too dark or smeared. A table may be dark or smooth without any."""
    if sight.search.present < limits.card_present:
        return _found((frame_black,), sight, limits)
    return _found((frame_dark,), sight, limits) or _found((frame_blurred,), sight, limits)


def without_any(sight: Sight, limits: Limits) -> list[Finding]:
    """What is wrong with a picture with neither an outline nor words of a card."""
    if sight.search.present < limits.card_present:
        return [Finding("not_ktp")]
    findings = _found((cropped,), sight, limits) or _found((too_far_away,), sight, limits)
    return findings or [Finding("not_ktp")]


def on_card(sight: Sight, limits: Limits) -> list[Finding]:
    """What keeps the print from being looked at: without light, all of it or pixels it cannot be
    sharp, and blurred print cannot be read."""
    findings = _found((too_dark, cropped, card_too_small), sight, limits)
    return findings or _found((blurred,), sight, limits)


def on_print(sight: Sight, nik: str | None, limits: Limits) -> list[Finding]:
    """What is wrong with a card that could be read if it is a KTP with nothing over it."""
    assert sight.reading is not None
    findings = _found((glare, obstructed, photocopy), sight, limits)
    is_ktp = sight.reading.nik is not None or sight.reading.heading >= limits.min_heading
    if not is_ktp and not _heading_hidden(sight, findings, limits):
        return [Finding("not_ktp")]
    if not findings:
        findings = _found((unreadable,), sight, limits)
    if nik is not None and sight.reading.nik not in (None, nik):
        findings.append(Finding("nik_mismatch", {"digits": differing(nik, sight.reading.nik)}))
    return findings


def on_selfie(sight: Sight, limits: Limits) -> list[Finding]:
    """What is wrong with a person and a card; it says neither who it is nor that they live."""
    findings = _found((frame_dark, selfie_too_small), sight, limits)
    if not findings:
        findings = _found((selfie_blurred,), sight, limits)
    return findings or _found((no_face, no_card), sight, limits)


def advice_on(sight: Sight, limits: Limits) -> list[str]:
    """Codes for a reviewer, never a refusal; of a card that was read."""
    if sight.card is None or sight.reading is None:
        return []
    advice = {
        "screen": texture.screen_waves(sight.card.rgb) > limits.screen_waves,
        "colour_copy": texture.printed_dots(sight.card.rgb) > limits.printed_dots,
        "old_region_code": sight.reading.old_region,
    }
    if advice["screen"]:
        advice["colour_copy"] = False  # a screen's pixels are dots too
    return [code for code, holds in advice.items() if holds]


def differing(one: str, other: str) -> int:
    """In how many places two numbers of the same length differ."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def _found(asked: tuple[Check, ...], sight: Sight, limits: Limits) -> list[Finding]:
    findings = (check(sight, limits) for check in asked)
    return [finding for finding in findings if finding is not None]


def _heading_hidden(sight: Sight, findings: list[Finding], limits: Limits) -> bool:
    """Whether what was found lies over the words by which a KTP is known."""
    if any(finding.details.get("where") in ("heading", "nik") for finding in findings):
        return True
    if all(finding.code != "glare" for finding in findings):
        return False
    assert sight.card is not None
    white = _white(sight.card, limits) & sight.card.cells_in((flat.HEADING, flat.NIK_ROW))
    return int(white.sum()) > limits.max_glare_cells
