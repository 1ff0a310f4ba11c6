"""Sending a photo in a real browser: shrinking, patience, what is kept, what is said."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from functions.upload.photo.verdict import REASONS
from tests.site.conftest import STORAGE
from tests.site.fake_api import FakeApi, at, error

PHOTO = "ee" * 16


def picture(width: int, height: int, form: str) -> bytes:
    """An invented picture with so much fine detail that it is large."""
    tile = np.random.default_rng(9).integers(60, 110, (250, 250, 3), dtype=np.uint8)
    noise = np.tile(tile, (-(-height // 250), -(-width // 250), 1))[:height, :width]
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, form, quality=88)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 megapixels, several times over the limit."""
    path = tmp_path_factory.mktemp("photos") / "large.jpg"
    path.write_bytes(picture(4000, 3000, "JPEG"))
    return path


@pytest.fixture
def sending(api: FakeApi) -> FakeApi:
    """An API that takes photos and accepts them."""
    api.ready.discard("ktp")
    permit = {
        "photo": PHOTO,
        "url": f"{STORAGE}/incoming",
        "fields": {"key": "k", "policy": "p"},
        "expires_at": at(minutes=5),
    }
    api.answers["POST", "upload/photos"] = (201, permit)
    api.answers["GET", f"upload/photos/{PHOTO}"] = (200, verdict("accepted"))
    return api


def verdict(state: str, *reasons: str, **details: Any) -> dict[str, Any]:
    """A photo as the API tells of it."""
    return {
        "photo": PHOTO,
        "kind": "ktp",
        "state": state,
        "reasons": list(reasons),
        "details": details,
        "review": [],
        "created_at": at(),
        "decided_at": at(),
        "may_review": False,
        "review_asked_at": at() if state == "in_review" else None,
        "by_person": False,
    }


def _open(page: Page, kind: str = "ktp") -> None:
    """The page, with waits short enough for a test."""
    page.goto(f"/foto/{kind}/")
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """async () => {
          const own = await import(document.querySelector('script').src);
          const shared = await import(document.querySelector('[rel=modulepreload]').href);
          own.$photo_form.ASKING.first = 10;
          Object.assign(own.$photo_upload.TRIES, { first: 5, longest: 10 });
          Object.assign(shared.$api.PATIENCE, { first: 5, longest: 10 });
        }"""
    )


def _choose(page: Page, data: bytes, name: str = "foto.jpg", kind: str = "image/jpeg") -> None:
    file = {"name": name, "mimeType": kind, "buffer": data}
    page.get_by_label("Pilih dari galeri").set_input_files(file)  # type: ignore[arg-type]


def _shrunk(page: Page) -> tuple[str, Image.Image, int]:
    """(type, picture, bytes) of what is shown, which is what will be sent."""
    page.wait_for_selector("#preview:not([hidden])")
    encoded = page.evaluate(
        """async () => {
          const database = await new Promise((done) => {
            const request = indexedDB.open('gelombang', 1);
            request.onsuccess = () => done(request.result);
          });
          const read = () => new Promise((done) => {
            const request = database.transaction('photos').objectStore('photos').get('ktp');
            request.onsuccess = () => done(request.result);
          });
          let kept;
          while (!(kept = await read())) await new Promise((go) => setTimeout(go, 20));
          const reader = new FileReader();
          return new Promise((done) => {
            reader.onload = () => done(reader.result);
            reader.readAsDataURL(kept.blob);
          });
        }"""
    )
    head, _, body = encoded.partition(",")
    data = base64.b64decode(body)
    return head, Image.open(io.BytesIO(data)), len(data)


def test_a_photo_of_twelve_megapixels_is_made_small_enough_on_the_phone(
    page: Page, sending: FakeApi, large: Path, complaints: list[str]
) -> None:
    assert large.stat().st_size > 4_000_000
    _open(page)
    page.get_by_label("Pilih dari galeri").set_input_files(large)
    kind, image, size = _shrunk(page)
    assert kind.startswith("data:image/jpeg")
    assert max(image.size) <= 2048
    assert size <= 2_000_000
    page.get_by_role("button", name="Kirim foto ini").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    [asked] = sending.asked("POST", "upload/photos")
    assert asked == {"kind": "ktp", "size": size, "content_type": "image/jpeg"}
    expect(page.locator("#next a")).to_have_attribute("href", "/foto/selfie/")
    assert complaints == []


