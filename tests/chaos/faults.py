"""Seeds of faults: of each a wave of 500 in a storm, the model, and a slice of the sweep."""

from __future__ import annotations

import logging
import time
from collections import Counter
from functools import cache
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import seed as with_seed
from hypothesis.stateful import get_state_machine_test

from functions.programme.draw import bls
from tests.faults.model import CloudModel, Model
from tests.faults.storm import Report, Storm
from tests.faults.sweep import every, sweep
from tests.faults.weather import ROUGH, STORM
from tests.select.conftest import REMEMBERED

ENTRANTS = 500
# Sequences of the model, which the seeds of a run share, and how many each has at the least.
SEQUENCES: dict[type[Model], tuple[int, int]] = {Model: (2_000, 200), CloudModel: (100, 6)}
STEPS = 30
# Each seed has every so-manieth death of the sweep: twenty seeds have all.
STRIDE = 20


def storms(seed: int, entrants: int, seeds: int, rough: bool) -> int:
    """Waves in a storm, one for each seed, until one breaks a promise; how many did."""
    for number in range(seed, seed + seeds):
        if storm(number, entrants, rough).violations:
            return 1
    return 0


def storm(seed: int, entrants: int, rough: bool = False) -> Report:
    """A wave in a storm, told."""
    remember_pairings()
    report = Storm(seed, entrants, ROUGH if rough else STORM).run()
    print(f"storm: {report.told()}", flush=True)
    return report


def swept(stride: int, first: int) -> int:
    """Deaths at every so many of the moments around AWS calls; after how many all was not well."""
    remember_pairings()
    started, done, bad = time.monotonic(), 0, 0
    for at, after, call, wrong in sweep(every(stride, first)):
        done += 1
        if wrong:
            bad += 1
            side = "after" if after else "before"
            print(f"VIOLATION killed {side} call {at}, {call}: {wrong}", flush=True)
    took = time.monotonic() - started
    print(f"sweep: {done} deaths around AWS calls in {took:.0f} s, violations {bad}", flush=True)
    return bad


def modelled(seed: int, examples: int, kind: type[Model]) -> int:
    """So many random sequences beside the rules; 1 if an answer or a promise was broken."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    started = time.process_time()
    try:
        with_seed(seed)(get_state_machine_test(kind, settings=chosen))()
    except Exception as error:  # noqa: BLE001 - whatever it is, the sequence is told
        notes = "\n".join(getattr(error, "__notes__", ()))
        print(f"VIOLATION {kind.__name__}: {type(error).__name__}: {error}\n{notes}", flush=True)
        return 1
    took = time.process_time() - started
    print(f"model: {examples} sequences on {kind.__name__}, {took:.0f} CPU s, violations 0")
    return 0


@cache
def remember_pairings() -> None:
    """Pairings in plain Python take a second each: from now on each is computed once."""
    logging.disable(logging.CRITICAL)
    for name in REMEMBERED:
        patch.object(bls, name, cache(getattr(bls, name))).start()


def run(first: int, seeds: int) -> int:
    """All of so many seeds, and their sums; how many violations there were."""
    sequences = {kind: max(-(-whole // seeds), least) for kind, (whole, least) in SEQUENCES.items()}
    total: Counter[str] = Counter()
    for seed in range(first, first + seeds):
        report = storm(seed, ENTRANTS)
        found = len(report.violations)
        found += sum(modelled(seed, number, kind) for kind, number in sequences.items())
        found += swept(STRIDE, seed % STRIDE)
        total.update(
            {
                "acknowledged": report.acknowledged,
                "faults injected": sum(report.faults.values()),
                "retries": report.retries,
                "duplicates suppressed": report.suppressed,
                "messages sent": report.sent,
                "unsure": report.unsure,
                "deaths": report.deaths,
                "violations": found,
            }
        )
    told = ", ".join(f"{what} {count:,}" for what, count in total.items())
    print(f"{seeds} seeds from {first} in {time.process_time():.0f} CPU s: {told}", flush=True)
    return total["violations"]
