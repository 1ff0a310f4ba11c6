"""What the dashboard and the pages around it offer: receipts, rank, password, help."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from tests.site.fake_api import STEPS, FakeApi, at, entry, error, receipt
from tests.site.photo_pages import verdict, violations
from tests.site.states import registered

FIGURES = {"last_rank_open": 400, "last_rank_pool": 90, "quota": 500, "entries": 9_000}


def _outcome(rank: int) -> dict[str, object]:
    return {"outcome": "not_selected", "reasons": [], "rank": rank, "pool": None, **FIGURES}


def test_a_receipt_is_saved_as_picture_and_as_file(page: Page, api: FakeApi) -> None:
    api.entries = [entry(12, "open")]
    page.goto("/dasbor/")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Unduh tanda terima").click()
    assert json.loads(Path(saved.value.path()).read_text())["entry"] == receipt(12)["entry"]
    with page.expect_download() as saved:
        page.get_by_role("button", name="Simpan gambar").click()
    assert saved.value.suggested_filename == "receipt-12.png"
    picture = Image.open(io.BytesIO(Path(saved.value.path()).read_bytes()))
    assert picture.format == "PNG" and picture.width == 720
    # The sea of the header, the sun in it, paper, and words in ink.
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 24) or []}
    assert {(10, 53, 80), (255, 200, 87), (255, 255, 255), (16, 32, 43)} <= colours


def test_print_shows_a_chosen_receipt_alone(page: Page, api: FakeApi) -> None:
    api.entries = [entry(12, "open"), entry(11, "announced", _outcome(4_321))]
    page.goto("/dasbor/")
    page.evaluate("() => { window.print = () => { window.seen = document.body.className; }; }")
    page.get_by_role("button", name="Cetak").first.click()
    assert page.evaluate("window.seen") == "print-one"
    page.emulate_media(media="print")
    expect(page.locator(".top")).to_be_hidden()
    expect(page.locator(".receipt .small").first).to_be_hidden()
    page.evaluate(
        "() => { document.body.className = 'print-one';"
        " document.querySelector('.receipt').className = 'receipt printed'; }"
    )
    expect(page.locator(".receipt").first).to_be_visible()
    expect(page.locator(".receipt").nth(1)).to_be_hidden()
    expect(page.locator("h1")).to_be_hidden()


def test_the_rank_stands_beside_the_last_one_selected(page: Page, api: FakeApi) -> None:
    api.entries = [entry(11, "announced", _outcome(4_321))]
    page.goto("/dasbor/")
    facts = page.locator(".facts", has_text="Urutan Anda")
    for shown in ("4.321", "400", "90", "9.000"):
        expect(facts).to_contain_text(shown)
    width = page.locator(".ranks .places").get_attribute("width")
    assert width is not None and abs(float(width) - 300 * 400 / 9_000) < 0.01


def test_an_account_that_is_held_back_is_told_so_with_what_happens_next(
    page: Page, api: FakeApi
) -> None:
    box = page.locator(".box.main")
    for hold, missing, said, then in (
        ("contested", "identity", "NIK yang Anda isi juga dipakai akun lain", "/data/saya/"),
        ("disputed", "selfie", "kirim foto diri yang baru", "/foto/selfie/"),
        ("disputed", "", "Petugas sedang memeriksa NIK Anda", None),
        ("leaving", "", "Anda sudah meminta akun ini dihapus", None),
    ):
        api.person = {"held": [hold]}
        api.ready = set(STEPS) - {missing}
        page.goto("/dasbor/")
        expect(box).to_contain_text(said)
        expect(box).to_contain_text("lewat email")
        if then is None:
            expect(box.get_by_role("link")).to_have_count(0)
        else:
            expect(box.locator("a.button")).to_have_attribute("href", then)
        # No wave is offered that would then refuse.
        expect(box.locator("a[href='/gelombang/']")).to_have_count(0)
    assert violations(page) == []


def test_a_photo_that_an_officer_has_is_not_asked_for_again_while_a_nik_is_checked(
    page: Page, api: FakeApi
) -> None:
    api.person = {"held": ["disputed"]}
    api.ready = set(STEPS) - {"selfie"}
    api.photos = [{**verdict("in_review"), "kind": "selfie"}]
    page.goto("/dasbor/")
    expect(page.locator(".box.main")).to_contain_text("tidak ada yang perlu dilakukan")


def test_the_list_of_what_is_ready_counts_what_is_done(page: Page, api: FakeApi) -> None:
    api.ready = {"email", "phone"}
    page.goto("/en/dasbor/")
    expect(page.locator("main")).to_contain_text("2 of 8 done")
    assert page.locator(".marks > .done").count() == 2


def test_a_password_is_changed_with_the_old_one_and_a_code(page: Page, api: FakeApi) -> None:
    wrong = error(422, "invalid", fields={"current": "password_wrong"})
    api.answers["PUT", "verify/password"] = wrong
    page.goto("/masuk/ganti/")
    page.wait_for_selector("#code")
    page.fill("#new-password", "kereta malam ke timur")
    page.fill("#password", "kuda laut biru")
    page.fill("#code", "123 456")
    page.get_by_role("button", name="Simpan kata sandi").click()
    expect(page.locator("#password-error")).to_contain_text("Kata sandi tidak cocok")
    api.answers["PUT", "verify/password"] = (200, {})
    page.get_by_role("button", name="Simpan kata sandi").click()
    expect(page.locator("#done")).to_be_focused()
    sent = {"current": "kuda laut biru", "password": "kereta malam ke timur", "code": "123456"}
    assert api.asked("PUT", "verify/password") == [sent, sent]
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "kereta" not in kept and "kuda" not in kept


def test_an_address_that_mail_does_not_reach_is_told_with_where_to_change_it(
    page: Page, api: FakeApi
) -> None:
    mail = {"channel": "mail", "template": "joined", "state": "unreachable", "at": at(seconds=-5)}
    for why in ("bounced", "complained"):
        api.person = {"email_unreachable": why, "delivery": [mail]}
        page.goto("/dasbor/")
        notice = page.locator(".notice", has_text="s•••@contoh.id")
        expect(notice).to_contain_text("tidak sampai atau ditandai spam")
        link = notice.get_by_role("link", name="Ganti alamat email")
        expect(link).to_have_attribute("href", "/masuk/email/")
        expect(page.locator("main")).to_contain_text("Tidak sampai")
    api.person = {}
    page.goto("/dasbor/")
    expect(page.locator(".box.main")).to_be_visible()
    expect(page.locator(".notice", has_text="s•••@contoh.id")).to_have_count(0)


def test_an_address_is_changed_with_the_password_and_a_code(page: Page, api: FakeApi) -> None:
    api.answers["PUT", "verify/email"] = error(422, "code_wrong", tries_left=3)
    page.goto("/masuk/email/")
    page.wait_for_selector("#code")
    page.fill("#email", "sari@baru.id")
    page.fill("#password", "kuda laut biru")
    page.fill("#code", "123 456")
    page.get_by_role("button", name="Ganti alamat email").click()
    expect(page.locator("#code-error")).to_be_visible()
    api.answers["PUT", "verify/email"] = (202, {"next_at": at(seconds=50)})
    page.get_by_role("button", name="Ganti alamat email").click()
    page.wait_for_url("**/daftar/email/")
    expect(page.locator("#address")).to_have_text("sari@baru.id")
    sent = {"email": "sari@baru.id", "password": "kuda laut biru", "code": "123456"}
    assert api.asked("PUT", "verify/email") == [sent, sent]


def test_a_mail_that_came_back_is_told_until_the_address_is_changed(
    page: Page, api: FakeApi
) -> None:
    api.answers["GET", "verify/email"] = (200, {"state": "unreachable", "next_at": at()})
    page.goto("/daftar/email/")
    told = page.locator("#unreachable")
    expect(page.locator("#resend")).to_be_visible()
    expect(told).to_be_hidden()  # nobody has asked for a mail here
    assert api.asked("GET", "verify/email") == []
    registered(page)
    expect(told).to_contain_text("tidak sampai")
    expect(page.locator("#resend")).to_be_hidden()
    del api.answers["GET", "verify/email"]
    api.answers["PUT", "verify/email"] = (202, {"next_at": at(seconds=50)})
    page.get_by_label("Alamat email baru").fill("sari@baru.id")
    page.get_by_role("button", name="Ganti alamat email").click()
    expect(told).to_be_hidden()
    expect(page.locator("#address")).to_have_text("sari@baru.id")


def test_the_fate_of_the_sms_and_the_usual_wait_are_told(page: Page, api: FakeApi) -> None:
    sms = {"channel": "sms", "template": "phone_code", "state": "failed", "at": at(seconds=-5)}
    api.person = {"delivery": [sms]}
    api.status["sms"] = {**api.status["mail"]}
    page.goto("/hp/otp/")
    expect(page.locator("#delivery")).to_contain_text("SMS terakhir: Gagal dikirim")
    expect(page.locator("main")).to_contain_text("separuh SMS terkirim dalam 30 detik")
    page.goto("/en/daftar/email/")
    expect(page.locator("main")).to_contain_text("half of the emails go out within 30 seconds")


def test_help_is_found_by_the_beginning_of_words(page: Page) -> None:
    page.goto("/bantuan/")
    page.fill("#find", "foto KABUR")
    expect(page.locator(".topic:visible h2")).to_have_text(["Foto ditolak"])
    expect(page.locator("main [role=status]")).to_have_text("1 topik ditemukan.")
    page.fill("#find", "zzz")
    expect(page.locator("main [role=status]")).to_contain_text("Tidak ada topik")
    page.fill("#find", "")
    expect(page.locator("#contents")).to_be_visible()
