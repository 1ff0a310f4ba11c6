"""Photos the checks have never seen, against the targets they were built for.

Every photo is rendered from the world UNSEEN: other fonts, layouts, backgrounds and light than the
card finder was trained on and the limits were set on. All of it is synthetic; docs/photo-check.md
says what that means.
"""

import math
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from statistics import median, quantiles

from functions.upload.photo.decode import decode
from functions.upload.photo.judge import judge, warm_up
from functions.upload.photo.limits import LIMITS
from functions.upload.photo.sandbox import Sandbox
from functions.upload.photo.verdict import Kind
from local.cards.encoding import encode
from local.cards.photos import Shot, shoot
from local.cards.selfies import shoot_selfie
from local.cards.worlds import UNSEEN

# What is shot → the reason that is to come first; None: accepted.
KTP = {
    "good": None,
    "worn": None,
    "dark": "too_dark",
    "blurred": "blurred",
    "cropped": "cropped",
    "grey_copy": "photocopy",
    "too_small": "too_small",
    "not_ktp": "not_ktp",
    "no_card": "not_ktp",
    "blank": "not_ktp",
    "glare": "glare",
    "obstructed": "obstructed",
}
SELFIE = {
    "good": None,
    "dark": "too_dark",
    "blurred": "blurred",
    "no_face": "no_face",
    "no_card": "no_card",
}
# Shares that are allowed: good ones refused, defects accepted (and of the vaguer two).
MAX_REFUSED, MAX_ACCEPTED, MAX_VAGUE_ACCEPTED = 0.01, 0.02, 0.05
VAGUE = ("glare", "obstructed")
MIN_RIGHT_REASON, MIN_NIK_EXACT, MAX_NIK_WRONG = 0.95, 0.99, 0.001
MAX_MEMORY_MB = 300
CHEAP_MS, CHEAP_TIMES_DECODING, READ_P50_MS, READ_P95_MS = 60, 2.5, 200, 2000
CHEAP = ("decode", "frame", "find", "card", "surface")
FIRST_SEED = 1_000_000
# What phones make: sizes after the site has shrunk them, either way up, in every form of file.
SIZES = ((1600, 1200), (1200, 1600), (2048, 1152), (1536, 2048), (1280, 960))
FORMS = ("jpeg", "exif 6", "jpeg", "progressive", "jpeg 4:4:4", "exif 3", "mpo", "png", "cmyk")


@dataclass(frozen=True)
class Outcome:
    """One photo and what was said of it.

    nik       right, wrong or none
    decoding  CPU milliseconds of decoding alone
    """

    kind: Kind
    shown: str
    seed: int
    reasons: tuple[str, ...]
    nik: str
    millis: dict[str, float]
    decoding: float

    @property
    def first(self) -> str:
        """The first reason, or "accepted"."""
        return self.reasons[0] if self.reasons else "accepted"


@dataclass(frozen=True)
class Share:
    """k of n, with its 95 % confidence interval (Wilson)."""

    k: int
    n: int

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.k}/{self.n} = {self.value:.1%} ({low:.1%} to {high:.1%})"

    @property
    def value(self) -> float:
        """k / n."""
        return self.k / self.n if self.n else 0.0

    def interval(self) -> tuple[float, float]:
        """Wilson's score interval: right for shares near nought and one, where targets are."""
        if not self.n:
            return 0.0, 1.0
        z = 1.959964
        middle = (self.value + z * z / (2 * self.n)) / (1 + z * z / self.n)
        spread = math.sqrt(self.value * (1 - self.value) / self.n + (z / (2 * self.n)) ** 2)
        reach = z * spread / (1 + z * z / self.n)
        return max(0.0, middle - reach), min(1.0, middle + reach)


def large_outcomes(count: int) -> list[Outcome]:
    """The outcomes of 12 MP photos, one after the other on one core, for their times."""
    warm_up()
    return [large_outcome(FIRST_SEED + number) for number in range(count)]


def peak_memory(count: int) -> int:
    """KiB that the process of a 12 MP photo holds at most, what it was forked with included."""
    peaks = []
    with Sandbox() as sandbox:
        for seed in range(FIRST_SEED, FIRST_SEED + count):
            shot = shoot(seed, UNSEEN, "good", (4000, 3000))
            sandbox.judge(encode(shot.picture, "jpeg"), "ktp")
            peaks.append(sandbox.peak_kib)
    return max(peaks)


def outcomes(kind: Kind, shown: str, count: int) -> list[Outcome]:
    """The outcomes of `count` photos that show this, over all cores."""
    with ProcessPoolExecutor(initializer=warm_up) as pool:
        seeds = range(FIRST_SEED, FIRST_SEED + count)
        return list(pool.map(outcome, repeat(kind), repeat(shown), seeds, chunksize=10))


def outcome(kind: Kind, shown: str, seed: int) -> Outcome:
    """Shoot one photo as a phone would send it, and judge it."""
    size = SIZES[seed % len(SIZES)]
    shoots = shoot if kind == "ktp" else shoot_selfie
    shot = shoots(seed, UNSEEN, shown, size)
    return judged(kind, shot, seed, encode(shot.picture, FORMS[seed % len(FORMS)]))


