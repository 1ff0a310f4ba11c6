"""From registering to the receipt with Tab, Enter, Space and the arrows alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.site.fake_api import STEPS, FakeApi, receipt

FARTHEST = 40


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the control has the focus; fails when Tab does not reach it."""
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector} on {page.url}")


def type_into(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def test_a_person_without_a_pointer_registers_declares_and_joins(page: Page, api: FakeApi) -> None:
    api.answers["POST", "verify/email/confirm"] = (200, {"confirmed": True})
    api.answers["PUT", "verify/declaration"] = (200, {})
    joined = {"receipt": receipt(12), "exclusions": []}
    api.answers["POST", "select/waves/12/entry"] = (201, joined)
    api.ready = set(STEPS) - {"declaration"}

    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    tab_to(page, 'a.button[href="/daftar/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/daftar/")

    type_into(page, "#name", "Sari Contoh")
    type_into(page, "#email", "sari@contoh.id")
    type_into(page, "#password", "kuda laut biru")
    page.keyboard.press("Enter")
    page.wait_for_url("**/daftar/email/")

    type_into(page, "#code", "123456")
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_focused()
    tab_to(page, '#done a[href="/masuk/"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/masuk/")

    type_into(page, "#email", "sari@contoh.id")
    type_into(page, "#password", "kuda laut biru")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dasbor/")
    page.wait_for_selector(".box.main a.button")
    tab_to(page, ".box.main a.button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/pernyataan/")

    for name in ("in_education", "official"):
        tab_to(page, f"input[name={name}]")
        page.keyboard.press("ArrowDown")
    tab_to(page, "input[name=employment]")
    page.keyboard.press("Space")
    for name in ("truthful", "consent"):
        tab_to(page, f"input[name={name}]")
        page.keyboard.press("Space")
    api.ready = set(STEPS)
    tab_to(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tes/")

    page.goto("/gelombang/")
    page.wait_for_selector("#consent-12")
    tab_to(page, "#consent-12")
    page.keyboard.press("Space")
    tab_to(page, "main button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#receipt")).to_be_focused()
    expect(page.locator("#receipt")).to_contain_text("Tanda terima")