def test_where_and_when_a_photo_was_taken_is_not_sent(page: Page, sending: FakeApi) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Telepon Rahasia"
    exif[0x0112] = 6  # lies on its side: to be turned by 90 degrees
    buffer = io.BytesIO()
    Image.new("RGB", (2600, 1300), "teal").save(buffer, "JPEG", exif=exif)
    _open(page)
    _choose(page, buffer.getvalue())
    _, image, _ = _shrunk(page)
    assert image.size == (1024, 2048)
    assert not image.getexif()


def test_a_small_photo_is_sent_as_it_is(page: Page, sending: FakeApi) -> None:
    small = picture(640, 480, "PNG")
    assert len(small) < 2_000_000
    _open(page)
    _choose(page, small, "foto.png", "image/png")
    kind, image, size = _shrunk(page)
    assert (kind, image.size, size) == ("data:image/png;base64", (640, 480), len(small))


def test_a_damaged_photo_is_left_to_the_server_to_explain(page: Page, sending: FakeApi) -> None:
    _open(page)
    _choose(page, b"\xff\xd8\xff" + b"broken" * 100)
    page.wait_for_selector("#preview:not([hidden])")
    reasons = verdict("refused", "corrupt")
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, reasons)
    page.get_by_role("button", name="Kirim foto ini").click()
    expect(page.locator("#verdict")).to_contain_text("Berkas foto rusak")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 ...", "berkas PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"GIF? no, just text", "bukan foto yang kami kenal"),
        (b"\xff\xd8\xff" + bytes(2_100_000), "tidak dapat dibuka"),
    ],
)
def test_what_is_no_usable_photo_is_named_with_the_next_step(
    data: bytes, said: str, page: Page, sending: FakeApi
) -> None:
    _open(page)
    _choose(page, data)
    expect(page.locator(".summary")).to_contain_text(said)
    expect(page.locator(".summary")).to_be_focused()
    assert sending.asked("POST", "upload/photos") == []


def test_a_failing_connection_is_tried_again_with_a_fresh_permit_and_the_same_key(
    page: Page, sending: FakeApi
) -> None:
    sending.storage_fails = [True, True, True]
    _open(page)
    _choose(page, picture(640, 480, "JPEG"))
    page.get_by_role("button", name="Kirim foto ini").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    assert len(sending.stored) == 1
    keys = [
        headers["idempotency-key"]
        for method, path, _, headers in sending.calls
        if (method, path) == ("POST", "upload/photos")
    ]
    assert len(keys) == 4
    assert len(set(keys)) == 1


def test_a_photo_whose_receipt_was_lost_is_recognised_as_sent(page: Page, sending: FakeApi) -> None:
    first = sending.answers["POST", "upload/photos"]
    permits = [first, error(409, "photo_decided")]
    sending.answers["POST", "upload/photos"] = lambda body: permits.pop(0)
    sending.storage_fails = [True]
    _open(page)
    _choose(page, picture(640, 480, "JPEG"))
    page.get_by_role("button", name="Kirim foto ini").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")


def test_after_too_many_failures_the_photo_is_kept_and_can_be_sent_later(
    page: Page, sending: FakeApi
) -> None:
    sending.storage_fails = [True] * 12
    _open(page)
    _choose(page, picture(640, 480, "JPEG"))
    button = page.get_by_role("button", name="Kirim foto ini")
    button.click()
    expect(page.locator(".summary")).to_contain_text("belum terkirim setelah beberapa kali")
    button.click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")


def test_sending_waits_for_the_network_and_goes_on_by_itself(page: Page, sending: FakeApi) -> None:
    _open(page)
    _choose(page, picture(640, 480, "JPEG"))
    page.wait_for_selector("#preview:not([hidden])")
    page.context.set_offline(True)
    page.get_by_role("button", name="Kirim foto ini").click()
    expect(page.locator("#line")).to_contain_text("tanpa internet")
    page.context.set_offline(False)
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")


