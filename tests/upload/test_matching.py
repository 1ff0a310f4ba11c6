"""The number on the card against the one in the form: the same, one digit off, another."""

from __future__ import annotations

from dataclasses import replace

import pytest

from functions.cloud.tables import ConditionFailed, Update
from functions.upload.checking import check_photo
from functions.upload.matching import compared, one_digit_away
from functions.upload.photo.verdict import Verdict
from tests.fakes import fake_runtime

APPLICANT, PHOTO = "a" * 32, "f" * 32
KEY = f"{APPLICANT}/{PHOTO}"
NIK = "3201015708909123"
READ = Verdict(True, nik=NIK, clean=b"copy")


@pytest.fixture
def runtime():
    runtime = fake_runtime()
    runtime.tables.items["photos"][APPLICANT, PHOTO] = {
        "applicant": APPLICANT,
        "photo": PHOTO,
        "kind": "ktp",
        "state": "waiting",
        "created_at": 0,
    }
    return runtime


def type_nik(runtime, nik):
    mac = runtime.vault.mac("photo", nik)
    runtime.tables.write(Update("readiness", {"applicant": APPLICANT}, set={"nik_photo_mac": mac}))


def check(runtime, judge=lambda data, kind: READ):
    version = runtime.files.write("incoming", KEY, b"photo", content_type="image/jpeg")
    check_photo(runtime, judge, KEY, version)
    return runtime.tables.get("photos", {"applicant": APPLICANT, "photo": PHOTO})


def readiness(runtime):
    return runtime.tables.get("readiness", {"applicant": APPLICANT}) or {}


def test_the_card_of_the_form_is_accepted(runtime) -> None:
    type_nik(runtime, NIK)
    assert check(runtime)["state"] == "accepted"
    assert readiness(runtime)["ktp"] == PHOTO


def test_another_persons_card_is_refused(runtime) -> None:
    type_nik(runtime, "3171010101909555")
    item = check(runtime)
    assert (item["reasons"], item["details"]) == (["nik_mismatch"], "{}")
    assert "ktp" not in readiness(runtime)


def test_one_digit_off_is_said(runtime) -> None:
    type_nik(runtime, NIK[:-1] + "4")
    item = check(runtime)
    assert (item["reasons"], item["details"]) == (
        ["nik_mismatch"],
        '{"nik_mismatch": {"digits": 1}}',
    )


def test_two_digits_swapped_are_two_digits_off(runtime) -> None:
    type_nik(runtime, NIK[:-2] + "32")
    assert check(runtime)["details"] == "{}"


def test_a_card_before_the_form_is_accepted_and_leaves_a_mac(runtime) -> None:
    assert check(runtime)["state"] == "accepted"
    assert readiness(runtime)["ktp_nik_mac"] == runtime.vault.mac("photo", NIK)


def test_a_form_changed_while_its_card_is_judged_has_the_card_judged_again(runtime) -> None:
    type_nik(runtime, NIK)

    keep = runtime.files.write

    def write(bucket, *rest, **more):
        if bucket == "photos":
            type_nik(runtime, "3171010101909555")
        return keep(bucket, *rest, **more)

    runtime.files.write = write
    with pytest.raises(ConditionFailed):
        check(runtime)
    assert "ktp" not in readiness(runtime)
    runtime.files.write = keep
    assert check(runtime)["reasons"] == ["nik_mismatch"]


def test_what_is_refused_for_another_reason_is_not_compared(runtime) -> None:
    type_nik(runtime, "3171010101909555")
    glare = Verdict(False, ("glare",), nik=NIK, clean=b"copy")
    assert check(runtime, lambda data, kind: glare)["reasons"] == ["glare"]


def test_a_number_that_was_not_read_is_not_compared(runtime) -> None:
    unread = replace(READ, nik=None)
    vault = runtime.vault
    assert compared(vault, {"nik_photo_mac": vault.mac("photo", NIK)}, unread) is unread


def test_no_digit_of_what_was_read_is_kept(runtime) -> None:
    type_nik(runtime, NIK)
    check(runtime)
    assert NIK not in repr(runtime.tables.items)


def test_all_numbers_one_digit_away_are_tried_once() -> None:
    near = list(one_digit_away(NIK))
    assert len(near) == len(set(near)) == 144
    assert all(sum(a != b for a, b in zip(nik, NIK, strict=True)) == 1 for nik in near)
