"""The region codes, and addresses that name them."""

from functions.programme import regions
from infra.regions import lines


def test_there_are_38_provinces_and_514_regencies_and_cities():
    lengths = [len(code) for code in regions.names()]
    assert (lengths.count(2), lengths.count(4)) == (38, 514)


def test_every_district_lies_in_a_regency_and_that_in_a_province():
    codes = regions.names()
    assert all(code[:-2] in codes for code in codes if len(code) > 2)


def test_an_address_whose_parts_fit_together_is_accepted():
    assert regions.place_error("32", "3201", "320101") is None


def test_the_first_part_that_does_not_fit_is_told():
    assert regions.place_error("99", "3201", "320101") == ("province", "region_unknown")
    assert regions.place_error("32", "3301", "330101") == ("regency", "region_elsewhere")
    assert regions.place_error("32", "3201", "320201") == ("district", "region_elsewhere")
    assert regions.place_error("32", "32", "320101") == ("regency", "region_unknown")
    assert regions.place_error("32", "3201", "320199") == ("district", "region_unknown")


def test_a_province_of_the_past_is_known_but_no_address_of_today():
    assert regions.province_known("54")
    assert regions.place_error("54", "5401", "540101") == ("province", "region_unknown")


def test_the_file_is_made_from_codes_with_dots_in_order():
    made = lines({"12": "Sumatera Utara", "11.01": "Kabupaten Aceh Selatan", "11": "Aceh"})
    assert made == ["11 Aceh", "1101 Kabupaten Aceh Selatan", "12 Sumatera Utara"]
