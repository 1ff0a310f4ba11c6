"""The draw of a million and of ten million, stage by stage, beside what else draws at random."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from functions.programme.draw.params import parse_params
from tests.bench import postgres
from tests.bench.draw_rivals import METHODS, eligible_columns
from tests.bench.measuring import measured

# At ten million entries, on one core (CPU seconds and bytes).
MOST_SECONDS, MOST_BYTES = 6.0, 2 << 30
BOUND_ENTRIES = 10_000_000
# How often the draw and pandas are measured; the best counts.
TURNS = 3
# The beacon's signature takes the same time for any wave, and files the time of the disk.
NOT_THE_DRAW = ("beacon", "write")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Taken:
    """What one way to draw took; `bytes` is the peak of its whole process."""

    name: str
    seconds: float
    bytes: int


def bench(entries: int, tell: Tell) -> bool:
    """Measure one size, telling each line as it is known; whether all bounds are kept."""
    with TemporaryDirectory(prefix="bench-draw-") as name:
        folder = Path(name)
        _synthesize(entries, folder, tell)
        # In turns, so that what else the machine does falls on both alike.
        turns = [(_own_draw(folder, tell), _rival("pandas", folder)) for _ in range(TURNS)]
        own, with_pandas = (
            min(runs, key=lambda run: run.seconds) for runs in zip(*turns, strict=True)
        )
        tell(f"  {own.name:34} {own.seconds:7.2f} s {own.bytes / 2**20:6.0f} MiB   best of {TURNS}")
        _own_verification(folder, tell)
        rivals = [with_pandas, *_other_rivals(folder, tell)]
    kept = True
    for rival in rivals:
        tell(
            f"  {rival.name:34} {rival.seconds:7.2f} s {rival.bytes / 2**20:6.0f} MiB"
            f"   {rival.seconds / own.seconds:5.2f} times ours"
        )
        if rival.name == "pandas":
            kept = own.seconds <= rival.seconds
    if entries >= BOUND_ENTRIES:
        kept = kept and own.seconds <= MOST_SECONDS and own.bytes <= MOST_BYTES
        tell(
            f"{'kept  ' if kept else 'MISSED'} at most {MOST_SECONDS:.0f} s, "
            f"{MOST_BYTES >> 30} GiB, and no slower than pandas"
        )
        return kept
    return True


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "functions.select.draw", *arguments]


def _synthesize(entries: int, folder: Path, tell: Tell) -> None:
    """Six of a hundred are selected, one is on reserve; two pools of together ten of a thousand."""
    wanted = {"entries": entries, "quota": entries * 6 // 100, "reserve": entries // 100}
    options = [part for name, count in wanted.items() for part in (f"--{name}", str(count))]
    pools = ["--pool", f"papua:{entries // 250}", "--pool", f"difabel:{entries * 6 // 1000}"]
    done = measured(
        _command("synthesize", *options, *pools, "--seed", "bench", "--out", str(folder))
    )
    took = f"{done.cpu_seconds:.0f} s with {done.peak_bytes >> 20} MiB"
    tell(f"{entries:,} entries, invented in {took}")


def _own_draw(folder: Path, tell: Tell) -> Taken:
    done = measured(_command("run", str(folder)))
    stages: dict[str, float] = json.loads(done.output)["cpu_seconds"]
    tell("  " + ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in stages.items()))
    seconds = sum(seconds for stage, seconds in stages.items() if stage not in NOT_THE_DRAW)
    tell(f"  from start to end {done.cpu_seconds:.2f} s, {done.peak_bytes >> 20} MiB")
    return Taken("the draw", seconds, done.peak_bytes)


def _own_verification(folder: Path, tell: Tell) -> None:
    done = measured(_command("verify", str(folder)))
    tell(
        f"  {'verify, from start to end':34} {done.cpu_seconds:7.2f} s"
        f" {done.peak_bytes / 2**20:6.0f} MiB"
    )


def _rival(method: str, folder: Path) -> Taken:
    done = measured([sys.executable, "-m", "tests.bench.draw_rivals", method, str(folder)])
    return Taken(method, float(json.loads(done.output)["cpu_seconds"]), done.peak_bytes)


def _other_rivals(folder: Path, tell: Tell) -> Iterator[Taken]:
    """Those that can be run here beside pandas; what is missing is said."""
    for method in METHODS:
        if method != "pandas":
            yield _rival(method, folder)
    params = parse_params((folder / "params.json").read_bytes())
    try:
        _, used = postgres.draw(*eligible_columns(folder), params.quota + params.reserve)
    except postgres.NotInstalled:
        tell("  PostgreSQL is not installed here, so it was not measured")
    else:
        yield Taken("PostgreSQL", used.cpu_seconds, used.peak_bytes)
