"""Choosing a photo: making it fit on the phone, what it still says, what the phone doubts."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin
from playwright.sync_api import Page, Route, expect

from local.cards.encoding import encode
from local.cards.photos import shoot
from local.cards.selfies import shoot_selfie
from local.cards.worlds import EVERYDAY
from tests.site.fake_api import FakeApi
from tests.site.photo_pages import (
    PHOTO,
    choose,
    chosen,
    encoded,
    noise,
    open_page,
    sharp,
    takes_photos,
    verdict,
    violations,
)

COLOURS = ((220, 40, 40), (40, 170, 60), (40, 60, 200), (230, 220, 60))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 megapixels, several times over the limit."""
    path = tmp_path_factory.mktemp("photos") / "large.jpg"
    path.write_bytes(noise(4000, 3000, "JPEG"))
    return path


@pytest.fixture
def sending(api: FakeApi) -> FakeApi:
    """An API that takes photos and accepts them."""
    return takes_photos(api)


def test_a_photo_of_twelve_megapixels_is_made_small_enough_beside_the_page(
    page: Page, sending: FakeApi, large: Path, complaints: list[str]
) -> None:
    assert large.stat().st_size > 4_000_000
    open_page(page)
    page.locator("#pick").set_input_files(large)
    kind, image, data = chosen(page)
    assert len(page.workers) == 1
    assert kind == "image/jpeg"
    assert max(image.size) == 2048
    assert len(data) <= 2_000_000
    page.locator("#send").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    [asked] = sending.asked("POST", "upload/photos")
    assert asked == {"kind": "ktp", "size": len(data), "content_type": "image/jpeg"}
    expect(page.locator("#next a")).to_have_attribute("href", "/foto/selfie/")
    assert complaints == []


def test_without_workers_the_page_makes_the_photo_fit_itself(
    page: Page, sending: FakeApi, large: Path
) -> None:
    page.add_init_script("delete window.Worker")
    open_page(page)
    page.locator("#pick").set_input_files(large)
    kind, image, data = chosen(page)
    assert (kind, max(image.size)) == ("image/jpeg", 2048)
    assert len(data) <= 2_000_000


def test_a_worker_that_cannot_be_loaded_is_done_without(page: Page, sending: FakeApi) -> None:
    page.route("**/photo-worker*", lambda route: route.abort())
    open_page(page)
    choose(page, encoded(Image.new("RGB", (2600, 1300), "teal")))
    assert chosen(page)[1].size == (2048, 1024)


