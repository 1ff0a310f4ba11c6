"""Sending a photo over bad connections, and going on after the page was closed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.site.fake_api import FakeApi, at, error
from tests.site.photo_pages import (
    PHOTO,
    choose,
    chosen,
    is_kept,
    keys,
    lose,
    new_tab,
    open_page,
    takes_photos,
    verdict,
    violations,
)


@pytest.fixture
def sending(api: FakeApi) -> FakeApi:
    """An API that takes photos and accepts them."""
    return takes_photos(api)


@pytest.mark.parametrize(("lost", "photos"), [(0.0, 1), (0.8, 2)])
def test_photos_arrive_however_many_requests_are_lost(
    lost: float, photos: int, page: Page, sending: FakeApi
) -> None:
    open_page(page)
    lose(sending, lost, f"photos {lost}")
    for number in range(1, photos + 1):
        choose(page)
        page.locator("#send").click()
        # The verdict on the photo before is hidden until this one's comes.
        expect(page.locator("#verdict")).to_be_visible(timeout=60_000)
        expect(page.locator("#verdict")).to_contain_text("Foto diterima")
        assert len(sending.stored) == number
    assert len(set(keys(sending))) == photos, "each photo has one key over all its tries"
    assert (len(keys(sending)) > photos) == (lost > 0)


def test_a_failing_connection_is_tried_again_with_a_fresh_permit_and_the_same_key(
    page: Page, sending: FakeApi
) -> None:
    sending.storage_fails = [True, True, True]
    open_page(page)
    choose(page)
    page.get_by_role("button", name="Kirim foto ini").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    assert len(sending.stored) == 1
    assert len(keys(sending)) == 4
    assert len(set(keys(sending))) == 1


def test_a_photo_whose_receipt_was_lost_is_recognised_as_sent(page: Page, sending: FakeApi) -> None:
    permits = [sending.answers["POST", "upload/photos"], error(409, "photo_decided")]
    sending.answers["POST", "upload/photos"] = lambda _: permits.pop(0)
    sending.storage_fails = [True]
    open_page(page)
    choose(page)
    page.locator("#send").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")


def test_what_the_storage_refuses_for_good_is_given_up_and_kept(
    page: Page, sending: FakeApi
) -> None:
    sending.storage_refuses = 5
    open_page(page)
    choose(page)
    page.locator("#send").click()
    expect(page.locator(".summary")).to_contain_text("belum terkirim, tetapi tersimpan")
    assert len(keys(sending)) == 5
    page.locator("#send").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")


def test_sending_waits_for_the_network_and_goes_on_by_itself(page: Page, sending: FakeApi) -> None:
    open_page(page)
    choose(page)
    page.wait_for_selector("#preview:not([hidden])")
    page.context.set_offline(True)
    page.locator("#send").click()
    expect(page.locator("#line")).to_contain_text("tanpa internet")
    assert violations(page) == []
    page.context.set_offline(False)
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")


def test_a_network_that_goes_in_mid_upload_costs_nothing(page: Page, sending: FakeApi) -> None:
    sending.storage_holds = True
    open_page(page)
    choose(page)
    page.locator("#send").click()
    sending.wait_for_held(page)
    expect(page.locator("#stop")).to_be_visible()
    page.context.set_offline(True)
    sending.storage_holds = False
    sending.held.pop().abort()
    expect(page.locator("#line")).to_contain_text("tanpa internet")
    page.context.set_offline(False)
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    assert len(sending.stored) == 1


def test_sending_can_be_stopped_and_taken_up_again(page: Page, sending: FakeApi) -> None:
    sending.storage_holds = True
    open_page(page)
    choose(page)
    page.locator("#send").click()
    sending.wait_for_held(page)
    assert violations(page) == []
    page.get_by_role("button", name="Berhenti mengirim").click()
    expect(page.locator("#line")).to_contain_text("Pengiriman dihentikan")
    sending.storage_holds = False
    page.locator("#send").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")


def test_a_chosen_photo_survives_a_reload_and_is_gone_once_accepted(
    page: Page, sending: FakeApi
) -> None:
    open_page(page)
    choose(page)
    chosen(page)
    open_page(page)
    expect(page.locator("#restored")).to_contain_text("masih tersimpan di HP Anda")
    assert violations(page) == []
    page.locator("#send").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    assert not is_kept(page)
    open_page(page)
    expect(page.locator("#preview")).to_be_hidden()


def test_a_tab_killed_after_choosing_offers_the_photo_again(page: Page, sending: FakeApi) -> None:
    open_page(page)
    choose(page)
    _, _, before = chosen(page)
    again = new_tab(page, sending)
    expect(again.locator("#restored")).to_contain_text("belum dikirim")
    assert chosen(again)[2] == before
    assert sending.asked("POST", "upload/photos") == []


@pytest.mark.parametrize("reload", [True, False])
def test_a_page_closed_in_mid_upload_goes_on_by_itself_with_the_same_key(
    reload: bool, page: Page, sending: FakeApi
) -> None:
    sending.storage_holds = True
    open_page(page)
    choose(page)
    page.locator("#send").click()
    sending.wait_for_held(page)
    sending.held.clear()
    sending.storage_holds = False
    # The verdict stays out, so that what is said on the way can be read.
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, verdict("waiting"))
    if reload:
        open_page(page, under_way=True)
    else:
        page = new_tab(page, sending, under_way=True)
    expect(page.locator("#restored")).to_contain_text("Pengiriman dilanjutkan sendiri")
    expect(page.locator("#line")).to_contain_text("Foto sudah terkirim")
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, verdict("accepted"))
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    assert len(sending.stored) == 1
    assert len(set(keys(sending))) == 1
    assert not is_kept(page)


def test_a_tab_killed_before_the_verdict_waits_for_it_without_sending_again(
    page: Page, sending: FakeApi
) -> None:
    waiting = verdict("waiting")
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, waiting)
    open_page(page)
    choose(page)
    page.locator("#send").click()
    expect(page.locator("#line")).to_contain_text("Foto sudah terkirim")
    sending.photos = [waiting]
    again = new_tab(page, sending, under_way=True)
    expect(again.locator("#restored")).to_contain_text("kami menunggu hasilnya")
    assert violations(again) == []
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, verdict("accepted"))
    expect(again.locator("#verdict")).to_contain_text("Foto diterima")
    assert len(sending.stored) == 1


def test_a_verdict_that_came_while_the_tab_was_dead_is_shown_at_once(
    page: Page, sending: FakeApi
) -> None:
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, verdict("waiting"))
    open_page(page)
    choose(page)
    page.locator("#send").click()
    expect(page.locator("#line")).to_contain_text("Foto sudah terkirim")
    sending.photos = [verdict("refused", "glare")]
    again = new_tab(page, sending)
    expect(again.locator("#verdict")).to_contain_text("pantulan cahaya")
    assert not is_kept(again)


def test_a_tab_killed_under_the_camera_app_is_explained_once(page: Page, sending: FakeApi) -> None:
    open_page(page)
    # The camera app opens; this browser has none, so only the click is made.
    with page.expect_file_chooser():
        page.locator("#take").click()
    again = new_tab(page, sending)
    expect(again.locator("#closed")).to_contain_text("HP menutup halaman ini")
    assert violations(again) == []
    open_page(again)
    expect(again.locator("#closed")).to_be_hidden()


def test_a_camera_app_that_gave_its_photo_leaves_nothing_to_explain(
    page: Page, sending: FakeApi
) -> None:
    open_page(page)
    with page.expect_file_chooser():
        page.locator("#take").click()
    choose(page)
    page.wait_for_selector("#preview:not([hidden])")
    again = new_tab(page, sending)
    expect(again.locator("#preview")).to_be_visible()
    expect(again.locator("#closed")).to_be_hidden()


def test_a_kept_photo_is_not_shown_to_another_applicant(page: Page, sending: FakeApi) -> None:
    open_page(page)
    choose(page)
    chosen(page)
    sending.person = {"applicant": "b2" * 16}
    open_page(page)
    expect(page.locator("#preview")).to_be_hidden()
    assert not is_kept(page)


def test_a_kept_photo_ends_after_a_day(page: Page, sending: FakeApi) -> None:
    open_page(page)
    choose(page)
    chosen(page)
    page.clock.set_fixed_time(at(hours=25))
    open_page(page)
    expect(page.locator("#preview")).to_be_hidden()
    assert not is_kept(page)


def test_a_late_verdict_is_said_to_be_late_with_the_way_on_and_the_same_photo_once_more(
    page: Page, sending: FakeApi
) -> None:
    usual = (200, verdict("waiting"))
    answers: list[object] = [usual] * 11 + [(0, None)] * 4
    asked = ("GET", f"upload/photos/{PHOTO}")
    sending.answers[asked] = lambda _: answers.pop(0) if answers else usual
    open_page(page)
    choose(page)
    page.locator("#send").click()
    expect(page.locator("#late")).to_contain_text("Foto Anda sudah kami terima")
    expect(page.locator("#late a")).to_have_attribute("href", "/foto/selfie/")
    assert violations(page) == []
    resend = page.get_by_role("button", name="Kirim foto yang sama sekali lagi")
    resend.click()
    expect(page.locator("#resend")).to_be_hidden()
    sending.wait_for_stored(page, 2)
    usual = (200, verdict("accepted"))
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    assert len(set(keys(sending))) == 1
