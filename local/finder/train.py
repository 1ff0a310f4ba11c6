"""Train the card finder: `python -m local.finder.train --pictures DIR --out card_finder.onnx`."""

import argparse
import copy
import itertools
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, IterableDataset

from local.finder import augment
from local.finder.augment import Frame
from local.finder.dataset import Stored, stored
from local.finder.network import Finder, export

WEIGHT_DECAY = 0.03
WARM_UP_STEPS = 200
AVERAGE_OVER = 200  # steps over which the kept weights are a moving mean


def batch(
    pictures: Stored, size: int, frame: Frame, chance: torch.Generator
) -> tuple[Tensor, dict[str, Tensor]]:
    """`size` pictures as the network sees them, and what it should say of them."""
    rows = torch.randint(0, len(pictures.present), (size,), generator=chance)
    seen, corners, present, cut, _ = _read(pictures, rows)
    view = augment.crops(size, cut, frame, chance)
    to_source = augment.homography(augment.UNIT.expand(size, 4, 2), view)
    corners = augment.moved(corners, torch.linalg.inv(to_source))
    seen = augment.warped(seen, to_source, frame).contiguous()
    free = torch.nonzero(~present)[:, 0]
    free = free[torch.rand(len(free), generator=chance) < augment.PASTED]
    if len(free):
        lenders = torch.from_numpy(pictures.lenders)
        picked = lenders[torch.randint(0, len(lenders), (len(free),), generator=chance)]
        source, source_corners, *_ = _read(pictures, picked)
        seen[free], corners[free] = augment.pasted(
            seen[free], source, source_corners, frame, chance
        )
        present[free] = True
    for _ in range(2):
        held = torch.rand(size, generator=chance) < augment.FINGERS
        covered = torch.nonzero(present & held)[:, 0]
        seen[covered] = augment.fingers(seen[covered], corners[covered], frame, chance)
    return augment.lit(seen, frame, chance), augment.targets(corners, present, frame)


def _read(pictures: Stored, rows: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    index = rows.numpy()
    seen = torch.from_numpy(np.ascontiguousarray(pictures.pixels[index])).permute(0, 3, 1, 2)
    corners = torch.from_numpy(pictures.corners[index])
    present = torch.from_numpy(pictures.present[index])
    return seen.float(), corners, present, torch.from_numpy(pictures.cut[index]), rows


def loss_of(said: tuple[Tensor, Tensor, Tensor], wanted: dict[str, Tensor]) -> dict[str, Tensor]:
    """The parts of the loss, each a mean over the batch, already weighted."""
    mask, present, reading = said
    each = functional.binary_cross_entropy_with_logits(mask, wanted["mask"], reduction="none")
    edges = (each * wanted["weight"]).sum() / wanted["weight"].sum()
    inside = torch.sigmoid(mask)
    both = (inside * wanted["mask"]).sum((1, 2))
    dice = 1 - (2 * both + 1) / ((inside**2).sum((1, 2)) + (wanted["mask"] ** 2).sum((1, 2)) + 1)
    found = functional.binary_cross_entropy_with_logits(
        present, wanted["present"], wanted["present_weight"], reduction="mean"
    )
    off = ((reading - wanted["reading"]) ** 2).sum(1) * wanted["reading_weight"]
    turned = off.sum() / wanted["reading_weight"].sum().clamp_min(1)
    return {"edges": edges, "dice": 0.5 * dice.mean(), "present": 0.2 * found, "turn": 0.2 * turned}


class Batches(IterableDataset):
    """Batches without end, made in a process of their own; the shards of the folder may grow."""

    def __init__(self, folder: Path, plan: "Plan") -> None:
        self._folder, self._plan = folder, plan

    def __iter__(self) -> Iterator[tuple[Tensor, dict[str, Tensor]]]:
        torch.set_num_threads(1)
        chance = torch.Generator().manual_seed(self._plan.seed)
        for number in itertools.count():
            if number % 100 == 0:
                pictures = stored(self._folder)
            yield batch(pictures, self._plan.size, Frame(), chance)


@dataclass(frozen=True)
class Plan:
    """How long to learn: until so many steps are done or so many minutes are over.

    size   pictures in a batch
    every  steps between two saved files
    rate   learning rate at its highest
    """

    steps: int
    minutes: float
    size: int
    seed: int
    every: int
    rate: float

    def done(self, step: int, began: float) -> float:
        """The part that is over, 0 to 1."""
        return max(step / self.steps, (time.monotonic() - began) / (60 * self.minutes))


def train(folder: Path, out: Path, plan: Plan, start: Path | None) -> Finder:
    """The trained network, its weights a moving mean; written to `out` every so many steps."""
    torch.manual_seed(plan.seed)
    batches = iter(DataLoader(Batches(folder, plan), batch_size=None, num_workers=1))
    network = Finder().to(memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(torch.load(start))
    kept = copy.deepcopy(network)
    learner = torch.optim.AdamW(network.parameters(), weight_decay=WEIGHT_DECAY)
    began, done, step = time.monotonic(), 0.0, 0
    sums: Counter[str] = Counter()
    while done < 1:
        step += 1
        seen, wanted = next(batches)
        network.train()
        parts = loss_of(network(seen.contiguous(memory_format=torch.channels_last)), wanted)
        learner.zero_grad(set_to_none=True)
        torch.stack(list(parts.values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        for group in learner.param_groups:
            group["lr"] = plan.rate * rate(step, done)
        learner.step()
        follow(kept, network, min(1 - 1 / AVERAGE_OVER, step / (step + 20)))
        sums.update({name: value.item() for name, value in parts.items()})
        done = plan.done(step, began)
        if step % 50 == 0:
            told = {name: round(value / 50, 4) for name, value in sums.items()}
            line = {"step": step, "seconds": round(time.monotonic() - began), **told}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
            sums.clear()
        if step % plan.every == 0 or done >= 1:
            torch.save(kept.state_dict(), out.with_suffix(".pt"))
            export(copy.deepcopy(kept).to(memory_format=torch.contiguous_format), out)
    return kept


def rate(step: int, done: float) -> float:
    """Part of the highest rate: rising, then falling along half a cosine to a hundredth."""
    return min(1, step / WARM_UP_STEPS) * (0.505 + 0.495 * math.cos(math.pi * done))


def follow(kept: Finder, network: Finder, share: float) -> None:
    """Move the kept weights, and the means that batch norm keeps, a little towards the new."""
    with torch.no_grad():
        for old, new in zip(kept.state_dict().values(), network.state_dict().values(), strict=True):
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - share)
            else:
                old.copy_(new)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=Path, required=True, help="as dataset.py wrote them")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=250, help="steps between two saved files")
    parser.add_argument("--rate", type=float, default=2.5e-3, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="weights (.pt) to go on from")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args(arguments)
    torch.set_num_threads(given.threads)
    plan = Plan(given.steps, given.minutes, given.batch, given.seed, given.every, given.rate)
    train(given.pictures, given.out, plan, given.start)


if __name__ == "__main__":
    main()
