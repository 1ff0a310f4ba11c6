"""What is said of a decided photo: reasons and pictures, an officer's look, the dashboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from functions.upload.photo.verdict import REASONS
from tests.site.fake_api import FakeApi, at, error
from tests.site.photo_pages import (
    PHOTO,
    choose,
    open_page,
    takes_photos,
    verdict,
    violations,
)


@pytest.fixture
def sending(api: FakeApi) -> FakeApi:
    """An API that takes photos and accepts them."""
    return takes_photos(api)


def test_a_refusal_shows_the_worst_reason_with_its_picture_and_the_others_below(
    page: Page, sending: FakeApi
) -> None:
    refused = verdict("refused", "cropped", "nik_unreadable", cropped={"side": "right"})
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, refused)
    open_page(page)
    choose(page)
    page.locator("#send").click()
    box = page.locator("#verdict")
    expect(box).to_be_focused()
    for said in ("sisi kanan", "keempat sudut", "NIK di kartu tidak terbaca", "foto lain"):
        expect(box).to_contain_text(said)
    assert box.locator("strong").first.inner_text().startswith("Kartu terpotong")
    expect(box.locator("svg.advice use")).to_have_attribute("href", "#advice-cropped")
    drawn = box.locator("svg.advice").evaluate("image => image.getBBox().width")
    assert drawn > 0, "the sprite has this picture"
    expect(box.locator("li strong")).to_have_text("NIK di kartu tidak terbaca.")
    expect(page.locator("#next")).to_be_hidden()
    expect(page.locator("#take")).to_be_attached()
    assert violations(page) == []


def test_one_differing_digit_is_said_with_a_way_to_the_number(page: Page, sending: FakeApi) -> None:
    sending.photos = [verdict("refused", "nik_mismatch", nik_mismatch={"digits": 1})]
    open_page(page)
    box = page.locator("#verdict")
    expect(box).to_contain_text("Hanya satu angka yang berbeda")
    expect(box.get_by_role("link")).to_have_attribute("href", "/data/nik/")
    assert violations(page) == []
    sending.photos = [verdict("refused", "nik_mismatch", nik_mismatch={"digits": 5})]
    open_page(page)
    expect(box).to_contain_text("NIK di kartu berbeda")
    expect(box).not_to_contain_text("Hanya satu angka")


@pytest.mark.parametrize("home", ["/", "/en/"])
def test_every_reason_of_the_checks_has_its_own_words_and_a_picture(
    home: str, page: Page, sending: FakeApi
) -> None:
    sending.photos = [verdict("refused", *REASONS)]
    page.goto(f"{home}foto/ktp/")
    said = page.locator("#verdict strong")
    expect(said).to_have_count(len(REASONS))
    assert len(set(said.all_inner_texts())) == len(REASONS), "none shares its words"
    assert all(said.all_inner_texts())
    for kind, never in (("ktp", {"no_face", "no_card"}), ("selfie", set())):
        page.goto(f"{home}foto/{kind}/")
        drawn = page.locator("symbol").evaluate_all("all => all.map((one) => one.id)")
        about_the_file = {"too_large", "wrong_format", "corrupt", "too_many_pixels"}
        shown = {"file", *REASONS} - about_the_file - never
        assert {f"advice-{reason}" for reason in shown} <= set(drawn)


def _refused_twice(sending: FakeApi) -> dict[str, Any]:
    """The newest refusal of two, which may go to a person."""
    newest = {**verdict("refused", "blurred"), "may_review": True}
    sending.photos = [newest, {**verdict("refused", "blurred"), "photo": "dd" * 16}]
    queued = {**newest, "state": "in_review", "may_review": False, "review_asked_at": at()}
    sending.answers["POST", f"upload/photos/{PHOTO}/review"] = (200, queued)
    return queued


def test_after_two_refusals_an_officer_can_be_asked(
    page: Page, sending: FakeApi, complaints: list[str]
) -> None:
    queued = _refused_twice(sending)
    open_page(page)
    box = page.locator("#verdict")
    expect(box).to_contain_text("tidak dapat menjanjikan berapa lama")
    assert violations(page) == []
    page.get_by_role("button", name="Minta diperiksa petugas").click()
    expect(box).to_contain_text("Foto sedang diperiksa petugas")
    expect(box).to_be_focused()
    expect(box).to_contain_text("lewat email")
    expect(page.get_by_label("Ambil foto")).to_be_visible()
    expect(page.locator("#next a")).to_be_visible()
    assert violations(page) == []
    assert len(sending.asked("POST", f"upload/photos/{PHOTO}/review")) == 1
    sending.photos[0] = queued
    open_page(page)
    expect(box).to_contain_text("Foto sedang diperiksa petugas")
    expect(page.locator("#ask")).to_have_count(0)
    assert complaints == []


def test_after_one_refusal_no_officer_is_offered(page: Page, sending: FakeApi) -> None:
    sending.photos = [verdict("refused", "blurred")]
    open_page(page)
    expect(page.locator("#verdict")).to_contain_text("Foto kabur")
    expect(page.locator("#ask")).to_have_count(0)


def test_a_request_whose_answer_was_lost_is_made_again(page: Page, sending: FakeApi) -> None:
    queued = _refused_twice(sending)
    answers = [(0, None), (503, {"error": {"code": "busy", "params": {"seconds": 0}}})]
    answers.append((200, queued))
    sending.answers["POST", f"upload/photos/{PHOTO}/review"] = lambda body: answers.pop(0)
    open_page(page)
    page.locator("#ask").click()
    expect(page.locator("#verdict")).to_contain_text("Foto sedang diperiksa petugas")


def test_a_request_that_comes_too_late_says_what_to_do(page: Page, sending: FakeApi) -> None:
    _refused_twice(sending)
    late = error(409, "review_too_late")
    sending.answers["POST", f"upload/photos/{PHOTO}/review"] = late
    open_page(page)
    page.locator("#ask").click()
    expect(page.locator(".summary")).to_contain_text("Kirim foto baru")
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator("#ask")).to_be_enabled()


def test_an_officers_refusal_gives_the_reason_and_the_way_on(page: Page, sending: FakeApi) -> None:
    sending.photos = [{**verdict("refused", "glare"), "by_person": True}]
    open_page(page)
    box = page.locator("#verdict")
    for said in ("Petugas telah memeriksa foto ini", "pantulan cahaya", "foto lain di bawah ini"):
        expect(box).to_contain_text(said)
    expect(page.locator("#ask")).to_have_count(0)


def test_an_officers_acceptance_is_told(page: Page, sending: FakeApi) -> None:
    sending.photos = [{**verdict("accepted"), "by_person": True}]
    open_page(page)
    expect(page.locator("#verdict")).to_contain_text("Petugas telah memeriksanya")
    expect(page.locator("#next a")).to_be_visible()


def test_a_new_refusal_reminds_of_the_photo_that_an_officer_has(
    page: Page, sending: FakeApi
) -> None:
    older = {**verdict("in_review", "blurred"), "photo": "dd" * 16}
    sending.photos = [verdict("refused", "too_dark"), older]
    open_page(page)
    expect(page.locator("#verdict")).to_contain_text("masih memeriksa foto Anda yang sebelumnya")


def test_the_dashboard_does_not_ask_for_a_photo_that_an_officer_has(
    page: Page, sending: FakeApi
) -> None:
    sending.photos = [verdict("in_review", "blurred")]
    page.goto("/dasbor/")
    expect(page.locator("#content")).to_contain_text("Sekarang tidak ada yang perlu dilakukan")
    expect(page.locator("#content")).to_contain_text("Diperiksa petugas")
    assert violations(page) == []
    sending.ready.discard("test")
    page.goto("/dasbor/")
    expect(page.locator("#content .main a")).to_have_attribute("href", "/tes/")


def test_the_dashboard_asks_for_photos_only_while_one_is_missing(page: Page, api: FakeApi) -> None:
    page.goto("/dasbor/")
    page.wait_for_load_state("networkidle")
    assert api.asked("GET", "upload/photos") == []
