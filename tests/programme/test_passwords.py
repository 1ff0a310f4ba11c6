"""Which passwords are refused, and why."""

import pytest

from functions.programme import passwords

COMMON = {"password", "12345678", "dragon", "sunshine"}


def error(password, email="sari.dewi@contoh.id", name="Sari Dewi Lestari"):
    return passwords.error(password, email=email, name=name, common=COMMON.__contains__)


@pytest.mark.parametrize(
    "password",
    ["kopi susu di teras", "xk4 9Qz!", "🙂🙃🙂🙃🐟🐟🐠🐠", "ลูกแมวสีส้มนอน", "a1b2c3d4" * 32],
)
def test_anything_long_enough_and_uncommon_is_accepted(password):
    assert error(password) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("xk49Qz!", "password_short"),
        ("xk49Qz!" * 40, "password_long"),
        ("password", "password_common"),
        ("PassWord", "password_common"),
        ("password2026!", "password_common"),
        ("12345678", "password_common"),
        ("Sunshine77", "password_common"),
        ("bismillah1", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abababababab", "password_common"),
        ("SARI.DEWI-77x", "password_personal"),
        ("lestari-q8z2", "password_personal"),
        ("prakerja-q8z2", "password_programme"),
        ("Gelombang12", "password_programme"),
    ],
)
def test_what_others_would_try_first_is_refused(password, code):
    assert error(password) == code


def test_short_parts_of_a_name_may_be_in_a_password():
    assert error("abadi-q8z2", email="x@contoh.id", name="Al Abi Ali") is None


def test_wide_letters_are_the_letters_they_look_like():
    assert error("ｐａｓｓｗｏｒｄ") == "password_common"
    assert passwords.canonical("Ａ") == "A"
