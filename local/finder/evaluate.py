"""Measure the deployed finder on photographs with known corners.

`python -m local.finder.evaluate render DIR` takes them in the world that was not trained on, then
`python -m local.finder.evaluate measure DIR` prints one JSON object: counts, shares, intervals.
"""

import argparse
import json
import math
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from functions.upload.photo.card import Card
from functions.upload.photo.finder import find_card
from local.cards.photos import shoot
from local.cards.worlds import WORLDS, World

LONGEST = 1024  # what the checks hand to the finder
# Photos in which the card lies whole and can be seen; the share that is promised is theirs.
PROMISED = ("good", "worn", "glare", "obstructed")
WITHOUT = ("no_card", "blank")
# What is photographed for a trial, out of 66.
TRIED = {
    "good": 8,
    "worn": 5,
    "glare": 5,
    "obstructed": 7,
    "dark": 2,
    "blurred": 2,
    "cropped": 7,
    "too_small": 4,
    "grey_copy": 1,
    "colour_copy": 1,
    "screen": 1,
    "not_ktp": 3,
    "no_card": 19,
    "blank": 1,
}
FRAMES = ((800, 600), (600, 800), (800, 600), (832, 468), (800, 534))


@dataclass(frozen=True)
class Trial:
    """One photograph, what is true of it and what the finder said.

    error  worst distance of a corner, in widths of the card, whichever corner is named first; None
           when there is nothing to compare
    turn   how many quarter turns the first corner is off, clockwise; None likewise
    """

    name: str
    defect: str
    true_cut: tuple[str, ...]
    has_corners: bool
    found: bool
    confidence: float
    present: float
    cut: tuple[str, ...]
    error: float | None
    turn: int | None
    millis: float


def trial_of(name: str, picture: Image.Image, known: dict) -> Trial:
    """Look for the card in one picture, reduced as the checks reduce it."""
    scale = min(1.0, LONGEST / max(picture.size))
    small = picture
    if scale < 1:
        small = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)),
            Image.Resampling.BILINEAR,
            reducing_gap=2.0,
        )
    began = time.process_time()
    search = find_card(small)
    millis = 1000 * (time.process_time() - began)
    error, turn = None, None
    if search.card is not None and known["corners"] is not None:
        factor = np.array(picture.size) / small.size
        corners = (search.card.corners + 0.5) * factor - 0.5
        error, turn = compared(corners, np.array(known["corners"]))
    return Trial(
        name=name,
        defect=known["defect"],
        true_cut=tuple(known["cut"]),
        has_corners=known["corners"] is not None,
        found=search.card is not None,
        confidence=search.card.confidence if search.card else 0.0,
        present=search.present,
        cut=search.cut,
        error=error,
        turn=turn,
        millis=millis,
    )


def compared(found: np.ndarray, true: np.ndarray) -> tuple[float, int]:
    """Worst corner in card widths and quarter turns off, for the turn that fits best."""
    width = Card(true, 1.0).width
    errors = [
        float(np.linalg.norm(np.roll(found, turn, axis=0) - true, axis=1).max() / width)
        for turn in range(4)
    ]
    turn = int(np.argmin(errors))
    return errors[turn], turn


def share(hits: int, of: int) -> dict[str, float | int | list[float]]:
    """A proportion with its 95 % Wilson interval, in percent."""
    if of == 0:
        return {"hits": 0, "of": 0}
    z, p = 1.96, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    interval = [round(100 * low, 1), round(100 * high, 1)]
    return {"hits": hits, "of": of, "percent": round(100 * p, 1), "interval": interval}


