"""The waiting room: a time to come back that a reload does not change, and back by itself."""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect


def _told(page: Page, origin: str, seconds: int) -> int:
    at = int(time.time()) + seconds
    page.context.add_cookies([{"name": "kembali", "value": str(at), "url": origin}])
    return at


def test_the_time_is_shown_with_what_is_left_and_stays_when_reloaded(
    page: Page, origin: str
) -> None:
    _told(page, origin, 15 * 60)
    page.goto("/tunggu/")
    told = page.locator("#time")
    expect(told).to_contain_text("WIB")
    before = told.text_content()
    expect(page.locator("#left")).to_contain_text("menit")
    expect(page.locator("#go")).to_be_hidden()
    page.reload()
    expect(told).to_have_text(before or "")
    expect(page.get_by_text("tidak lebih berpeluang")).to_be_visible()


def test_when_the_time_has_come_the_page_goes_back_to_what_was_wanted(
    page: Page, origin: str
) -> None:
    _told(page, origin, 2)
    page.goto("/en/tunggu/#daftar")
    page.wait_for_url("**/en/daftar/")
    _told(page, origin, 1)
    page.goto("/tunggu/")
    page.wait_for_url(f"{origin}/")


def test_whoever_has_no_time_is_led_to_the_start_page(page: Page, origin: str) -> None:
    page.context.add_cookies([{"name": "kembali", "value": "soon<b>", "url": origin}])
    page.goto("/tunggu/")
    expect(page.locator("#time")).to_contain_text("Belum ada waktu")
    page.get_by_role("link", name="Buka situs").click()
    page.wait_for_url(f"{origin}/")


def test_a_phone_whose_clock_is_wrong_waits_no_longer(page: Page, origin: str) -> None:
    """The door's own clock, which stands in each answer, counts."""
    page.add_init_script("const d = Date.now; Date.now = () => d() - 5 * 3600000;")
    _told(page, origin, 10 * 60)
    page.goto("/tunggu/")
    expect(page.locator("#left")).to_contain_text("9 menit")
    expect(page.locator("#left")).not_to_contain_text("jam")