def test_a_chosen_photo_survives_a_reload_and_is_gone_once_accepted(
    page: Page, sending: FakeApi
) -> None:
    _open(page)
    _choose(page, picture(640, 480, "JPEG"))
    _shrunk(page)
    _open(page)
    expect(page.locator("#restored")).to_be_visible()
    page.get_by_role("button", name="Kirim foto ini").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    _open(page)
    expect(page.locator("#preview")).to_be_hidden()


def test_a_kept_photo_is_not_shown_to_another_applicant(page: Page, sending: FakeApi) -> None:
    _open(page)
    _choose(page, picture(640, 480, "JPEG"))
    _shrunk(page)
    sending.person = {"applicant": "b2" * 16}
    _open(page)
    expect(page.locator("#preview")).to_be_hidden()


def test_a_refusal_names_every_reason_and_what_to_do(page: Page, sending: FakeApi) -> None:
    refused = verdict("refused", "cropped", "nik_unreadable", cropped={"side": "right"})
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, refused)
    _open(page)
    _choose(page, picture(640, 480, "JPEG"))
    page.get_by_role("button", name="Kirim foto ini").click()
    box = page.locator("#verdict")
    expect(box).to_be_focused()
    for said in ("sisi kanan", "keempat sudut", "NIK di kartu tidak terbaca", "foto ulang"):
        expect(box).to_contain_text(said)
    expect(page.locator("#next")).to_be_hidden()
    expect(page.get_by_label("Ambil foto")).to_be_attached()


def test_the_gallery_is_never_hidden_by_the_camera(page: Page, sending: FakeApi) -> None:
    _open(page)
    assert page.get_attribute("#take", "capture") == "environment"
    assert page.get_attribute("#pick", "capture") is None
    _open(page, "selfie")
    assert page.get_attribute("#take", "capture") == "user"


def test_one_differing_digit_is_said_with_a_way_to_the_number(page: Page, sending: FakeApi) -> None:
    sending.photos = [verdict("refused", "nik_mismatch", nik_mismatch={"digits": 1})]
    _open(page)
    box = page.locator("#verdict")
    expect(box).to_contain_text("Hanya satu angka yang berbeda")
    expect(box.get_by_role("link")).to_have_attribute("href", "/data/nik/")
    sending.photos = [verdict("refused", "nik_mismatch", nik_mismatch={"digits": 5})]
    _open(page)
    expect(box).to_contain_text("NIK di kartu berbeda")
    expect(box).not_to_contain_text("Hanya satu angka")


@pytest.mark.parametrize("home", ["/", "/en/"])
def test_every_reason_of_the_checks_has_its_own_words(
    home: str, page: Page, sending: FakeApi
) -> None:
    sending.photos = [verdict("refused", *REASONS)]
    page.goto(f"{home}foto/ktp/")
    said = page.locator("#verdict strong")
    expect(said).to_have_count(len(REASONS))
    assert len(set(said.all_inner_texts())) == len(REASONS), "none shares its words"
    assert all(said.all_inner_texts())


def _refused_twice(sending: FakeApi) -> dict[str, Any]:
    """The newest refusal of two, which may go to a person."""
    newest = {**verdict("refused", "blurred"), "may_review": True}
    sending.photos = [newest, {**verdict("refused", "blurred"), "photo": "dd" * 16}]
    queued = {**newest, "state": "in_review", "may_review": False, "review_asked_at": at()}
    sending.answers["POST", f"upload/photos/{PHOTO}/review"] = (200, queued)
    return queued


def _violations(page: Page) -> list[str]:
    return [v["id"] for v in Axe().run(page).response["violations"]]


