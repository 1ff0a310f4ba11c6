"""Codes and masks."""

import pytest

from functions.programme.tokens import mask_digits, mask_email, one_time_code, secret_matches

KEY, PLACE = b"k" * 32, ("phone#a|nonce", "phone", "mac")


@pytest.mark.parametrize("part", range(3), ids=["challenge", "purpose", "number"])
def test_a_code_is_bound_to_its_challenge_its_purpose_and_its_number(part):
    codes = set()
    for other in range(50):
        place = list(PLACE)
        place[part] += str(other)
        codes.add(one_time_code(KEY, *place))
    assert len(codes) > 40
    assert one_time_code(KEY, *PLACE) == one_time_code(KEY, *PLACE)


def test_a_code_has_six_digits_and_depends_on_the_key():
    codes = [one_time_code(bytes([n]) * 32, *PLACE) for n in range(200)]
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(set(codes)) > 190


def test_a_secret_is_compared_as_a_whole():
    from functions.programme.tokens import hash_secret

    stored = hash_secret("secret")
    assert secret_matches("secret", stored)
    assert not secret_matches("secre", stored) and not secret_matches("", stored)


def test_a_mask_shows_the_end_alone():
    assert mask_digits("3201014106959001") == "************9001"
    assert mask_email("sari@contoh.id") == "s***i@contoh.id"
    assert mask_email("sa@contoh.id") == "***@contoh.id"
