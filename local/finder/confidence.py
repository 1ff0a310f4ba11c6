"""How far to trust the finder: a logistic curve from agreement to being right.

`python -m local.finder.confidence DIR` looks at every whole card and every picture without one of a
folder that `evaluate render` filled, and prints slope and level for `finder.CONFIDENCE`.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from functions.upload.photo.finder import NEARER_LOOKS, drawn_lines, enlarged, look_at
from local.finder.evaluate import compared, known_of

RIGHT = 0.05  # of the card's width
STEPS = 60


def looks_of(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """(n,) logarithm of what mask and lines do not share, and (n,) whether the lines are right."""
    apart, right = [], []
    for name, known in known_of(folder).items():
        if known["cut"]:
            continue
        with Image.open(folder / name) as opened:
            picture = opened.convert("RGB")
        look = look_at(picture, (0.0, 0.0, float(picture.width), float(picture.height)))
        for _ in range(NEARER_LOOKS):
            box = enlarged(look, picture.size)
            if box is None:
                break
            look = look_at(picture, box)
            found, corners = drawn_lines(look)
            if found is None or corners is None:
                continue
            true = known["corners"]
            near = true is not None and compared(corners, np.array(true))[0] <= RIGHT
            apart.append(np.log(max(1 - found.agreement, 1e-3)))
            right.append(near)
    return np.array(apart), np.array(right, np.float64)


def fitted(apart: np.ndarray, right: np.ndarray) -> tuple[float, float]:
    """Slope and level of the likeliest logistic curve, by Newton's method."""
    inputs = np.stack((apart, np.ones_like(apart)), 1)
    numbers = np.zeros(2)
    for _ in range(STEPS):
        says = 1 / (1 + np.exp(inputs @ numbers))
        bend = (inputs * (says * (1 - says))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        numbers = numbers - np.linalg.solve(bend, inputs.T @ (right - says))
    return float(numbers[0]), float(numbers[1])


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(arguments)
    apart, right = looks_of(given.folder)
    slope, level = fitted(apart, right)
    told = {"slope": slope, "level": level, "looks": len(right), "right": float(right.mean())}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
