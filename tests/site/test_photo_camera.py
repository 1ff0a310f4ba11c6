"""The camera on the page, with a browser that has an invented one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journey.browser import FLAGS, executable
from tests.site.conftest import PHONE, STORAGE
from tests.site.fake_api import FakeApi
from tests.site.photo_pages import PHOTO, chosen, open_page, takes_photos, verdict, violations

# Remembers the streams that were given out, so that a test can see whether they were stopped.
WATCHED = """
window.streams = [];
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  window.wanted = wanted;
  const stream = await real(wanted);
  window.streams.push(stream);
  return stream;
};
"""
ALL_STOPPED = (
    "() => streams.length > 0 &&"
    " streams.every((s) => s.getTracks().every((t) => t.readyState === 'ended'))"
)


@pytest.fixture(scope="module")
def with_camera(browser: Browser) -> Iterator[Browser]:
    """A browser with a camera that shows a moving pattern."""
    flags = [*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    found = browser.browser_type.launch(executable_path=executable(), args=flags)
    yield found
    found.close()


@pytest.fixture
def page(with_camera: Browser, origin: str, api: FakeApi, complaints: list[str]) -> Iterator[Page]:
    """A phone's page whose reader has allowed the camera."""
    context = with_camera.new_context(
        base_url=origin, viewport=PHONE, locale="id-ID", service_workers="block"
    )
    context.grant_permissions(["camera"], origin=origin)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.route("**/api/**", api.answer)
    page.route(f"{STORAGE}/**", api.store)
    page.add_init_script(WATCHED)
    takes_photos(api)
    yield page
    context.close()


def _turn_on(page: Page) -> None:
    page.get_by_role("button", name="Pakai kamera di halaman ini").click()
    expect(page.locator("#camera-line")).to_contain_text("Kamera menyala")


@pytest.mark.parametrize(
    ("kind", "facing", "shape"), [("ktp", "environment", 4 / 3), ("selfie", "user", 3 / 4)]
)
def test_a_picture_is_taken_with_the_keyboard_alone_and_can_be_sent(
    kind: str, facing: str, shape: float, page: Page, api: FakeApi, complaints: list[str]
) -> None:
    api.answers["GET", f"upload/photos/{PHOTO}"] = (200, {**verdict("accepted"), "kind": kind})
    open_page(page, f"/foto/{kind}/")
    page.locator("#open-camera").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#camera-line")).to_contain_text("Kamera menyala")
    expect(page.locator("#shutter")).to_be_focused()
    assert page.evaluate("wanted.video.facingMode") == facing
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("#preview")).to_be_focused()
    assert page.evaluate(ALL_STOPPED)
    expect(page.locator("#camera")).to_be_hidden()
    size = page.locator("img.preview").evaluate(
        "async (image) => { await image.decode();"
        " return [image.naturalWidth, image.naturalHeight]; }"
    )
    assert size[0] / size[1] == pytest.approx(shape, abs=0.01)
    assert min(size) >= 480
    page.locator("#send").click()
    expect(page.locator("#verdict")).to_contain_text("Foto diterima")
    assert complaints == []


def test_the_frame_over_the_picture_has_the_shape_of_a_card(page: Page) -> None:
    open_page(page)
    _turn_on(page)
    whole = page.locator(".finder").bounding_box()
    card = page.locator(".finder .outline").bounding_box()
    assert whole is not None and card is not None
    assert card["width"] / card["height"] == pytest.approx(85.6 / 54, rel=0.02)
    assert whole["width"] / whole["height"] == pytest.approx(4 / 3, rel=0.02)
    shutter = page.locator("#shutter").bounding_box()
    assert shutter is not None and shutter["height"] >= 64


@pytest.mark.parametrize("way", ["button", "escape", "hidden"])
def test_the_camera_goes_out_when_it_is_left(way: str, page: Page) -> None:
    open_page(page)
    _turn_on(page)
    if way == "button":
        page.get_by_role("button", name="Tutup kamera").click()
    elif way == "escape":
        page.keyboard.press("Escape")
    else:
        page.evaluate(
            "() => { Object.defineProperty(document, 'hidden', { get: () => true });"
            " document.dispatchEvent(new Event('visibilitychange')); }"
        )
        expect(page.locator("#line")).to_contain_text("Kamera dimatikan")
    expect(page.locator("#camera")).to_be_hidden()
    assert page.evaluate(ALL_STOPPED)
    expect(page.get_by_label("Ambil foto")).to_be_visible()


def _failing(name: str) -> str:
    return (
        "navigator.mediaDevices.getUserMedia ="
        f" async () => {{ throw new DOMException('', '{name}'); }};"
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NotAllowedError", "belum diizinkan memakai kamera"),
        ("NotFoundError", "Tidak ada kamera yang cocok"),
        ("NotReadableError", "sedang dipakai aplikasi lain"),
        ("TypeError", "tidak dapat dinyalakan"),
    ],
)
def test_a_camera_that_does_not_come_is_explained_with_the_way_back(
    name: str, said: str, page: Page
) -> None:
    page.add_init_script(_failing(name))
    open_page(page)
    page.locator("#open-camera").click()
    summary = page.locator(".summary")
    expect(summary).to_contain_text(said)
    expect(summary).to_be_focused()
    expect(summary.locator("a")).to_have_attribute("href", "#take")
    expect(page.locator("#camera")).to_be_hidden()
    expect(page.get_by_label("Ambil foto")).to_be_visible()
    assert violations(page) == []


def test_a_browser_without_cameras_does_not_offer_one(page: Page) -> None:
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', { value: undefined });")
    open_page(page)
    expect(page.locator("#open-camera")).to_be_hidden()
    expect(page.locator("#take")).to_be_attached()


def test_the_picture_that_is_kept_is_what_the_camera_saw(page: Page) -> None:
    open_page(page)
    _turn_on(page)
    page.locator("#shutter").click()
    kind, image, _ = chosen(page)
    assert kind == "image/jpeg"
    assert len({image.getpixel((x, 60)) for x in range(0, image.width, 40)}) > 1
