"""Who is excluded from a wave, and why."""

from datetime import date

import pytest

from functions.programme.eligibility import exclusions

CLOSE = date(2026, 1, 9)


def excluded(**changes):
    facts = {
        "birth_date": date(1995, 6, 1),
        "closes_on": CLOSE,
        "in_education": False,
        "official": False,
        "province": "32",
        "provinces": None,
    }
    return exclusions(**{**facts, **changes})


def test_an_adult_without_office_or_school_is_eligible():
    assert excluded() == []


@pytest.mark.parametrize(
    ("born", "codes"),
    [
        (date(2008, 1, 9), []),
        (date(2008, 1, 10), ["under_age"]),
        (date(1961, 1, 9), ["over_age"]),
        (date(1961, 1, 10), []),
    ],
)
def test_age_counts_on_the_day_of_the_close(born, codes):
    assert excluded(birth_date=born) == codes


def test_someone_born_on_29_february_is_18_on_1_march():
    born = date(2008, 2, 29)
    assert excluded(birth_date=born, closes_on=date(2026, 2, 28)) == ["under_age"]
    assert excluded(birth_date=born, closes_on=date(2026, 3, 1)) == []


def test_a_wave_for_some_provinces_excludes_the_others():
    assert excluded(provinces=["32", "33"]) == []
    assert excluded(provinces=["91"]) == ["outside_provinces"]


def test_a_wave_for_no_province_at_all_excludes_everybody():
    assert excluded(provinces=[]) == ["outside_provinces"]


def test_every_reason_is_told_in_one_order():
    told = excluded(birth_date=date(2010, 1, 1), official=True, in_education=True, provinces=["91"])
    assert told == ["under_age", "official", "in_education", "outside_provinces"]
