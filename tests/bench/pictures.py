"""Sheets of photos of the bench: one of each kind judged rightly, and those judged wrongly."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from local.cards.photos import shoot
from local.cards.selfies import shoot_selfie
from local.cards.worlds import UNSEEN
from tests.bench.photos import KTP, SELFIE, SIZES, Outcome

CELL, LINE, COLUMNS = (240, 180), 30, 5
PAPER, INK, WRONG = (250, 250, 248), (30, 30, 30), (176, 0, 32)
QUALITY = 72


def right(one: Outcome) -> bool:
    """Whether the first reason is what was shown, or a good photo was accepted."""
    expected = (KTP if one.kind == "ktp" else SELFIE)[one.shown]
    return one.first == (expected or "accepted")


def hits(outcomes: list[Outcome]) -> list[Outcome]:
    """The first photo of each kind that was judged rightly."""
    first: dict[tuple[str, str], Outcome] = {}
    for one in outcomes:
        if right(one):
            first.setdefault((one.kind, one.shown), one)
    return list(first.values())


def misses(outcomes: list[Outcome], most: int) -> list[Outcome]:
    """Photos that were judged wrongly, taking turns among what was shown, `most` at the most."""
    left: dict[str, list[Outcome]] = {}
    for one in outcomes:
        if not right(one):
            left.setdefault(f"{one.kind} {one.shown}", []).append(one)
    taken: list[Outcome] = []
    while len(taken) < most and any(left.values()):
        taken += [those.pop(0) for those in left.values() if those]
    return taken[:most]


def sheet(outcomes: list[Outcome]) -> Image.Image:
    """The photos, shot once more from their seeds, each with what it shows and what was said."""
    rows = -(-len(outcomes) // COLUMNS)
    page = Image.new("RGB", (COLUMNS * CELL[0], rows * (CELL[1] + LINE)), PAPER)
    pen, letters = ImageDraw.Draw(page), ImageFont.load_default(13)
    for place, one in enumerate(outcomes):
        left, top = place % COLUMNS * CELL[0], place // COLUMNS * (CELL[1] + LINE)
        shoots = shoot if one.kind == "ktp" else shoot_selfie
        picture = shoots(one.seed, UNSEEN, one.shown, SIZES[one.seed % len(SIZES)]).picture
        picture.thumbnail((CELL[0] - 6, CELL[1] - 6))
        page.paste(picture, (left + (CELL[0] - picture.width) // 2, top + 3))
        told = f"{one.shown}: {one.first}"
        pen.text((left + 6, top + CELL[1] + 4), told, INK if right(one) else WRONG, letters)
    return page


def save(folder: Path, outcomes: list[Outcome], most: int = 20) -> None:
    """`photo-check-hits.jpg` and, when there are any, `photo-check-misses.jpg`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, chosen in (("hits", hits(outcomes)), ("misses", misses(outcomes, most))):
        if chosen:
            sheet(chosen).save(folder / f"photo-check-{name}.jpg", quality=QUALITY)
