"""JSON, times, hex, base64 and decimals have one spelling each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.programme.draw import canonical, literals
from functions.programme.draw.errors import VerificationError

TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
VALUES = st.recursive(
    st.integers(0, canonical.HIGHEST_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_canonical_bytes_come_back_as_the_same_value(value):
    data = canonical.serialise(value)
    assert canonical.parse(data) == value
    with pytest.raises(VerificationError, match="json_not_canonical"):
        canonical.parse(data + b"\n")


def test_keys_are_sorted_and_quotes_escaped_as_rfc_8785_says():
    assert canonical.serialise({"b": 1, "a": ['"', "\\", "/"]}) == b'{"a":["\\"","\\\\","/"],"b":1}'


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b" ", b"{}\n", b' {"a":1}', b'{"a": 1}', b'{"a":1,}', b'{"b":1,"a":1}'),
        *(b'{"a":1,"a":1}', b'{"a":1,"a":2}', b'{"x":{"a":1,"a":1}}'),
        *(b"1.0", b"1e3", b"-1", b"-0", b"01", b"NaN", b"Infinity", b"9007199254740992"),
        *(b"true", b"false", b"null", b"[null]", b'{"a":true}'),
        *(b'"\\u0041"', b'"\\/"', b'"\\n"', b'"\x7f"', '"é"'.encode(), b'"\xff"', b"\xef\xbb\xbf1"),
        *(b"1" * 5000, b"[" * 100_000, b"'a'", b'{"a":1}{"a":1}'),
    ],
)
def test_json_in_any_other_form_is_refused(data):
    with pytest.raises(VerificationError, match="json_not_canonical"):
        canonical.parse(data)


def test_brackets_inside_strings_are_not_nesting():
    assert canonical.parse(b'["' + b"[{" * 50 + b'"]') == ["[{" * 50]
    assert canonical.parse(b'["\\"' + b"[" * 50 + b'"]') == ['"' + "[" * 50]


@pytest.mark.parametrize("value", [1.5, None, True, -1, 2**53, "é", "\n", b"a", {"é": 1}, [1.0]])
def test_a_value_without_canonical_form_is_not_written(value):
    with pytest.raises(VerificationError, match="json_not_canonical"):
        canonical.serialise(value)


def test_objects_have_exactly_the_listed_keys():
    assert canonical.fields({"a": 1, "b": 2}, "b", "a")
    for wrong in ({"a": 1}, {"a": 1, "b": 2, "c": 3}, [], "a", 1):
        with pytest.raises(VerificationError, match="json_fields"):
            canonical.fields(wrong, "a", "b")


@pytest.mark.parametrize(
    "text",
    [
        *("2026-01-09T05:00:00", "2026-01-09 05:00:00Z", "2026-1-9T05:00:00Z"),
        *("2026-01-09T05:00:00.0Z", "2026-01-09T05:00:00+00:00", "2026-01-09t05:00:00z"),
        *("2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z"),
        *("2026-01-01T00:00:60Z", "0000-01-01T00:00:00Z", "2026-01-09T05:00:00Z\n", ""),
        "٢٠٢٦-01-09T05:00:00Z",
    ],
)
def test_a_time_in_any_other_form_is_refused(text):
    with pytest.raises(VerificationError, match="time_malformed"):
        literals.parse_time(text)


@given(st.integers(0, 253_402_300_799))
def test_a_time_comes_back_as_the_same_second(seconds):
    assert literals.parse_time(literals.format_time(seconds)) == seconds


@pytest.mark.parametrize("text", ["A0", "0", "0x", "g0", " 00", "00 ", "00\n", "０0"])
def test_hex_is_lower_case_and_whole_bytes(text):
    with pytest.raises(VerificationError, match="hex_malformed"):
        literals.parse_hex(text)
    with pytest.raises(VerificationError, match="hex_malformed"):
        literals.parse_hex("00", 2)


@pytest.mark.parametrize("text", ["QQ", "QQ=", "QR==", "QQ==\n", "Q Q==", "_-==", "QQ==QQ==", "é"])
def test_base64_has_its_padding_and_no_spare_bits(text):
    assert literals.parse_base64("QQ==") == b"A"
    with pytest.raises(VerificationError, match="base64_malformed"):
        literals.parse_base64(text)


@pytest.mark.parametrize("text", ["", "00", "01", "+1", "-1", "1.0", " 1", "1_0", "256", "１"])
def test_a_decimal_has_no_leading_zero_sign_or_space(text):
    assert literals.parse_decimal("255", 255) == 255
    with pytest.raises(VerificationError, match="decimal_malformed"):
        literals.parse_decimal(text, 255)