def summary(trials: list[Trial]) -> dict:
    """The figures of docs/card-finder.md."""

    def within(chosen: list[Trial], limit: float) -> dict:
        hits = sum(trial.error is not None and trial.error <= limit for trial in chosen)
        return share(hits, len(chosen))

    whole = [t for t in trials if t.has_corners and not t.true_cut]
    promised = [t for t in whole if t.defect in PROMISED]
    cut = [t for t in trials if t.true_cut]
    without = [t for t in trials if t.defect in WITHOUT]
    placed = [t for t in whole if t.error is not None and t.error <= 0.05]
    by_defect = {}
    for defect in sorted({t.defect for t in whole}):
        chosen = [t for t in whole if t.defect == defect]
        wrong = sum(t.error is not None and t.error > 0.1 for t in chosen)
        by_defect[defect] = {
            "within_3": within(chosen, 0.03),
            "within_5": within(chosen, 0.05),
            "not_found": sum(not t.found for t in chosen),
            "elsewhere": wrong,
        }
    return {
        "promised_within_3": within(promised, 0.03),
        "promised_within_5": within(promised, 0.05),
        "by_defect": by_defect,
        "cut_named": share(sum(bool(set(t.cut) & set(t.true_cut)) for t in cut), len(cut)),
        "cut_all_right": share(sum(set(t.cut) == set(t.true_cut) for t in cut), len(cut)),
        "cut_false": share(sum(bool(t.cut) for t in whole), len(whole)),
        "false_cards": share(sum(t.found for t in without), len(without)),
        "turn_right": share(sum(t.turn == 0 for t in placed), len(placed)),
        "axis_right": share(sum(t.turn in (0, 2) for t in placed), len(placed)),
        "millis_median": round(float(np.median([t.millis for t in trials])), 1),
        "millis_p95": round(float(np.percentile([t.millis for t in trials], 95)), 1),
        "counts": dict(Counter(t.defect for t in trials)),
    }


def render(folder: Path, world: World, first: int, count: int) -> None:
    """JPEG photographs and `known-FIRST.json`: for each its defect, corners and cut sides."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [word for word, times in TRIED.items() for _ in range(times)]
    order = np.random.default_rng(first).permutation(len(words))
    known = {}
    for seed in range(first, first + count):
        defect = words[order[seed % len(words)]]
        shot = shoot(seed, world, defect, FRAMES[seed % len(FRAMES)])
        shot.picture.save(folder / f"{seed}.jpg", quality=92)
        corners = None if shot.corners is None else shot.corners.tolist()
        known[f"{seed}.jpg"] = {"defect": defect, "corners": corners, "cut": shot.cut}
    (folder / f"known-{first}.json").write_text(json.dumps(known))


def known_of(folder: Path) -> dict[str, dict]:
    """By file name what is true of each photograph of a folder that `render` filled, in order."""
    known: dict[str, dict] = {}
    for path in sorted(folder.glob("known-*.json")):
        known |= json.loads(path.read_text())
    return dict(sorted(known.items()))


def measured(folder: Path) -> list[Trial]:
    """A trial of each photograph of a folder that `render` filled, in order."""
    trials = []
    for name, known in known_of(folder).items():
        with Image.open(folder / name) as picture:
            trials.append(trial_of(name, picture.convert("RGB"), known))
    return trials


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    tasks = parser.add_subparsers(dest="task", required=True)
    rendering = tasks.add_parser("render")
    rendering.add_argument("folder", type=Path)
    rendering.add_argument("--world", choices=sorted(WORLDS), default="unseen")
    rendering.add_argument("--first", type=int, default=910_000, help="first seed")
    rendering.add_argument("--count", type=int, default=1122)
    measuring = tasks.add_parser("measure")
    measuring.add_argument("folder", type=Path)
    measuring.add_argument("--trials", type=Path, help="write each trial there, as JSON lines")
    given = parser.parse_args(arguments)
    if given.task == "render":
        render(given.folder, WORLDS[given.world], given.first, given.count)
        return
    trials = measured(given.folder)
    if given.trials:
        given.trials.write_text("".join(json.dumps(asdict(trial)) + "\n" for trial in trials))
    sys.stdout.write(json.dumps(summary(trials), indent=1) + "\n")


if __name__ == "__main__":
    main()
