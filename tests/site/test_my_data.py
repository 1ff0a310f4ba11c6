"""My data in a real browser: a copy, leaving a wave, leaving altogether, "it is not me"."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.site.fake_api import FakeApi, at, error

ENTRY = {"wave": 12, "phase": "open", "joined_at": at(hours=-1), "outcome": None}


def test_an_entry_of_an_open_wave_can_be_taken_back(page: Page, api: FakeApi) -> None:
    api.entries = [ENTRY]
    api.waves[0].update(wave=12, phase="open", opens_at=at(days=-1), closes_at=at(days=1))
    api.answers["DELETE", "select/waves/12/entry"] = (200, {"wave": 12, "withdrawn_at": at()})
    page.goto("/data/saya/")
    page.get_by_role("button", name="Tarik diri dari gelombang 12").click()
    expect(page.locator("#done")).to_be_focused()
    expect(page.locator("#done")).to_contain_text("menarik diri dari gelombang 12")
    expect(page.locator("#waves li")).to_have_count(0)


def test_the_copy_is_one_file_of_all_three_functions(
    page: Page, api: FakeApi, tmp_path: Path
) -> None:
    api.answers["GET", "verify/export"] = (200, {"account": {"nik": "3171010101909001"}})
    api.photos = [{"photo": "a" * 32, "kind": "ktp", "state": "accepted"}]
    page.goto("/data/saya/")
    with page.expect_download() as begun:
        page.get_by_role("button", name="Unduh data saya").click()
    begun.value.save_as(tmp_path / "data.json")
    found = json.loads((tmp_path / "data.json").read_text())
    assert found["account"]["nik"] == "3171010101909001"
    assert [photo["kind"] for photo in found["photos"]] == ["ktp"]
    assert found["entries"] == []


def test_deleting_the_account_takes_password_code_and_a_tick(page: Page, api: FakeApi) -> None:
    api.answers["POST", "verify/phone/code"] = (202, {"phone": "****9001"})
    api.answers["DELETE", "verify/me"] = error(422, "code_wrong", tries_left=4)
    page.goto("/data/saya/")
    expect(page.get_by_label("Kode dari SMS")).to_be_visible()
    page.get_by_role("button", name="Hapus akun saya").click()
    expect(page.locator("form .summary li")).to_have_count(3)
    page.get_by_label("Kata sandi").fill("kuda laut biru")
    page.get_by_role("button", name="Kirim kode ke nomor yang sekarang").click()
    expect(page.get_by_text("Kode sudah dikirim ke ****9001")).to_be_visible()
    page.get_by_label("Kode dari SMS").fill("123 456")
    page.get_by_label("Saya mengerti").check()
    page.get_by_role("button", name="Hapus akun saya").click()
    expect(page.locator("#code-error")).to_be_visible()
    answer = {"asked_at": at(), "waits_for": [12]}
    api.answers["DELETE", "verify/me"] = (202, answer)
    page.get_by_role("button", name="Hapus akun saya").click()
    expect(page.locator("#done")).to_contain_text("setelah hasil gelombang 12")
    expect(page.locator("form")).to_be_hidden()
    body = {"password": "kuda laut biru", "code": "123456"}
    assert api.asked("DELETE", "verify/me") == [body, body]


def test_who_is_told_that_a_nik_is_contested_can_say_it_is_not_me(page: Page, api: FakeApi) -> None:
    page.goto("/data/saya/")
    expect(page.locator("#contested")).to_be_hidden()
    api.person = {"held": ["contested"]}
    api.answers["POST", "verify/not-me"] = (202, {})
    page.reload()
    page.get_by_role("button", name="Bukan saya yang memakainya").click()
    expect(page.locator("#done")).to_contain_text("Petugas sedang memeriksa NIK Anda")


def test_the_link_of_a_notice_stops_a_recovery(page: Page, api: FakeApi) -> None:
    token = f"{'a' * 32}.{'b' * 64}"
    api.answers["POST", "verify/recovery/stop"] = (200, {})
    page.goto(f"/masuk/bukan/#{token}")
    page.get_by_role("button", name="Hentikan, bukan saya").click()
    expect(page.locator("#done")).to_be_focused()
    assert api.asked("POST", "verify/recovery/stop") == [{"token": token}]
    assert "#" not in page.url
