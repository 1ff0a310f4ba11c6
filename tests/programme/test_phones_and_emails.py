"""One form for one number, one form for one mailbox."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.programme import emails, phones


@pytest.mark.parametrize(
    "typed",
    [
        "081234569001",
        "0812-3456-9001",
        "0812 3456 9001",
        "+6281234569001",
        "+62 812-3456-9001",
        "62 81234569001",
        "6281234569001",
        "81234569001",
        " 0812 34569001 ",
    ],
)
def test_a_number_has_one_form_however_it_is_typed(typed):
    assert phones.normalised(typed) == "+6281234569001"


@pytest.mark.parametrize(
    "typed",
    ["", "0812", "0215551234", "+12025550100", "+6591234567", "081234569001 ext 5", "abc", "+62"],
)
def test_only_mobile_numbers_of_indonesia_are_accepted(typed):
    with pytest.raises(phones.PhoneInvalid):
        phones.normalised(typed)


@given(st.text(max_size=30))
def test_no_text_whatever_breaks_the_reading_of_a_number(typed):
    with contextlib.suppress(phones.PhoneInvalid):
        assert phones.normalised(typed).startswith("+628")


def test_the_prefix_names_the_operator():
    assert phones.prefix("+6281234569001") == "+62812"


def test_one_mailbox_has_one_form():
    assert emails.normalised(" Sari.Dewi@Contoh.CO.ID ") == "sari.dewi@contoh.co.id"


@pytest.mark.parametrize("typed", ["", "sari", "sari@", "@contoh.id", "a b@contoh.id", "a@b\n.id"])
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(emails.EmailInvalid):
        emails.normalised(typed)


@given(st.emails())
def test_the_form_of_an_address_is_stable(typed):
    try:
        once = emails.normalised(typed)
    except emails.EmailInvalid:
        return
    assert emails.normalised(once) == once
