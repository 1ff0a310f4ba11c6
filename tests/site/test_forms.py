"""Forms in a real browser: what a person meets when typing, sending and coming back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.site.fake_api import FakeApi, at, error


def _fill_registration(page: Page, email: str = "sari@contoh.id") -> None:
    page.goto("/daftar/")
    page.get_by_label("Nama lengkap").fill("Sari Contoh")
    page.get_by_label("Alamat email").fill(email)
    page.get_by_label("Kata sandi").fill("kuda laut biru")


def test_a_mistyped_mail_provider_is_pointed_out_and_corrected_with_one_press(page: Page) -> None:
    for typed, meant in (
        ("sari@gmial.com", "sari@gmail.com"),
        ("sari@yaho.com", "sari@yahoo.com"),
        ("sari@gmail.con", "sari@gmail.com"),
    ):
        _fill_registration(page, typed)
        page.get_by_label("Kata sandi").focus()
        expect(page.locator("#email-typo")).to_contain_text(meant)
        page.get_by_role("button", name="Ya, ganti").click()
        expect(page.get_by_label("Alamat email")).to_have_value(meant)
        expect(page.locator("#email-typo")).to_be_hidden()


def test_a_right_or_unknown_mail_provider_is_left_alone(page: Page) -> None:
    for typed in ("sari@gmail.com", "sari@ymail.com", "sari@kampus.ac.id", "sari@mail.com"):
        _fill_registration(page, typed)
        page.get_by_label("Kata sandi").focus()
        expect(page.locator("#email-typo")).to_be_hidden()


def test_errors_are_listed_focused_and_beside_their_fields(page: Page, api: FakeApi) -> None:
    page.goto("/daftar/")
    title = page.title()
    page.get_by_role("button", name="Buat akun").click()
    summary = page.locator(".summary")
    expect(summary).to_be_focused()
    expect(summary.get_by_role("link")).to_have_count(3)
    assert page.title() == f"Perlu diperbaiki: {title}"
    email = page.get_by_label("Alamat email")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#email-error")).to_have_text("Isi alamat email Anda")
    summary.get_by_role("link", name="Isi alamat email Anda").click()
    expect(email).to_be_focused()
    assert api.asked("POST", "verify/accounts") == []


def test_a_fields_error_from_the_server_stands_beside_that_field(page: Page, api: FakeApi) -> None:
    fields = {"password": "password_common"}
    api.answers["POST", "verify/accounts"] = error(422, "invalid", fields=fields)
    _fill_registration(page)
    page.get_by_role("button", name="Buat akun").click()
    expect(page.locator("#password-error")).to_contain_text("mudah ditebak")
    expect(page.get_by_label("Kata sandi")).to_have_value("kuda laut biru")


def test_a_lost_answer_is_asked_for_again_with_the_same_key(page: Page, api: FakeApi) -> None:
    # 429 without a code of ours: the gateway before the functions.
    gateway = (429, {"message": "Too Many Requests"})
    tries = [(0, None), error(503, "busy", seconds=0), gateway, (202, {})]
    api.answers["POST", "verify/accounts"] = lambda body: tries.pop(0)
    _fill_registration(page)
    page.get_by_role("button", name="Buat akun").click()
    page.wait_for_url("**/daftar/email/")
    keys = [
        headers["idempotency-key"]
        for method, path, _, headers in api.calls
        if (method, path) == ("POST", "verify/accounts")
    ]
    assert len(keys) == 4
    assert len(set(keys)) == 1
    expect(page.locator("#address")).to_have_text("sari@contoh.id")


def test_a_pause_of_some_length_is_told_at_once_and_nothing_is_lost(
    page: Page, api: FakeApi
) -> None:
    api.answers["POST", "verify/accounts"] = error(
        503, "busy", seconds=1800, paused="registrations"
    )
    _fill_registration(page)
    page.get_by_role("button", name="Buat akun").click()
    summary = page.locator(".summary")
    expect(summary).to_contain_text("penuh atau dijeda")
    expect(summary).to_contain_text("30 menit")
    assert len(api.asked("POST", "verify/accounts")) == 1
    expect(page.get_by_label("Kata sandi")).to_have_value("kuda laut biru")


def test_two_quick_presses_send_once(page: Page, api: FakeApi) -> None:
    _fill_registration(page)
    page.locator("main button[type=submit]").evaluate("b => { b.click(); b.click(); }")
    page.wait_for_url("**/daftar/email/")
    assert len(api.asked("POST", "verify/accounts")) == 1


def test_the_token_of_a_link_is_used_only_when_the_button_is_pressed(
    page: Page, api: FakeApi
) -> None:
    api.answers["POST", "verify/email/confirm"] = (200, {"confirmed": True})
    page.goto("/daftar/email/#abc.def")
    page.wait_for_load_state("networkidle")
    assert api.calls == []
    assert "#" not in page.url
    page.get_by_role("button", name="Verifikasi email sekarang").click()
    expect(page.locator("#done")).to_be_focused()
    assert api.asked("POST", "verify/email/confirm") == [{"token": "abc.def"}]


def test_a_wrong_code_says_how_many_tries_are_left(page: Page, api: FakeApi) -> None:
    api.answers["POST", "verify/email/confirm"] = error(422, "code_wrong", tries_left=3)
    page.goto("/daftar/email/")
    page.get_by_label("Alamat email", exact=True).fill("sari@contoh.id")
    page.get_by_label("Kode dari email").fill("123 456")
    page.get_by_role("button", name="Verifikasi", exact=True).click()
    expect(page.locator("#code-error")).to_have_text("Kode tidak cocok. Sisa percobaan: 3")
    assert api.asked("POST", "verify/email/confirm")[0]["code"] == "123456"


def test_sending_again_waits_for_the_time_the_server_names(page: Page, api: FakeApi) -> None:
    api.answers["POST", "verify/email/resend"] = (202, {"next_at": at(seconds=50)})
    page.goto("/daftar/email/")
    button = page.get_by_role("button", name="Kirim ulang kode")
    button.click()
    expect(page.locator("#resend-line")).to_contain_text("detik")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.dispatch_event("click")
    assert len(api.asked("POST", "verify/email/resend")) == 1


def test_a_phone_number_may_be_written_as_people_write_it(page: Page, api: FakeApi) -> None:
    api.ready.discard("phone")
    answer = {"phone": "+62•••••••890", "next_at": at(minutes=1), "tries_left": 5}
    api.answers["POST", "verify/phone"] = (202, answer)
    for typed in ("0812 3456 7890", "+62 812-3456-7890", "6281234567890"):
        page.goto("/hp/")
        page.get_by_label("Nomor HP").fill(typed)
        page.get_by_role("button", name="Kirim kode").click()
        page.wait_for_url("**/hp/otp/")
    assert {body["phone"] for body in api.asked("POST", "verify/phone")} == {"+6281234567890"}
    code = page.get_by_label("Kode dari SMS")
    expect(code).to_have_attribute("autocomplete", "one-time-code")
    expect(code).to_have_attribute("inputmode", "numeric")


AGE_STEPS = """() => {
  const kept = JSON.parse(sessionStorage.getItem("gelombang.draft.steps"));
  kept.values.at -= 20 * 60000;
  sessionStorage.setItem("gelombang.draft.steps", JSON.stringify(kept));
}"""


def test_a_page_whose_step_is_open_asks_nothing_but_only_for_a_while(
    page: Page, api: FakeApi
) -> None:
    api.ready = {"email"}
    page.goto("/dasbor/")
    page.wait_for_selector(".box.main")
    pages = ("hp/", "data/nik/", "data/diri/", "data/periksa/", "pernyataan/")
    for asks in (0, 1):
        for path in pages:
            api.calls.clear()
            page.goto(f"/{path}")
            page.wait_for_timeout(100)
            assert len(api.asked("GET", "verify/me")) == asks, path
            if asks or path == pages[-1]:
                page.evaluate(AGE_STEPS)


def test_a_page_whose_step_was_done_asks_what_there_is_to_show(page: Page, api: FakeApi) -> None:
    page.goto("/dasbor/")
    page.wait_for_selector(".box.main")
    page.goto("/hp/")
    expect(page.locator("#proved")).to_be_visible()
    kept = page.evaluate("() => JSON.parse(sessionStorage['gelombang.draft.steps']).values")
    assert kept["missing"] == [] and set(kept) == {"missing", "at"}


def _fill_identity(page: Page) -> None:
    page.goto("/data/nik/")
    page.get_by_label("NIK").fill("3171 0157 0295 9001")
    page.get_by_label("Nomor KK").fill("3171015702959002")
    page.get_by_label("Tanggal").fill("17")
    page.get_by_label("Bulan").fill("2")
    page.get_by_label("Tahun").fill("1995")
    page.get_by_label("Perempuan").check()


def _fill_profile(page: Page) -> None:
    page.get_by_label("Provinsi").first.select_option("31")
    page.get_by_label("Kabupaten atau kota").first.select_option(index=1)
    page.get_by_label("Kecamatan").first.select_option(index=1)
    page.get_by_label("Desa atau kelurahan").first.fill("Melati")
    page.get_by_label("Jalan, nomor, RT/RW").first.fill("Jalan Melati 5")
    page.get_by_label("Pendidikan terakhir").select_option("smk")
    page.get_by_label("Status perkawinan").select_option("single")
    page.get_by_label("Jumlah tanggungan").fill("1")
    page.get_by_label("Keadaan pekerjaan").select_option("unemployed")
    page.get_by_label("Pelatihan yang diminati").select_option("digital")


def test_numbers_are_read_back_in_fours_and_sent_after_the_reading(
    page: Page, api: FakeApi
) -> None:
    api.ready = {"email", "phone"}
    api.answers["PUT", "verify/identity"] = (200, {"warnings": [], "missing": ["ktp", "selfie"]})
    _fill_identity(page)
    expect(page.locator("[data-input=nik]")).to_contain_text("3171 0157 0295 9001")
    page.get_by_role("button", name="Lanjut").click()
    page.wait_for_url("**/data/diri/")
    _fill_profile(page)
    page.get_by_role("button", name="Lanjut").click()
    page.wait_for_url("**/data/periksa/")
    expect(page.locator("#identity")).to_contain_text("3171 0157 0295 9002")
    expect(page.locator("#identity")).to_contain_text("17 Februari 1995")
    assert api.asked("PUT", "verify/identity") == []
    page.get_by_role("button", name="Data sudah benar, kirim").click()
    page.wait_for_url("**/foto/ktp/")
    [identity] = api.asked("PUT", "verify/identity")
    profile = identity.pop("profile")
    assert identity == {
        "nik": "3171015702959001",
        "kk": "3171015702959002",
        "birth_date": "1995-02-17",
        "sex": "female",
    }
    assert profile["current_address"] is None
    assert profile["dependants"] == 1
    assert profile["address"]["district"].startswith(profile["address"]["regency"])


def test_an_error_found_after_the_reading_leads_to_its_field(page: Page, api: FakeApi) -> None:
    api.ready = {"email", "phone"}
    fields = {"nik": "nik_birth_date_differs"}
    api.answers["PUT", "verify/identity"] = error(422, "invalid", fields=fields)
    _fill_identity(page)
    page.get_by_role("button", name="Lanjut").click()
    page.wait_for_url("**/data/diri/")
    page.goto("/data/periksa/")
    page.get_by_role("button", name="Data sudah benar, kirim").click()
    page.locator(".summary").get_by_role("link").click()
    page.wait_for_url("**/data/nik/#nik")
    expect(page.get_by_label("NIK")).to_have_value("3171 0157 0295 9001")


def test_drafts_survive_a_reload_and_numbers_stay_in_the_tab(page: Page, api: FakeApi) -> None:
    api.ready = {"email", "phone"}
    _fill_identity(page)
    page.reload()
    expect(page.get_by_label("NIK")).to_have_value("3171 0157 0295 9001")
    expect(page.get_by_label("Perempuan")).to_be_checked()
    expect(page.locator("[data-input=nik]")).to_contain_text("3171 0157 0295 9001")
    page.goto("/data/diri/")
    _fill_profile(page)
    page.reload()
    expect(page.get_by_label("Kecamatan").first).not_to_have_value("")
    expect(page.get_by_label("Jumlah tanggungan")).to_have_value("1")
    kept = page.evaluate("() => JSON.stringify(localStorage)")
    assert "Jalan Melati 5" in kept
    assert "9001" not in kept


def test_passwords_are_never_kept(page: Page) -> None:
    _fill_registration(page)
    kept = page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")
    assert "Sari Contoh" in kept
    assert "kuda laut" not in kept


def test_another_applicant_does_not_find_the_drafts_of_the_first(page: Page, api: FakeApi) -> None:
    page.goto("/masuk/")
    page.evaluate(
        """() => {
          const write = (store, name, values) => store.setItem(`gelombang.draft.${name}`,
            JSON.stringify({ at: Date.now(), values }));
          write(localStorage, 'owner', 'b2'.repeat(16));
          write(localStorage, 'profile', { 'address.village': 'Mawar' });
          write(sessionStorage, 'identity', { nik: '3171015702959001' });
        }"""
    )
    page.get_by_label("Alamat email").fill("sari@contoh.id")
    page.get_by_label("Kata sandi").fill("kuda laut biru")
    page.get_by_role("button", name="Masuk").click()
    page.wait_for_url("**/dasbor/")
    kept = page.evaluate("() => JSON.stringify([localStorage, sessionStorage])")
    assert "Mawar" not in kept
    assert "9001" not in kept


def test_logging_out_removes_all_drafts(page: Page, api: FakeApi) -> None:
    api.answers["DELETE", "verify/sessions"] = (204, None)
    api.ready = {"email", "phone"}
    _fill_identity(page)
    page.goto("/dasbor/")
    page.get_by_role("button", name="Keluar").click()
    page.wait_for_url("**/")
    page.wait_for_selector("h1:has-text('Bantuan pelatihan')")
    assert page.evaluate("() => localStorage.length + sessionStorage.length") == 0


def test_pasting_is_never_blocked(page: Page, api: FakeApi) -> None:
    api.ready = set()
    for path, label in (("/data/nik/", "NIK"), ("/masuk/", "Kata sandi")):
        page.goto(path)
        allowed = page.get_by_label(label).evaluate(
            "e => e.dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true }))"
        )
        assert allowed


def test_a_password_can_be_shown(page: Page) -> None:
    page.goto("/masuk/")
    page.get_by_role("button", name="Tampilkan kata sandi").click()
    expect(page.locator("#password")).to_have_attribute("type", "text")
    page.get_by_role("button", name="Sembunyikan kata sandi").click()
    expect(page.locator("#password")).to_have_attribute("type", "password")