def large_outcome(seed: int) -> Outcome:
    """A good KTP photo of 12 million pixels and near 2 MB, as phones take them."""
    shot = shoot(seed, UNSEEN, "good", (4000, 3000))
    return judged("ktp", shot, seed, encode(shot.picture, "jpeg"))


def judged(kind: Kind, shot: Shot, seed: int, data: bytes) -> Outcome:
    """What the checks say of these bytes, against the truth about them."""
    verdict = judge(data, kind)
    nik = "none" if verdict.nik is None else "wrong"
    if shot.person is not None and verdict.nik == shot.person.nik:
        nik = "right"
    decoding = decoding_alone(data)
    return Outcome(kind, shot.defect, seed, verdict.reasons, nik, verdict.millis, decoding)


def decoding_alone(data: bytes) -> float:
    """CPU milliseconds of nothing but decoding, at the scale that the checks decode at."""
    started = time.process_time()
    decode(data, LIMITS)
    return 1000 * (time.process_time() - started)


@dataclass(frozen=True)
class Target:
    """One line of the table: what is measured, the bound, and whether it is kept."""

    name: str
    measured: str
    bound: str
    kept: bool


def targets(ktp: list[Outcome], selfies: list[Outcome]) -> list[Target]:
    """The table of targets, from all outcomes."""
    bad = [one for one in ktp if KTP[one.shown] is not None and one.reasons]
    right = Share(sum(one.first == KTP[one.shown] for one in bad), len(bad))
    accepted = [one for one in ktp if KTP[one.shown] is None and not one.reasons]
    exact = Share(sum(one.nik == "right" for one in accepted), len(accepted))
    read = [one for one in ktp if one.nik != "none"]
    wrong = Share(sum(one.nik == "wrong" for one in read), len(read))
    return [
        *errors("ktp", KTP, ktp),
        at_least("the right reason first", right, MIN_RIGHT_REASON),
        at_least("NIK read exactly on accepted photos", exact, MIN_NIK_EXACT),
        at_most("NIK read surely and wrongly", wrong, MAX_NIK_WRONG),
        *errors("selfie", SELFIE, selfies),
    ]


def errors(kind: Kind, expected: dict[str, str | None], outcomes: list[Outcome]) -> list[Target]:
    """Good photos refused, and each defect accepted."""
    good = [one for one in outcomes if expected[one.shown] is None]
    refused = Share(sum(bool(one.reasons) for one in good), len(good))
    rows = [at_most(f"{kind}: good refused", refused, MAX_REFUSED)]
    for shown in (shown for shown, reason in expected.items() if reason is not None):
        those = [one for one in outcomes if one.shown == shown]
        accepted = Share(sum(not one.reasons for one in those), len(those))
        bound = MAX_VAGUE_ACCEPTED if shown in VAGUE else MAX_ACCEPTED
        rows.append(at_most(f"{kind}: {shown} accepted", accepted, bound))
    return rows


def at_most(name: str, share: Share, bound: float) -> Target:
    """A share that may not be larger."""
    return Target(name, str(share), f"at most {bound:.1%}", share.value <= bound)


def at_least(name: str, share: Share, bound: float) -> Target:
    """A share that may not be smaller."""
    return Target(name, str(share), f"at least {bound:.1%}", share.value >= bound)


def first_reasons(outcomes: list[Outcome]) -> list[tuple[str, int]]:
    """How often each first reason came, the most frequent first: a row of the confusion matrix."""
    return Counter(one.first for one in outcomes).most_common()


def speed(outcomes: list[Outcome]) -> list[Target]:
    """CPU time of good 12 MP photos: stages, sums, and against decoding alone."""
    cheap = [sum(one.millis.get(stage, 0.0) for stage in CHEAP) for one in outcomes]
    whole = [sum(one.millis.values()) for one in outcomes]
    decoding = median([one.decoding for one in outcomes])
    ratio = median(cheap) / decoding
    return [
        Target("cheap checks, 12 MP, p50", f"{median(cheap):.0f} ms", f"at most {CHEAP_MS} ms",
               median(cheap) <= CHEAP_MS),
        Target("cheap checks against decoding", f"{ratio:.2f} x {decoding:.0f} ms",
               f"at most {CHEAP_TIMES_DECODING} x", ratio <= CHEAP_TIMES_DECODING),
        Target("with NIK reading, p50", f"{median(whole):.0f} ms", f"at most {READ_P50_MS} ms",
               median(whole) <= READ_P50_MS),
        Target("with NIK reading, p95", f"{quantiles(whole, n=20)[-1]:.0f} ms",
               f"at most {READ_P95_MS} ms", quantiles(whole, n=20)[-1] <= READ_P95_MS),
    ]  # fmt: skip


def memory(peak_kib: int) -> Target:
    """What one 12 MP photo takes."""
    measured = f"{peak_kib / 1024:.0f} MB"
    return Target(
        "memory, 12 MP", measured, f"at most {MAX_MEMORY_MB} MB", peak_kib <= 1024 * MAX_MEMORY_MB
    )


def by_stage(outcomes: list[Outcome]) -> dict[str, float]:
    """Median CPU milliseconds of each stage."""
    stages = dict.fromkeys(stage for one in outcomes for stage in one.millis)
    return {stage: median([one.millis.get(stage, 0.0) for one in outcomes]) for stage in stages}
