"""The drawn cards are reproducible and never a real person's."""

import pytest

from functions.upload.photo.verdict import is_nik
from local.cards.person import invented_person, require_invented
from local.cards.render import photo_of, render_ktp, render_selfie
from tests.upload.photo_files import ktp, opened


def test_the_same_seed_draws_the_same_bytes_and_another_seed_others() -> None:
    assert photo_of(invented_person(1), 1) == ktp(1)
    assert ktp(1) != ktp(2)


def test_every_invented_person_has_a_nik_that_no_office_gives_out() -> None:
    for seed in range(200):
        person = invented_person(seed)
        require_invented(person.nik)
        assert is_nik(person.nik) and person.nik[12] == "9"
        day = person.birth_date.day + (40 if person.sex == "female" else 0)
        assert person.nik[6:12] == f"{day:02}{person.birth_date:%m%y}"


@pytest.mark.parametrize("nik", ["3201010101901234", "32010101019091", "320101010190912x", ""])
def test_a_card_with_a_nik_that_could_be_real_is_not_drawn(nik) -> None:
    person = invented_person(1)
    with pytest.raises(ValueError):
        render_ktp(nik, person.name, person.birth_date, person.sex, person.address, seed=1)


def test_an_unknown_variation_is_an_error() -> None:
    with pytest.raises(ValueError):
        render_selfie(1, "upside down")


def test_a_drawn_photo_has_no_metadata_of_its_own() -> None:
    assert not opened(ktp()).getexif()
