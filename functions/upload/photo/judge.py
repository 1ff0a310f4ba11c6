"""The verdict on one photo, as a pure function of its bytes.

A KTP: decode → look at the frame → find the card → look at the card → read it → compare.
A selfie: decode → look at the frame → find a card → find faces.
Each stage adds to what is seen (`Sight`) and to what is wrong. A stage that could only say in other
words what an earlier one found is left out: in the dark everything is grey and unreadable.
Run on bytes from outside only through `sandbox`.
"""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PIL import Image

from functions.programme.photos import KINDS
from functions.upload.photo import checks, looking, models
from functions.upload.photo.checks import Sight
from functions.upload.photo.decode import Unreadable, decode, encode_clean
from functions.upload.photo.limits import LIMITS, Limits
from functions.upload.photo.verdict import Finding, Kind, Verdict, is_nik, verdict_of


class Stopwatch:
    """CPU milliseconds by stage, in the order of the stages."""

    def __init__(self, cpu_seconds: Callable[[], float]) -> None:
        self._cpu_seconds = cpu_seconds
        self.millis: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what runs inside as this stage; a stage may have several parts."""
        started = self._cpu_seconds()
        try:
            yield
        finally:
            spent = 1000 * (self._cpu_seconds() - started)
            self.millis[name] = round(self.millis.get(name, 0.0) + spent, 1)


def judge(
    data: bytes,
    kind: Kind,
    nik: str | None = None,
    *,
    limits: Limits = LIMITS,
    cpu_seconds: Callable[[], float] = time.process_time,
) -> Verdict:
    """Accept or refuse a photo; every byte string has a verdict.

    nik is what the applicant typed, when the caller may know it; else the caller compares it with
    the verdict's own `nik`.

    Raises ValueError only for a caller's mistake: an unknown kind, a nik that is not 16 digits.
    """
    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}")
    if nik is not None and not is_nik(nik):
        raise ValueError("a NIK has 16 digits")
    if len(data) > limits.max_bytes:
        return verdict_of([Finding("too_large", {"limit": limits.max_bytes})], millis={})
    clock = Stopwatch(cpu_seconds)
    try:
        with clock.stage("decode"):
            picture = decode(data, limits)
    except Unreadable as unreadable:
        return verdict_of([unreadable.finding], millis=clock.millis)
    with clock.stage("frame"):
        sight = looking.at_frame(picture)
        findings = checks.on_frame(sight, kind, limits)
    if not findings:
        if kind == "ktp":
            sight, findings = _ktp(sight, data, nik, limits, clock)
        else:
            sight, findings = _selfie(sight, data, limits, clock)
    with clock.stage("texture"):
        advice = checks.advice_on(sight, limits)
    with clock.stage("clean"):
        clean = encode_clean(picture, limits)
    return verdict_of(
        findings,
        nik=sight.reading.nik if sight.reading else None,
        review=advice,
        millis=clock.millis,
        clean=clean,
    )


def _ktp(
    sight: Sight, data: bytes, nik: str | None, limits: Limits, clock: Stopwatch
) -> tuple[Sight, list[Finding]]:
    with clock.stage("find"):
        sight = looking.for_card(sight)
    if sight.found is None:
        findings = checks.without_card(sight, limits)
        if findings:
            return sight, findings
        with clock.stage("anchors"):
            sight = looking.for_text(sight)
        if sight.found is None:
            return sight, checks.without_any(sight, limits)
    with clock.stage("card"):
        sight = looking.at_card(sight, data, limits)
        findings = checks.on_card(sight, limits)
    if findings:
        return sight, findings
    with clock.stage("read"):
        sight = looking.at_print(sight)
    with clock.stage("surface"):
        return sight, checks.on_print(sight, nik, limits)


def _selfie(
    sight: Sight, data: bytes, limits: Limits, clock: Stopwatch
) -> tuple[Sight, list[Finding]]:
    with clock.stage("find"):
        sight = looking.for_card(sight)
    with clock.stage("card"):
        if sight.found:
            sight = looking.at_card(sight, data, limits)
    with clock.stage("faces"):
        sight = looking.for_faces(sight)
    return sight, checks.on_selfie(sight, limits)


def warm_up() -> None:
    """Load the models, and judge a picture drawn here, of each format and kind, so that what Pillow
    and numpy load at first use is loaded before processes are forked for photos."""
    for model in (*models.CARRIERS, *models.OURS):
        models.session(model)
    picture = Image.linear_gradient("L").resize((640, 480)).convert("RGB")
    for form in ("JPEG", "PNG"):
        buffer = io.BytesIO()
        picture.save(buffer, form)
        judge(buffer.getvalue(), "ktp")
        judge(buffer.getvalue(), "selfie")
    looking.warm_up()
