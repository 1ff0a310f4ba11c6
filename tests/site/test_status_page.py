"""The public status: its figures, what is too small to tell, and what is no longer true."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.site.fake_api import FakeApi, the_status


def test_the_figures_are_shown_in_words_and_bars(page: Page, complaints: list[str]) -> None:
    page.goto("/status/")
    figures = page.locator("#figures")
    expect(figures).to_contain_text("1.432.133")
    expect(figures.get_by_role("row", name="Kabur")).to_contain_text("4.100")
    expect(figures.get_by_role("row", name="Email")).to_contain_text(
        "30 detik5 menit6 menit 52 detik"
    )
    expect(figures.get_by_role("row", name="SMS")).to_contain_text("––tidak ada")
    expect(figures).to_contain_text("Waktu resmi server: ")
    expect(figures).to_contain_text("Ditutup dalam2 jam 59 menit")
    assert figures.locator("svg.bar").count() == 6
    assert complaints == []


def test_small_counts_are_fewer_than_ten_and_old_figures_are_said_to_be_old(
    page: Page, api: FakeApi
) -> None:
    few = {"total": None, "last_hour": None}
    api.status = the_status(3_000, registrations=few)
    page.goto("/en/status/")
    expect(page.locator("#figures")).to_contain_text("fewer than 10")
    expect(page.locator("#taken")).to_contain_text("They may no longer be right.")


def test_without_figures_the_phone_still_asks_the_service(page: Page) -> None:
    page.route("**/status/status.json", lambda route: route.fulfill(status=404, body=""))
    page.goto("/status/")
    expect(page.locator("#taken")).to_contain_text("Angka layanan belum tersedia")
    expect(page.locator('[data-part="select"]')).to_contain_text("Menjawab dalam")
