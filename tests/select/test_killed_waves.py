"""A small wave of the bench: by the schedule alone, its worker killed ten times."""

from tests.bench.waves import DEATHS, Stage


def test_a_wave_whose_worker_dies_ten_times_ends_as_if_nothing_had_been():
    course = Stage(2, 60, "wrong").run()
    assert course.wrong == []
    assert len(course.deaths) == DEATHS and len(course.verified) == 2


def test_the_bench_would_notice_an_entry_that_is_not_on_the_roster():
    stage = Stage(3, 40, "late")
    stage.acknowledged["f" * 32] = "ff" * 32
    wrong = stage.run().wrong
    assert "the roster is not the list of those acknowledged" in wrong
    assert "not everyone has one mail and one SMS of the outcome" in wrong