def test_after_two_refusals_an_officer_can_be_asked(
    page: Page, sending: FakeApi, complaints: list[str]
) -> None:
    queued = _refused_twice(sending)
    _open(page)
    box = page.locator("#verdict")
    expect(box).to_contain_text("tidak dapat menjanjikan berapa lama")
    assert _violations(page) == []
    page.get_by_role("button", name="Minta diperiksa petugas").click()
    expect(box).to_contain_text("Foto sedang diperiksa petugas")
    expect(box).to_be_focused()
    expect(box).to_contain_text("lewat email")
    expect(page.get_by_label("Ambil foto")).to_be_visible()
    expect(page.locator("#next a")).to_be_visible()
    assert _violations(page) == []
    assert len(sending.asked("POST", f"upload/photos/{PHOTO}/review")) == 1
    sending.photos[0] = queued
    _open(page)
    expect(box).to_contain_text("Foto sedang diperiksa petugas")
    expect(page.locator("#ask")).to_have_count(0)
    assert complaints == []


def test_after_one_refusal_no_officer_is_offered(page: Page, sending: FakeApi) -> None:
    sending.photos = [verdict("refused", "blurred")]
    _open(page)
    expect(page.locator("#verdict")).to_contain_text("Foto kabur")
    expect(page.locator("#ask")).to_have_count(0)


def test_a_request_whose_answer_was_lost_is_made_again(page: Page, sending: FakeApi) -> None:
    queued = _refused_twice(sending)
    answers = [(0, None), (503, {"error": {"code": "busy", "params": {"seconds": 0}}})]
    answers.append((200, queued))
    sending.answers["POST", f"upload/photos/{PHOTO}/review"] = lambda body: answers.pop(0)
    _open(page)
    page.locator("#ask").click()
    expect(page.locator("#verdict")).to_contain_text("Foto sedang diperiksa petugas")


def test_a_request_that_comes_too_late_says_what_to_do(page: Page, sending: FakeApi) -> None:
    _refused_twice(sending)
    late = error(409, "review_too_late")
    sending.answers["POST", f"upload/photos/{PHOTO}/review"] = late
    _open(page)
    page.locator("#ask").click()
    expect(page.locator(".summary")).to_contain_text("Kirim foto baru")
    expect(page.locator(".summary")).to_be_focused()
    expect(page.locator("#ask")).to_be_enabled()


def test_an_officers_refusal_gives_the_reason_and_the_way_on(page: Page, sending: FakeApi) -> None:
    sending.photos = [{**verdict("refused", "glare"), "by_person": True}]
    _open(page)
    box = page.locator("#verdict")
    for said in ("Petugas telah memeriksa foto ini", "pantulan cahaya", "foto lain di bawah ini"):
        expect(box).to_contain_text(said)
    expect(page.locator("#ask")).to_have_count(0)


def test_an_officers_acceptance_is_told(page: Page, sending: FakeApi) -> None:
    sending.photos = [{**verdict("accepted"), "by_person": True}]
    _open(page)
    expect(page.locator("#verdict")).to_contain_text("Petugas telah memeriksanya")
    expect(page.locator("#next a")).to_be_visible()


def test_a_new_refusal_reminds_of_the_photo_that_an_officer_has(
    page: Page, sending: FakeApi
) -> None:
    older = {**verdict("in_review", "blurred"), "photo": "dd" * 16}
    sending.photos = [verdict("refused", "too_dark"), older]
    _open(page)
    expect(page.locator("#verdict")).to_contain_text("masih memeriksa foto Anda yang sebelumnya")


def test_the_dashboard_does_not_ask_for_a_photo_that_an_officer_has(
    page: Page, sending: FakeApi
) -> None:
    sending.photos = [verdict("in_review", "blurred")]
    page.goto("/dasbor/")
    expect(page.locator("#content")).to_contain_text("Sekarang tidak ada yang perlu dilakukan")
    expect(page.locator("#content")).to_contain_text("Diperiksa petugas")
    assert _violations(page) == []
    sending.ready.discard("test")
    page.goto("/dasbor/")
    expect(page.locator("#content .main a")).to_have_attribute("href", "/tes/")


def test_the_dashboard_asks_for_photos_only_while_one_is_missing(page: Page, api: FakeApi) -> None:
    page.goto("/dasbor/")
    page.wait_for_load_state("networkidle")
    assert api.asked("GET", "upload/photos") == []
