"""Photographed cards on disk, as small as the network sees them.

`python -m local.finder.dataset --world training --count 1000 --first 0 --out DIR` writes one shard;
a folder may hold several, made by several processes from different first seeds.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from local.cards.photos import Shot, shoot
from local.cards.worlds import WORLDS, World

# A seventh wider than what the network sees, so that turned and cut-out views stay sharp.
STORED_SIZE = (288, 224)
# What is photographed, by share.
SHARES = {
    "good": 0.11,
    "worn": 0.05,
    "glare": 0.15,
    "obstructed": 0.12,
    "dark": 0.02,
    "blurred": 0.04,
    "cropped": 0.11,
    "too_small": 0.06,
    "grey_copy": 0.09,
    "colour_copy": 0.05,
    "screen": 0.04,
    "not_ktp": 0.13,
    "no_card": 0.14,
    "blank": 0.01,
}
# Longer and shorter side: 4:3 as most phones, 3:2, 16:9 and square.
FRAMES = ((384, 288), (384, 288), (384, 288), (384, 256), (400, 225), (320, 320))
UPRIGHT = 0.35
# Whose card may be laid into another picture, and how large, in parts of the frame, it must be.
LENT = ("good", "worn", "glare")
LENT_WIDTH = 0.35


@dataclass(frozen=True)
class Stored:
    """Pictures and what is known of them, one row each.

    pixels   (n, 224, 288, 3) uint8; a portrait is stored turned a quarter anticlockwise
    corners  (n, 4, 2) float32, in parts of the frame; without a card a quad far outside
    present  whether there is a card; cut: whether it runs out of the frame
    lenders  rows whose card lies free, large and whole, fit to be laid into other pictures
    """

    pixels: "Shards"
    corners: np.ndarray
    present: np.ndarray
    cut: np.ndarray
    lenders: np.ndarray


class Shards:
    """Arrays read from disk one after another, indexed as one."""

    def __init__(self, parts: list[np.ndarray]) -> None:
        self._parts = parts
        self._ends = np.cumsum([len(part) for part in parts])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        shard = np.searchsorted(self._ends, rows, side="right")
        starts = np.concatenate(([0], self._ends[:-1]))
        chosen = [self._parts[s][r - starts[s]] for s, r in zip(shard, rows, strict=True)]
        return np.stack(chosen)


def landscape(picture: Image.Image, corners: np.ndarray | None) -> tuple[Image.Image, np.ndarray]:
    """A portrait turned a quarter anticlockwise, and corners in parts of that frame."""
    quad = np.full((4, 2), -9.0) + np.array([(0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1)])
    if corners is not None:
        quad = (np.asarray(corners, np.float64) + 0.5) / picture.size
    if picture.height > picture.width:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
        if corners is not None:
            quad = np.stack((quad[:, 1], 1 - quad[:, 0]), 1)
    return picture, quad


def shots(first: int, count: int, world: World) -> Iterator[tuple[Shot, str]]:
    """Photographed cards and pictures without one, in the shares of `SHARES`."""
    words, weights = zip(*SHARES.items(), strict=True)
    for seed in range(first, first + count):
        chance = np.random.default_rng([seed, 77])
        defect = str(chance.choice(words, p=np.array(weights) / sum(weights)))
        longer, shorter = FRAMES[chance.integers(len(FRAMES))]
        upright = chance.random() < UPRIGHT
        size = (shorter, longer) if upright else (longer, shorter)
        yield shoot(seed, world, defect, size), defect


def write_shard(folder: Path, first: int, count: int, world: World) -> None:
    """`pixels-FIRST.npy` and `known-FIRST.npz` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    width, height = STORED_SIZE
    pixels = np.lib.format.open_memmap(
        folder / f"pixels-{first}.npy", "w+", np.uint8, (count, height, width, 3)
    )
    corners = np.zeros((count, 4, 2), np.float32)
    present, cut, lend = (np.zeros(count, bool) for _ in range(3))
    for row, (shot, defect) in enumerate(shots(first, count, world)):
        picture, corners[row] = landscape(shot.picture, shot.corners)
        pixels[row] = np.asarray(picture.resize(STORED_SIZE, Image.Resampling.BOX))
        present[row] = shot.corners is not None
        cut[row] = bool(shot.cut)
        large = np.linalg.norm(corners[row][1] - corners[row][0]) > LENT_WIDTH
        lend[row] = present[row] and not cut[row] and large and defect in LENT
    pixels.flush()
    np.savez(folder / f"known-{first}.npz", corners=corners, present=present, cut=cut, lend=lend)


def stored(folder: Path) -> Stored:
    """All shards of a folder; the pixels stay on disk."""
    names = sorted(path.stem.split("-")[1] for path in folder.glob("known-*.npz"))
    known = [np.load(folder / f"known-{name}.npz") for name in names]
    pixels = [np.load(folder / f"pixels-{name}.npy", mmap_mode="r") for name in names]
    whole = {key: np.concatenate([part[key] for part in known]) for key in known[0]}
    return Stored(
        pixels=Shards(pixels),
        corners=whole["corners"],
        present=whole["present"],
        cut=whole["cut"],
        lenders=np.flatnonzero(whole["lend"]),
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=sorted(WORLDS), default="training")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args(arguments)
    write_shard(given.out, given.first, given.count, WORLDS[given.world])


if __name__ == "__main__":
    main()
