"""Memory of each process over time, and whether it is flat."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

# Fewer than these in the second half of a process's life say nothing of its slope.
LEAST_SAMPLES = 12
# What a process may grow by, in the second half of its life.
MOST_KIB_A_MINUTE = 1024.0
SECONDS = 60
PAGE_KIB = 4


@dataclass(frozen=True)
class Sample:
    """What a process and its children hold in memory (KiB) at a moment (seconds)."""

    process: str
    pid: int
    at: float
    kib: float


def sampled(pids: Mapping[str, int]) -> list[Sample]:
    """One sample of each process; of those that are gone none."""
    children, now = _children(), time.monotonic()
    found = []
    for name, pid in pids.items():
        held = sum(map(_kib, _family(pid, children)))
        if held:
            found.append(Sample(name, pid, now, held))
    return found


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[int(fields[1])].append(int(stat.parent.name))
    return found


def _family(pid: int, children: Mapping[int, list[int]]) -> list[int]:
    return [
        pid,
        *(member for child in children.get(pid, ()) for member in _family(child, children)),
    ]


def _kib(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KIB
    except OSError:
        return 0


def slope(points: Iterable[tuple[float, float]]) -> float:
    """By least squares: how much the second number grows while the first grows by one."""
    known = list(points)
    middle = [sum(values) / len(known) for values in zip(*known, strict=True)]
    spread = sum((x - middle[0]) ** 2 for x, _ in known)
    return sum((x - middle[0]) * (y - middle[1]) for x, y in known) / spread if spread else 0.0


@dataclass(frozen=True)
class Verdict:
    """How a process's memory went in the second half of its longest life; MiB, KiB a minute."""

    process: str
    lives: int
    minutes: float
    least: float
    most: float
    growth: float | None

    @property
    def flat(self) -> bool:
        """Whether it stayed within the bound, or lived too short for a word."""
        return self.growth is None or self.growth <= MOST_KIB_A_MINUTE

    def told(self) -> str:
        """One line."""
        said = "lived too short" if self.growth is None else f"{self.growth:+.0f} KiB a minute"
        return (
            f"memory of {self.process}: {self.least:.0f} to {self.most:.0f} MiB in the last "
            f"{self.minutes:.1f} minutes of the longest of {self.lives} lives, {said}"
        )


def judged(samples: Iterable[Sample]) -> list[Verdict]:
    """Each process, by the second half of its longest life: what it loads at first is no leak."""
    lives: dict[str, dict[int, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for one in samples:
        lives[one.process][one.pid].append(one)
    return [_verdict(name, of) for name, of in lives.items()]


def _verdict(name: str, lives: Mapping[int, list[Sample]]) -> Verdict:
    longest = max(lives.values(), key=lambda life: life[-1].at - life[0].at)
    half = longest[len(longest) // 2 :]
    growth = None
    if len(half) >= LEAST_SAMPLES:
        growth = slope((one.at, one.kib) for one in half) * SECONDS
    sizes = [one.kib / 1024 for one in half]
    minutes = (half[-1].at - half[0].at) / SECONDS
    return Verdict(name, len(lives), minutes, min(sizes), max(sizes), growth)
