"""A sheet of small pictures with what the finder drew on them, to look at.

`python -m local.finder.contact DIR TRIALS.jsonl --worst 12 --out sheet.jpg`
"""

import argparse
import json
from pathlib import Path

from PIL import Image, ImageDraw

from functions.upload.photo.finder import find_card
from local.finder.evaluate import known_of

CELL = (240, 180)
QUALITY = 72
TRUE_COLOUR, FOUND_COLOUR = (255, 210, 0), (255, 0, 80)


def drawn(path: Path, true: list[list[float]] | None) -> Image.Image:
    """One picture with the true outline (yellow) and the found one (red), reduced to a cell."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    search = find_card(picture)
    pen = ImageDraw.Draw(picture)
    if true is not None:
        pen.polygon([tuple(corner) for corner in true], outline=TRUE_COLOUR, width=3)
    if search.card is not None:
        corners = [tuple(corner) for corner in search.card.corners.tolist()]
        pen.polygon(corners, outline=FOUND_COLOUR, width=3)
        x, y = corners[0]
        pen.ellipse((x - 9, y - 9, x + 9, y + 9), fill=FOUND_COLOUR)
    picture.thumbnail(CELL)
    return picture


def sheet(pictures: list[Image.Image], columns: int = 4) -> Image.Image:
    """The pictures in rows, each in the middle of its cell."""
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * CELL[0], rows * CELL[1]), (40, 40, 40))
    for place, picture in enumerate(pictures):
        left = place % columns * CELL[0] + (CELL[0] - picture.width) // 2
        top = place // columns * CELL[1] + (CELL[1] - picture.height) // 2
        page.paste(picture, (left, top))
    return page


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="as `evaluate render` filled it")
    parser.add_argument("trials", type=Path, help="as `evaluate measure --trials` wrote it")
    parser.add_argument("--defect", action="append", help="only these; all when not given")
    parser.add_argument("--worst", type=int, help="the worst so many; else the first twelve")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    known = known_of(given.folder)
    trials = [json.loads(line) for line in given.trials.read_text().splitlines()]
    if given.defect:
        trials = [trial for trial in trials if trial["defect"] in given.defect]
    if given.worst:
        trials = [t for t in trials if t["has_corners"] and not t["true_cut"]]
        trials.sort(key=lambda trial: -(1.0 if trial["error"] is None else trial["error"]))
    names = [trial["name"] for trial in trials[: given.worst or 12]]
    pictures = [drawn(given.folder / name, known[name]["corners"]) for name in names]
    sheet(pictures).save(given.out, quality=QUALITY)


if __name__ == "__main__":
    main()
