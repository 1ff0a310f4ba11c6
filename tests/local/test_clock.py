"""The movable clock, and journeys that run every tick between."""

import pytest

from functions.programme.times import HOUR, MINUTE, SECOND
from local import clock as clock_module
from local.clock import FileClock
from local.journey import LONGEST, Journey, ask, asked, travel
from local.pages import journey_to

NOON = 1_767_589_200_000


@pytest.fixture
def real(monkeypatch):
    """The machine's own time, standing still."""
    at = [NOON]
    monkeypatch.setattr(clock_module, "real_time", lambda: at[0])
    return at


@pytest.fixture
def clock(real, tmp_path):
    return FileClock(tmp_path / "clock.json")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "journey.json"


def test_the_clock_is_real_time_until_it_is_moved(clock, real):
    assert clock() == NOON
    real[0] += 5
    assert clock() == NOON + 5


def test_a_moved_clock_runs_on_in_every_process(clock, real, tmp_path):
    clock.move_to(NOON + HOUR)
    real[0] += 7
    assert FileClock(tmp_path / "clock.json")() == NOON + HOUR + 7


def test_the_clock_never_goes_back(clock):
    clock.move_to(NOON + HOUR)
    clock.move_to(NOON)
    assert clock() == NOON + HOUR


def travelled(file, clock, is_over=lambda: False):
    stops = []
    travel(file, clock, lambda: stops.append(clock()), is_over)
    return stops


def test_a_journey_stops_at_every_full_minute_on_the_way(file, clock):
    ask(file, Journey(NOON + 3 * MINUTE + 20 * SECOND))
    assert travelled(file, clock) == [NOON + n * MINUTE for n in (1, 2, 3)]
    assert clock() == NOON + 3 * MINUTE + 20 * SECOND
    assert asked(file) is None


def test_a_journey_to_the_result_ends_with_the_minute_in_which_the_wave_is_over(file, clock):
    ask(file, Journey(NOON + LONGEST, result=True))
    over_at = NOON + 5 * MINUTE
    assert travelled(file, clock, lambda: clock() >= over_at)[-1] == over_at
    assert clock() == over_at


def test_a_journey_that_is_over_already_goes_nowhere(file, clock):
    ask(file, Journey(NOON + LONGEST, result=True))
    assert travelled(file, clock, lambda: True) == []
    assert clock() == NOON


def test_a_worker_that_was_killed_on_the_way_goes_on_where_it_was(file, clock):
    ask(file, Journey(NOON + 4 * MINUTE))
    stops = []

    def pause():
        stops.append(clock())
        if len(stops) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        travel(file, clock, pause, lambda: False)
    assert [*stops, *travelled(file, clock)] == [NOON + n * MINUTE for n in (1, 2, 3, 4)]


def test_without_a_journey_nothing_moves(file, clock):
    assert travelled(file, clock) == []


@pytest.mark.parametrize(
    ("wanted", "journey"),
    [
        ({"advance_seconds": 600}, Journey(NOON + 10 * MINUTE)),
        ({"advance_seconds": "600"}, Journey(NOON + 10 * MINUTE)),
        ({"now": "2026-01-05T06:00:00Z"}, Journey(NOON + HOUR)),
        ({"until": "result"}, Journey(NOON + LONGEST, result=True)),
        ({"now": "2026-01-05T04:59:59Z"}, None),
        ({"advance_seconds": -1}, None),
        ({"advance_seconds": 10**9}, None),
        ({"now": "tomorrow"}, None),
        ({"advance_seconds": "soon"}, None),
        ({"advance_seconds": None}, None),
        ({}, None),
    ],
)
def test_what_a_request_to_the_clock_means(wanted, journey):
    assert journey_to(wanted, NOON) == journey
