"""Protections taken out of the code one at a time: each time a promise must be seen to break.

Each is done to a copy of `functions/`; a wave is then sent through rough weather on it. Where two
conditions guard the same thing, both go: either alone would do.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
ENTRANTS = 40
SEEDS = 60
# The storm's command ends with it when a promise is broken.
BROKEN = 1


@dataclass(frozen=True)
class Mutation:
    """`edits`: (file, what stands there once, what takes its place)."""

    name: str
    edits: tuple[tuple[str, str, str], ...]


MUTATIONS = (
    Mutation(
        "the close in the join's transaction",
        (
            (
                "functions/select/joining.py",
                'all_of(equals("open", True), at_most("opens_at", now), greater("closes_at", now))',
                'exists("gate")',
            ),
        ),
    ),
    Mutation(
        "the exclusive claim of a letter",
        (
            (
                "functions/verify/delivery.py",
                "        when=free,\n",
                '        when=less("created_at", now + 1),\n',
            ),
        ),
    ),
    Mutation(
        "the fencing number in the writes of a phase",
        (
            (
                "functions/select/lease.py",
                'all_of(equals("fence", self.item["fence"]), equals("phase", self.phase))',
                'equals("phase", self.phase)',
            ),
        ),
    ),
    Mutation(
        "once for each entry and letter of an announcement",
        (
            (
                "functions/select/announcing.py",
                'all_of(exists("record"), missing("outcome"))',
                'exists("record")',
            ),
            (
                "functions/cloud/outbox.py",
                'Put("outbox", item, when=missing("message"))',
                'Put("outbox", item)',
            ),
        ),
    ),
    Mutation(
        "the gate's count of its entries",
        (
            (
                "functions/select/freezing.py",
                "if counted == (found.count, found.weights):",
                "if counted[0] >= 0:",
            ),
        ),
    ),
)


def run(seed: int, only: str = "") -> int:
    """Every mutation whose name holds `only`; how many of them nobody noticed."""
    missed = 0
    for mutation in (one for one in MUTATIONS if only in one.name):
        noticed = caught(mutation, seed)
        print(f"{'caught' if noticed else 'MISSED'}  {mutation.name}: {noticed}", flush=True)
        missed += not noticed
    return missed


def caught(mutation: Mutation, seed: int) -> str:
    """The first violation that a storm finds on the code without it; empty if there is none."""
    with TemporaryDirectory() as folder:
        without(mutation, Path(folder))
        command = [sys.executable, "-m", "tests.chaos", "storm", "--seed", str(seed)]
        command += ["--entrants", str(ENTRANTS), "--seeds", str(SEEDS), "--rough"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = [line.strip() for line in done.stdout.splitlines() if "VIOLATION" in line]
    if done.returncode not in (0, BROKEN) or (done.returncode == BROKEN) != bool(found):
        raise RuntimeError(done.stdout[-500:] + done.stderr[-2000:])
    return found[0] if found else ""


def without(mutation: Mutation, folder: Path) -> None:
    """Lay out the repository in a folder, with a changed copy of `functions/`."""
    for path in ROOT.iterdir():
        if path.name != "functions" and not path.name.startswith("."):
            (folder / path.name).symlink_to(path)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "functions", folder / "functions", ignore=ignored)
    for edit in mutation.edits:
        (folder / edit[0]).write_text(edited(*edit), encoding="utf-8")


def edited(name: str, old: str, new: str) -> str:
    """A file of ours with one edit. Raises ValueError unless `old` stands there once."""
    text = (ROOT / name).read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{name}: what is to be changed does not stand there once: {old}")
    return text.replace(old, new)