def _quarters(image: Image.Image) -> list[int]:
    """Which of COLOURS is in each quarter, row by row."""
    width, height = image.size
    places = [(width // 4, height // 4), (3 * width // 4, height // 4)]
    places += [(x, 3 * height // 4) for x, _ in places]
    pixels = np.array([image.convert("RGB").getpixel(place) for place in places], float)
    far = np.abs(pixels[:, None] - np.array(COLOURS, float)[None]).sum(axis=2)
    return [int(found) for found in far.argmin(axis=1)]


def _unturned(route: Route) -> None:
    """A browser that leaves bitmaps lying as the camera was held."""
    before = (
        "const real = self.createImageBitmap;"
        'self.createImageBitmap = (blob) => real.call(self, blob, {imageOrientation: "none"});'
    )
    answer = route.fetch()
    route.fulfill(response=answer, body=before + answer.text())


@pytest.mark.parametrize("old", [False, True])
def test_a_photo_lies_as_it_was_taken_and_says_nothing_more_of_that(
    old: bool, page: Page, sending: FakeApi
) -> None:
    picture = Image.new("RGB", (400, 240))
    for number, colour in enumerate(COLOURS):
        picture.paste(colour, (200 * (number % 2), 120 * (number // 2), 400, 240))
    if old:
        page.route("**/photo-worker*", _unturned)
    open_page(page)
    for orientation in range(1, 9):
        choose(page, encode(picture, f"exif {orientation}"))
        expect(page.locator("#line")).to_be_empty()
        _, image, _ = chosen(page)
        assert image.size == (400, 240), orientation
        assert _quarters(image) == [0, 1, 2, 3], orientation
        assert not image.getexif(), orientation
        page.evaluate("indexedDB.deleteDatabase('gelombang')")


def test_a_jpeg_that_fits_keeps_its_pixels_but_not_where_it_was_taken(
    page: Page, sending: FakeApi
) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Telepon Rahasia"
    exif.get_ifd(0x8825)[1] = "S"
    said = {"comment": b"rumah saya", "xmp": b"<x:xmpmeta>rumah saya</x:xmpmeta>"}
    before = encoded(sharp(), exif=exif, icc_profile=b"warna" * 40, **said)
    open_page(page)
    choose(page, before + b"di belakang: rumah saya")
    _, image, data = chosen(page)
    assert not image.getexif()
    for told in (b"rumah saya", b"Telepon", b"Exif"):
        assert told in before + b"rumah saya" and told not in data
    assert image.info["icc_profile"] == b"warna" * 40
    assert np.array_equal(np.asarray(image), np.asarray(Image.open(io.BytesIO(before))))


def test_a_png_that_fits_keeps_its_pixels_but_not_its_notes(page: Page, sending: FakeApi) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Tempat", "rumah saya")
    before = encoded(sharp(), "PNG", pnginfo=notes)
    open_page(page)
    choose(page, before, "foto.png", "image/png")
    kind, image, data = chosen(page)
    assert kind == "image/png"
    assert b"rumah saya" in before and b"rumah saya" not in data
    assert np.array_equal(np.asarray(image), np.asarray(sharp()))


def test_a_damaged_photo_is_left_to_the_server_to_explain(page: Page, sending: FakeApi) -> None:
    open_page(page)
    choose(page, b"\xff\xd8\xff" + b"broken" * 100)
    reasons = verdict("refused", "corrupt")
    sending.answers["GET", f"upload/photos/{PHOTO}"] = (200, reasons)
    page.locator("#send").click()
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
    open_page(page)
    choose(page, data)
    expect(page.locator(".summary")).to_contain_text(said)
    expect(page.locator(".summary")).to_be_focused()
    assert sending.asked("POST", "upload/photos") == []


def test_the_gallery_is_never_hidden_by_the_camera(page: Page, sending: FakeApi) -> None:
    open_page(page)
    assert page.get_attribute("#take", "capture") == "environment"
    assert page.get_attribute("#pick", "capture") is None
    open_page(page, "/foto/selfie/")
    assert page.get_attribute("#take", "capture") == "user"


def test_dark_and_blurred_photos_are_doubted_on_the_phone_and_good_ones_are_not(
    page: Page, sending: FakeApi
) -> None:
    open_page(page)
    size = (1600, 1200)
    shots = [("good", 1), ("good", 2), ("worn", 3), ("dark", 4), ("blurred", 5), ("blurred", 6)]
    said = {"dark": "terlalu gelap", "blurred": "kabur"}
    for shown, seed in shots:
        choose(page, encode(shoot(seed, EVERYDAY, shown, size).picture))
        expect(page.locator("#preview")).to_be_focused()
        doubts = page.locator("#doubts")
        if shown in said:
            expect(doubts).to_contain_text(said[shown])
        else:
            expect(doubts).to_be_hidden()
        page.locator("h1").evaluate("heading => { heading.tabIndex = -1; heading.focus(); }")
    open_page(page, "/foto/selfie/")
    choose(page, encode(shoot_selfie(7, EVERYDAY, "good").picture))
    expect(page.locator("#preview")).to_be_focused()
    expect(page.locator("#doubts")).to_be_hidden()


@pytest.mark.parametrize("home", ["/", "/en/"])
def test_a_doubted_photo_can_be_taken_again_or_sent_all_the_same(
    home: str, page: Page, sending: FakeApi, complaints: list[str]
) -> None:
    dark = encoded(Image.new("RGB", (320, 240), (9, 9, 9)))
    open_page(page, f"{home}foto/ktp/")
    choose(page, dark)
    doubts = page.locator("#doubts")
    expect(doubts.locator("strong")).to_have_count(2)
    expect(doubts.locator("svg.advice use")).to_have_attribute("href", "#advice-too_dark")
    assert violations(page) == []
    with page.expect_file_chooser() as chooser:
        page.locator("#again").click()
    sound = {"name": "lagi.jpg", "mimeType": "image/jpeg", "buffer": encoded(sharp())}
    chooser.value.set_files(sound)  # type: ignore[arg-type]
    expect(page.locator("#look")).to_be_visible()
    expect(page.locator("#again")).to_be_hidden()
    choose(page, dark)
    expect(doubts).to_be_visible()
    page.locator("#send").click()
    expect(page.locator("#verdict .good")).to_be_visible()
    assert complaints == []
