"""What a NIK and a KK must look like. All numbers are invented: their serial is 9xxx."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from functions.programme import identity, regions

TODAY = date(2026, 1, 9)
BORN = date(1995, 6, 1)
NIK = "3201010106959001"
KK = "3201010201159002"


def errors(nik=NIK, kk=KK, birth_date=BORN, sex="male"):
    return identity.field_errors(nik, kk, birth_date, sex, TODAY)


def test_a_number_that_fits_birth_date_and_sex_is_accepted():
    assert errors() == {}


def test_a_womans_day_has_40_added():
    assert errors(nik="3201014106959001", sex="female") == {}


def test_the_day_of_the_other_sex_is_told_as_such():
    assert errors(sex="female") == {"nik": "nik_sex_differs"}
    assert errors(nik="3201014106959001") == {"nik": "nik_sex_differs"}


def test_another_birth_date_is_told_as_such():
    assert errors(birth_date=date(1995, 6, 2)) == {"nik": "nik_birth_date_differs"}


def test_the_century_comes_from_the_form():
    assert errors(nik="3201010106059001", birth_date=date(2005, 6, 1)) == {}
    assert errors(nik="3201010106059001", birth_date=date(1905, 6, 1)) == {
        "birth_date": "birth_date_implausible"
    }


def test_a_serial_of_zeros_is_refused():
    assert errors(nik="3201010106950000") == {"nik": "nik_serial"}


def test_only_sixteen_plain_digits_are_a_number():
    for wrong in ("", NIK[:15], NIK + "1", NIK[:15] + "x", "٣" + NIK[1:], NIK + "\n"):
        assert errors(nik=wrong)["nik"] == "nik_format"
        assert errors(kk=wrong)["kk"] == "kk_format"


def test_an_unknown_province_is_refused():
    assert errors(nik="9901010106959001") == {"nik": "nik_province_unknown"}
    assert errors(kk="0001010201159002") == {"kk": "kk_province_unknown"}


def test_a_province_of_the_past_is_accepted_with_a_warning():
    assert errors(nik="5401010106959001") == {}
    assert identity.warnings("5401010106959001", KK) == ["old_region_code"]


def test_a_district_of_the_past_is_a_warning_and_no_refusal():
    assert errors(nik="3299990106959001") == {}
    assert identity.warnings("3299990106959001", KK) == ["old_region_code"]
    assert identity.warnings(NIK, "3299990201159002") == ["old_region_code"]
    assert identity.warnings(NIK, KK) == []


def test_the_family_card_has_another_number_than_the_person():
    assert errors(kk=NIK) == {"kk": "kk_is_nik"}


def test_a_birth_date_in_the_future_is_refused():
    born = date(2026, 2, 1)
    assert errors(nik="3201010102269001", birth_date=born) == {
        "birth_date": "birth_date_implausible"
    }


@given(
    district=st.sampled_from([code for code in regions.names() if len(code) == 6][::97]),
    born=st.dates(date(1930, 1, 1), date(2010, 12, 31)),
    sex=st.sampled_from(identity.SEXES),
    serial=st.integers(9000, 9999),
)
def test_every_number_made_by_the_rule_is_accepted_and_only_for_its_sex(
    district, born, sex, serial
):
    nik = f"{district}{identity.birth_digits(born, sex)}{serial}"
    assert errors(nik=nik, birth_date=born, sex=sex) == {}
    other = "male" if sex == "female" else "female"
    assert errors(nik=nik, birth_date=born, sex=other) == {"nik": "nik_sex_differs"}
    assert identity.warnings(nik, KK) == []


@given(st.text(max_size=20), st.text(max_size=20))
def test_no_text_whatever_breaks_the_check(nik, kk):
    assert set(errors(nik=nik, kk=kk)) <= {"nik", "kk"}


def test_a_shard_is_the_first_ten_bits_of_the_mac():
    assert identity.shard("0000" + "f" * 60) == 0
    assert identity.shard("003f" + "0" * 60) == 0
    assert identity.shard("0040" + "0" * 60) == 1
    assert identity.shard("ffff" + "0" * 60) == 1023
