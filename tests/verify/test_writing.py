"""The words of mails and SMS."""

import re
from dataclasses import replace

import pytest
from jinja2 import UndefinedError

from functions.programme.draw.promotions import REMOVED_FOR
from functions.programme.objections import ANSWERS
from functions.programme.photos import KINDS, REASONS_OF_A_PERSON
from functions.upload.photo.verdict import REASONS
from functions.verify.writing import GSM, LANGUAGES, letters, write_mail, write_sms
from tests.fakes import CONFIG

PARAMETERS = {
    "code": "012345",
    "token": "f" * 32 + "." + "e" * 64,
    "wave": 123,
    "kind": "ktp",
    "reasons": "blurred,glare",
    "answer": "record_right",
    "sentence": "Data di kartu keluarga sudah kami cocokkan.",
    "removed_for": "declined",
}
LONG = replace(
    CONFIG, origin="https://gelombang.prakerja.example.go.id", programme="Kartu Prakerja"
)


def shape(value):
    """Keys and kinds of a catalogue, without its words."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value] if isinstance(value, list) else str


def variables(value):
    return sorted(set(re.findall(r"{{ (\w+) }}", str(value))))


def test_both_catalogues_have_the_same_messages_and_parameters():
    first, second = letters("id"), letters("en")
    assert shape(first) == shape(second)
    for channel in ("mail", "sms"):
        for name in first[channel]:
            assert variables(first[channel][name]) == variables(second[channel][name]), name


def test_the_catalogue_holds_every_template_of_the_contract():
    outcomes = {
        f"outcome_{outcome}"
        for outcome in ("selected", "reserve", "not_selected", "family_limit", "excluded")
    }
    accounts = {
        "confirm_email", "already_registered", "change_email", "email_changed",
        "reset_password", "reset_unknown", "password_changed", "phone_changed", "joined",
    }  # fmt: skip
    reviews = {"photo_accepted", "photo_refused", "objection_upheld", "objection_dismissed"}
    rights = {"withdrawn", "deletion_asked", "account_deleted", "data_exported"}
    rights |= {"dispute_begun", "nik_disputed", "dispute_won", "dispute_lost"}
    rights |= {"recovery_asked", "phone_removed"}
    later = {"wave_void", "removed", "outcome_promoted"}
    assert set(letters("id")["mail"]) == outcomes | accounts | reviews | rights | later
    codes = {"phone_code", "change_code", "phone_changed", "recovery_asked"}
    assert set(letters("id")["sms"]) == outcomes | codes | {"outcome_promoted"}


def test_every_answer_to_an_objection_and_every_removal_has_its_words():
    for language in LANGUAGES:
        answers = {code for codes in ANSWERS.values() for code in codes}
        assert set(letters(language)["objections"]) == answers
        assert set(letters(language)["removals"]) == set(REMOVED_FOR)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", letters("id")["sms"])
def test_every_sms_fits_into_one_message(template, language):
    text = write_sms(LONG, template, language, PARAMETERS)
    assert len(text) <= 160
    assert set(text) <= GSM


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", letters("id")["mail"])
def test_every_mail_warns_of_fraud_in_text_and_html(template, language):
    mail = write_mail(LONG, template, language, PARAMETERS)
    warning = letters(language)["frame"]["warning"].split(".")[0]
    for body in (mail.text, mail.html):
        assert warning in body
        assert LONG.domain in body
        assert "{{" not in body
    assert mail.subject in mail.html
    assert f'<html lang="{language}">' in mail.html
    assert "\n" not in mail.subject


def test_the_sms_of_a_code_ends_as_browsers_expect_it():
    for language in LANGUAGES:
        for template in ("phone_code", "change_code"):
            text = write_sms(CONFIG, template, language, PARAMETERS)
            assert text.split("\n")[-1] == "@gelombang.example #012345"


def test_the_confirmation_has_the_button_the_code_and_the_link_in_the_fragment():
    mail = write_mail(CONFIG, "confirm_email", "id", PARAMETERS)
    link = f"https://gelombang.example/daftar/email/#{PARAMETERS['token']}"
    assert "Verifikasi Email Sekarang</a>" in mail.html
    assert f'href="{link}"' in mail.html
    assert f"Verifikasi Email Sekarang:\n{link}" in mail.text
    assert "012345" in mail.text
    assert "012345" in mail.html


def test_english_links_open_english_pages():
    mail = write_mail(CONFIG, "reset_password", "en", PARAMETERS)
    assert f"https://gelombang.example/en/masuk/sandi/#{PARAMETERS['token']}" in mail.text


def test_only_mails_with_a_proof_have_a_link():
    linked = {
        name
        for name in letters("id")["mail"]
        if "<a " in write_mail(CONFIG, name, "id", PARAMETERS).html
    }
    assert linked == {"confirm_email", "change_email", "reset_password", "recovery_asked"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_that_a_person_may_give_has_words(language):
    codes = {code for reasons in REASONS_OF_A_PERSON.values() for code in reasons}
    words = letters(language)["photos"]
    assert set(words["reasons"]) == codes
    assert set(words["kinds"]) == set(KINDS)
    for kind, reasons in REASONS_OF_A_PERSON.items():
        assert list(reasons) == sorted(reasons, key=REASONS.index), "worst first"
        mail = write_mail(
            CONFIG, "photo_refused", language, {"kind": kind, "reasons": ",".join(reasons)}
        )
        for code in reasons:
            assert words["reasons"][code] in mail.text
        assert words["kinds"][kind] in mail.subject


def test_a_missing_parameter_is_a_fault_and_no_blank():
    with pytest.raises(UndefinedError):
        write_mail(CONFIG, "joined", "id", {})


def test_html_in_a_parameter_stays_text():
    config = replace(CONFIG, programme="<b>Gelombang</b>")
    mail = write_mail(config, "joined", "id", PARAMETERS)
    assert "&lt;b&gt;Gelombang" in mail.html
    assert "<b>" not in mail.html


def test_an_sms_that_does_not_fit_is_refused():
    config = replace(CONFIG, programme="Gelombang " * 10)
    with pytest.raises(ValueError, match="does not fit"):
        write_sms(config, "phone_code", "id", PARAMETERS)


def test_an_unknown_language_is_answered_in_indonesian():
    assert letters("fr") == letters("id")
