"""A slice of the sweep over AWS calls; `python -m tests.chaos sweep` does all of them."""

from __future__ import annotations

from tests.faults.sweep import every, sweep

STRIDE = 97


def test_a_worker_killed_at_an_aws_call_is_followed_to_the_same_result():
    done = 0
    for at, after, call, wrong in sweep(every(STRIDE, 3)):
        assert wrong == [], (at, after, call)
        done += 1
    assert done >= 2
