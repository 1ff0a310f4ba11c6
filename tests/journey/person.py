"""A person at a phone: each step of the journey as they would take it, in Indonesian."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from playwright.sync_api import expect

from local.cards.person import invented_person
from local.cards.render import photo_of, render_selfie

BANK = Path(__file__).parents[2] / "functions" / "verify" / "questions.json"
# The seed of a scene in which the card lies clear.
CLEAR = 5
PASSWORD = "kuda baterai staples 9"
TIMEOUT = 20_000


@dataclass
class Person:
    """Someone who takes the journey on `page`."""

    page: object
    origin: str
    email: str
    phone: str
    seed: int

    @cached_property
    def card(self):
        return invented_person(self.seed)

    # --- account ---------------------------------------------------------------

    def register(self):
        self.page.goto("/")
        self.page.get_by_role("link", name="Daftar", exact=True).first.click()
        self.page.get_by_label("Nama lengkap").fill(self.card.name)
        self.page.get_by_label("Alamat email").fill(self.email)
        self.page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Buat akun").click()
        self.page.wait_for_url("**/daftar/email/")
        expect(self.page.locator("#address")).to_have_text(self.email)

    def confirm_by_link(self):
        link = re.search(r"http\S+/daftar/email/#\S+", self.message("mail")["text"])[0]
        self.page.goto("about:blank")
        self.page.goto(link)
        self.page.get_by_role("button", name="Verifikasi email sekarang").click()
        expect(self.page.get_by_text("Alamat email Anda sudah terverifikasi.")).to_be_visible()

    def confirm_by_code(self):
        code = re.search(r"\b\d{6}\b", self.message("mail")["text"])[0]
        self.page.get_by_label("Kode dari email").fill(code)
        self.page.get_by_role("button", name="Verifikasi", exact=True).click()
        expect(self.page.get_by_text("Alamat email Anda sudah terverifikasi.")).to_be_visible()

    def log_in(self):
        self.page.goto("/masuk/")
        self.page.get_by_label("Alamat email").fill(self.email)
        self.page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Masuk", exact=True).click()
        self.page.wait_for_url("**/dasbor/")

    # --- phone and data --------------------------------------------------------

    def prove_phone(self):
        self.page.goto("/hp/")
        self.page.get_by_label("Nomor HP").fill(self.phone)
        self.page.get_by_role("button", name="Kirim kode").click()
        self.page.wait_for_url("**/hp/otp/")
        text = self.message("sms")["text"]
        assert re.search(r"@127\.0\.0\.1 #\d{6}$", text), "the last line is what WebOTP reads"
        self.page.get_by_label("Kode dari SMS").fill(re.search(r"#(\d{6})", text)[1])
        self.page.get_by_role("button", name="Periksa kode").click()
        self.page.wait_for_url("**/data/nik/")

    def give_identity(self):
        card = self.card
        self.page.get_by_label("NIK", exact=True).fill(card.nik)
        self.page.get_by_label("Nomor KK", exact=True).fill(kk_of(card.nik))
        for label, part in (("Tanggal", "day"), ("Bulan", "month"), ("Tahun", "year")):
            self.page.get_by_label(label, exact=True).fill(str(getattr(card.birth_date, part)))
        self.page.get_by_text("Perempuan" if card.sex == "female" else "Laki-laki").click()
        self.page.get_by_role("button", name="Lanjut").click()
        self.page.wait_for_url("**/data/diri/")

    def give_profile(self):
        choose = lambda label, index: self.page.get_by_label(label).select_option(index=index)  # noqa: E731
        for label in ("Provinsi", "Kabupaten atau kota", "Kecamatan"):
            field = self.page.get_by_label(label, exact=True).first
            expect(field.locator("option")).not_to_have_count(1)
            field.select_option(index=1)
        self.page.get_by_label("Desa atau kelurahan").first.fill("Contoh")
        self.page.get_by_label("Jalan, nomor, RT/RW").first.fill("Jalan Contoh 9")
        choose("Pendidikan terakhir", 4)
        choose("Status perkawinan", 1)
        self.page.get_by_label("Jumlah tanggungan").fill("2")
        choose("Keadaan pekerjaan", 1)
        choose("Pelatihan yang diminati", 1)
        self.page.get_by_role("button", name="Lanjut").click()
        self.page.wait_for_url("**/data/periksa/")

    def read_back_and_send(self):
        nik = self.card.nik
        grouped = " ".join(nik[at : at + 4] for at in range(0, 16, 4))
        expect(self.page.get_by_text(grouped)).to_be_visible()
        self.page.get_by_role("button", name="Data sudah benar, kirim").click()
        self.page.wait_for_url("**/foto/ktp/")

    # --- photos ----------------------------------------------------------------

    def come_to_the_photos(self):
        """All between the confirmed e-mail and the photo of the card."""
        self.log_in()
        self.prove_phone()
        self.give_identity()
        self.give_profile()
        self.read_back_and_send()

    def send_photo(self, data, name="foto.jpg"):
        """Choose a photo from the gallery, send it, wait for the verdict; its text."""
        file = {"name": name, "mimeType": "image/jpeg", "buffer": data}
        self.page.locator("#pick").set_input_files(file)
        # A photo that the phone itself doubts is sent all the same.
        self.page.locator("#send").click()
        verdict = self.page.locator("#verdict")
        expect(verdict).to_be_visible(timeout=60_000)
        return verdict.inner_text()

    def ktp(self, variation="good", card=None):
        """A photo of one's own card, or of another one."""
        return photo_of(card or self.card, CLEAR, variation)

    def selfie(self, variation="good"):
        return render_selfie(CLEAR, variation, self.card)

    def next_page(self, path):
        self.page.get_by_role("link", name="Lanjut").click()
        self.page.wait_for_url(f"**{path}")

    # --- declaration, test, wave -----------------------------------------------

    def declare(self):
        self.page.locator("input[name=in_education][value=no]").check()
        self.page.locator("input[name=official][value=no]").check()
        self.page.get_by_label("Belum atau tidak bekerja").check()
        self.page.get_by_text("Pernyataan dan data saya benar.").click()
        self.page.get_by_text("Saya setuju data saya dipakai").click()
        self.page.get_by_role("button", name="Simpan pernyataan").click()
        self.page.wait_for_url("**/tes/")

    def pass_test(self, reload_after=3):
        """Answer from the bank's key; the tab is reloaded once on the way."""
        key = {q["text"]["id"]: q["options"][q["answer"]]["id"] for q in _bank()}
        self.page.get_by_role("button", name="Mulai tes").click()
        for number in range(1, 21):
            question = self.page.locator("#question")
            expect(self.page.locator("#count")).to_contain_text(f"Pertanyaan {number} dari")
            right = key[question.inner_text()]
            self.page.locator("#options").get_by_text(right, exact=True).click()
            self.page.get_by_role("button", name="Simpan dan lanjut").click()
            if number == reload_after:
                expect(self.page.locator("#count")).to_contain_text(f"Pertanyaan {number + 1} dari")
                self.page.reload()
                expect(self.page.locator("#running")).to_be_visible()
        self.page.get_by_role("button", name="Selesaikan tes").click()
        expect(self.page.locator("#result")).to_contain_text("20")

    def join(self, wave):
        self.page.goto("/gelombang/")
        box = self.page.locator("section.box", has_text=f"Gelombang {wave}")
        box.get_by_role("checkbox").check()
        box.get_by_role("button").click()
        expect(self.page.locator("#receipt")).to_be_visible()

    # --- what came by mail, and what the API says ------------------------------

    def message(self, channel):
        """The newest message of a channel to this person; waits until there is one."""
        for _ in range(100):
            found = [m for m in self.messages() if m["channel"] == channel]
            if found:
                return found[-1]
            self.page.wait_for_timeout(200)
        raise AssertionError(f"no {channel} arrived")

    def messages(self):
        """Every mail and SMS to this person, the oldest first of each."""
        found = []
        for to in (self.email, "+62" + self.phone[1:]):
            query = urllib.parse.urlencode({"to": to})
            with urllib.request.urlopen(f"{self.origin}/local/inbox.json?{query}") as answer:
                found += json.load(answer)
        return found

    def api(self, path):
        answer = self.page.request.get(f"{self.origin}/api/{path}")
        assert answer.ok, answer.text()
        return answer.json()


def kk_of(nik):
    """An invented KK number beside a NIK."""
    return nik[:6] + "010120" + "9" + nik[-3:]


def _bank():
    bank = json.loads(BANK.read_text(encoding="utf-8"))
    return bank if isinstance(bank, list) else bank["questions"]
