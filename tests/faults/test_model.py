"""The model on the fakes: a few examples here, thousands in `python -m tests.chaos model`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.faults.model import Model

QUICK = settings(
    max_examples=40,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def test_whatever_people_operators_workers_and_the_weather_do_the_rules_hold():
    run_state_machine_as_test(Model, settings=QUICK)
