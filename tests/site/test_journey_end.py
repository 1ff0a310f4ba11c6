"""The last steps in a real browser: the test, joining a wave, the dashboard."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.site.fake_api import FakeApi, at, entry, error, receipt, the_test, wave


def test_each_answer_is_saved_and_the_test_resumes_where_it_was(page: Page, api: FakeApi) -> None:
    for number in range(1, 21):
        api.answers["PUT", f"verify/test/answers/{number}"] = (204, None)
    api.answers["POST", "verify/test"] = (201, the_test("open"))
    page.goto("/tes/")
    page.get_by_role("button", name="Mulai tes").click()
    expect(page.locator("#question")).to_have_text("Soal nomor 1?")
    page.get_by_role("button", name="Simpan dan lanjut").click()
    expect(page.locator(".summary")).to_contain_text("Pilih satu jawaban dulu")
    page.get_by_label("Pilihan 2").check()
    page.get_by_role("button", name="Simpan dan lanjut").click()
    expect(page.locator("#question")).to_have_text("Soal nomor 2?")
    assert api.asked("PUT", "verify/test/answers/1") == [{"attempt": 1, "choice": 2}]
    api.test = the_test("open", {"1": 2, "2": 0})
    page.reload()
    expect(page.locator("#question")).to_have_text("Soal nomor 3?")
    page.get_by_role("button", name="Kembali").click()
    expect(page.get_by_label("Pilihan 0")).to_be_checked()


def test_the_time_left_follows_the_servers_clock(page: Page, api: FakeApi) -> None:
    api.test = the_test("open", server_time=at(days=400), deadline=at(days=400, minutes=10))
    page.goto("/tes/")
    expect(page.locator("#clock")).to_contain_text("9 menit")


def test_finishing_the_test_says_what_is_open_and_what_came_of_it(page: Page, api: FakeApi) -> None:
    api.test = the_test("open", {str(n): 1 for n in range(1, 21)})
    result = {"passed": True, "score": 15, "of": 20, "pass_mark": 12, "tries_left": 0}
    api.answers["POST", "verify/test/submit"] = (200, {**result, "next_at": None})
    page.goto("/tes/")
    expect(page.locator("#answered")).to_have_text("Terjawab 20 dari 20 pertanyaan.")
    page.get_by_role("button", name="Selesaikan tes").click()
    expect(page.locator("#result")).to_contain_text("Jawaban benar: 15 dari 20")
    expect(page.get_by_role("link", name="Lihat gelombang")).to_be_visible()
    assert api.asked("POST", "verify/test/submit") == [{"attempt": 1}]


def test_joining_needs_consent_and_gives_the_receipt(
    page: Page, api: FakeApi, tmp_path: Path
) -> None:
    made = {"receipt": receipt(12), "exclusions": ["in_education"]}
    api.answers["POST", "select/waves/12/entry"] = (201, made)
    page.goto("/gelombang/")
    join = page.get_by_role("button", name="Gabung gelombang 12")
    join.click()
    expect(page.locator(".summary")).to_contain_text("Beri tanda persetujuan dulu")
    assert api.asked("POST", "select/waves/12/entry") == []
    page.get_by_label("Saya setuju").check()
    join.click()
    box = page.locator("#receipt")
    expect(box).to_be_focused()
    expect(box).to_contain_text("Anda sudah bergabung di gelombang 12")
    expect(box).to_contain_text("sedang bersekolah atau kuliah")
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh tanda terima").click()
    download.value.save_as(tmp_path / "receipt.json")
    assert json.loads((tmp_path / "receipt.json").read_text()) == made["receipt"]
    assert "cdcd" not in page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")


def test_a_join_repeated_after_a_reload_carries_the_same_key(page: Page, api: FakeApi) -> None:
    api.answers["POST", "select/waves/12/entry"] = error(409, "wave_closed")
    for _ in range(2):
        page.goto("/gelombang/")
        page.get_by_label("Saya setuju").check()
        page.get_by_role("button", name="Gabung gelombang 12").click()
        expect(page.locator(".summary")).to_contain_text("sudah ditutup")
    keys = {h["idempotency-key"] for m, p, _, h in api.calls if p == "select/waves/12/entry"}
    assert len(keys) == 1


def test_who_is_not_ready_is_told_what_is_missing(page: Page, api: FakeApi) -> None:
    api.ready -= {"selfie", "test"}
    page.goto("/gelombang/")
    notice = page.locator("#waves .notice")
    expect(notice.get_by_role("link")).to_have_text(["Kirim foto diri dengan KTP", "Kerjakan tes"])
    expect(page.get_by_role("button", name="Gabung")).to_have_count(0)


def test_the_dashboard_says_why_and_hands_out_the_proof(
    page: Page, api: FakeApi, tmp_path: Path
) -> None:
    figures = {"rank": 501_234, "last_rank_open": 400_120, "last_rank_pool": None}
    outcome = {"outcome": "not_selected", "reasons": [], "pool": None, **figures}
    outcome |= {"quota": 400_000, "entries": 812_345}
    api.entries = [entry(11, "announced", outcome)]
    api.answers["GET", "select/entries/11/proof"] = (200, {"version": 1, "wave": 11})
    page.goto("/dasbor/")
    for shown in ("Anda belum terpilih", "501.234", "400.120", "812.345"):
        expect(page.locator("main")).to_contain_text(shown)
    with page.expect_download() as download:
        page.get_by_role("button", name="Unduh bukti undian").click()
    download.value.save_as(tmp_path / "proof.json")
    assert json.loads((tmp_path / "proof.json").read_text())["wave"] == 11


def test_waiting_says_what_it_means_and_when_in_all_three_zones(page: Page, api: FakeApi) -> None:
    api.waves = [wave(12, "closed", -3, -1)]
    api.entries = [{**entry(12, "closed"), "draw_at": "2027-01-05T16:30:00Z"}]
    page.goto("/dasbor/")
    expect(page.locator("main")).to_contain_text("Anda tidak perlu berbuat apa-apa")
    expect(page.locator("main")).to_contain_text(
        "Selasa, 5 Januari 2027, 23.30 WIB (Rabu 00.30 WITA, Rabu 01.30 WIT)"
    )


def test_a_wave_of_some_provinces_names_them_where_one_decides(page: Page, api: FakeApi) -> None:
    api.waves = [wave(12, "open", -1, 1, provinces=["31", "91"])]
    for path in ("/", "/gelombang/"):
        page.goto(path)
        expect(page.locator("main")).to_contain_text("Daerah Khusus Ibukota Jakarta, Papua")


def test_the_status_page_tells_which_part_does_not_answer(page: Page, api: FakeApi) -> None:
    api.answers["GET", "upload/openapi.json"] = (500, {"error": {"code": "unexpected"}})
    page.goto("/status/")
    expect(page.locator("[data-part=upload] .state")).to_have_text("Tidak menjawab")
    expect(page.locator("[data-part=select] .state")).to_contain_text("Menjawab dalam")
