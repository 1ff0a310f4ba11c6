"""The verdict on one photo, as a pure function of its bytes.

Stages, each after the one before it has passed: size, format and header, decoding, the picture's
checks, the clean copy. Run on bytes from outside only through `sandbox`.
"""

import io
import time
from collections.abc import Callable

from PIL import Image

from functions.programme.photos import KINDS
from functions.upload.photo.checks import findings_on
from functions.upload.photo.decode import Unreadable, decode, encode_clean
from functions.upload.photo.limits import LIMITS, Limits
from functions.upload.photo.verdict import Finding, Kind, Verdict, is_nik, verdict_of


def judge(
    data: bytes,
    kind: Kind,
    nik: str | None = None,
    *,
    limits: Limits = LIMITS,
    cpu_seconds: Callable[[], float] = time.process_time,
) -> Verdict:
    """Accept or refuse a photo; every byte string has a verdict.

    nik is what the applicant typed. No digits are read from the picture, so the verdict's own
    `nik` is None and is never compared with it.

    Raises ValueError only for a caller's mistake: an unknown kind, a nik that is not 16 digits.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    if nik is not None and not is_nik(nik):
        raise ValueError("a NIK has 16 digits")
    if len(data) > limits.max_bytes:
        return verdict_of([Finding("too_large", {"limit": limits.max_bytes})], millis={})

    marks = [cpu_seconds()]
    try:
        picture = decode(data, limits)
    except Unreadable as unreadable:
        marks.append(cpu_seconds())
        return verdict_of([unreadable.finding], millis=_millis(("decode",), marks))
    marks.append(cpu_seconds())
    findings = findings_on(picture, kind, limits)
    marks.append(cpu_seconds())
    clean = encode_clean(picture, limits)
    marks.append(cpu_seconds())
    return verdict_of(findings, millis=_millis(("decode", "checks", "clean"), marks), clean=clean)


def warm_up() -> None:
    """Judge a picture drawn here, of each format, so that what Pillow and numpy load at first use
    is loaded before processes are forked for photos: 60 ms of CPU for each of them."""
    picture = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    for form in ("JPEG", "PNG"):
        buffer = io.BytesIO()
        picture.save(buffer, form)
        judge(buffer.getvalue(), "ktp")


def _millis(stages: tuple[str, ...], marks: list[float]) -> dict[str, float]:
    spans = zip(stages, marks, marks[1:], strict=False)
    return {stage: round(1000 * (after - before), 1) for stage, before, after in spans}
