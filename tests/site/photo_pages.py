"""What the tests of the photo pages share: pictures, a page with short waits, what it keeps."""

from __future__ import annotations

import base64
import io
import random
from typing import Any

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.site.conftest import STORAGE
from tests.site.fake_api import FakeApi, at, error

PHOTO = "ee" * 16
# More posts of bytes than any test or measurement makes.
MANY = 1000

# Waits become short; what gives up on a silent worker, server or storage is left ample time.
QUICK = """
const wait = window.setTimeout.bind(window);
const kept = [6000, 20000, 30000, 60000];
window.setTimeout = (act, span = 0) => wait(act, kept.includes(span) ? span * 5 : span / 250);
"""


def noise(width: int, height: int, form: str) -> bytes:
    """An invented picture with so much fine detail that its file is large."""
    tile = np.random.default_rng(9).integers(60, 110, (250, 250, 3), dtype=np.uint8)
    pixels = np.tile(tile, (-(-height // 250), -(-width // 250), 1))[:height, :width]
    return encoded(Image.fromarray(pixels), form)


def sharp(width: int = 960, height: int = 720) -> Image.Image:
    """A picture that the phone doubts nothing about: dark bars on a light ground."""
    image = Image.new("RGB", (width, height), (214, 226, 232))
    pen = ImageDraw.Draw(image)
    for top in range(40, height - 40, 60):
        for left in range(40, width - 40, 90):
            pen.rectangle((left, top, left + 45, top + 26), fill=(20, 40, 60))
    return image


def encoded(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, form, **({"quality": 88} if form == "JPEG" else {}), **options)
    return buffer.getvalue()


def verdict(state: str, *reasons: str, **details: Any) -> dict[str, Any]:
    """A photo as the API tells of it."""
    decided = None if state == "waiting" else at()
    return {
        "photo": PHOTO,
        "kind": "ktp",
        "state": state,
        "reasons": list(reasons),
        "details": details,
        "review": [],
        "created_at": at(),
        "decided_at": decided,
        "may_review": False,
        "review_asked_at": at() if state == "in_review" else None,
        "by_person": False,
    }


def takes_photos(api: FakeApi) -> FakeApi:
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


def lose(api: FakeApi, share: float, seed: str) -> None:
    """Of the requests for a permit, of bytes and for a verdict lose this share, drawn from `seed`:
    half of those to the API break, half are answered that it is busy."""
    chance = random.Random(seed)
    lost = ((0, None), error(503, "busy"))

    def unless_lost(usual: Any) -> Any:
        return lambda _: chance.choice(lost) if chance.random() < share else usual

    for asked in (("POST", "upload/photos"), ("GET", f"upload/photos/{PHOTO}")):
        api.answers[asked] = unless_lost(api.answers[asked])
    api.storage_fails = [chance.random() < share for _ in range(MANY)]


def keys(api: FakeApi) -> list[str]:
    """The key of each request for a permit."""
    return [
        headers["idempotency-key"]
        for method, path, _, headers in api.calls
        if (method, path) == ("POST", "upload/photos")
    ]


def open_page(page: Page, path: str = "/foto/ktp/", *, under_way: bool = False) -> None:
    """A photo page whose waits are short enough for a test; one that goes on with a photo asks
    the server so often that its network is never idle."""
    page.add_init_script(QUICK)
    page.goto(path)
    if under_way:
        expect(page.locator("#work")).to_be_visible()
    else:
        page.wait_for_load_state("networkidle")


def new_tab(page: Page, api: FakeApi, *, under_way: bool = False) -> Page:
    """The tab is killed, and the page opened again on the same phone."""
    context = page.context
    page.close(run_before_unload=False)
    again = context.new_page()
    again.set_default_timeout(30_000)
    again.route("**/api/**", api.answer)
    again.route(f"{STORAGE}/**", api.store)
    open_page(again, under_way=under_way)
    return again


def choose(
    page: Page, data: bytes | None = None, name: str = "foto.jpg", kind: str = "image/jpeg"
) -> None:
    """Choose a file from the gallery; one that is in order unless another is given."""
    content = encoded(sharp()) if data is None else data
    file = {"name": name, "mimeType": kind, "buffer": content}
    page.locator("#pick").set_input_files(file)  # type: ignore[arg-type]


def chosen(page: Page) -> tuple[str, Image.Image, bytes]:
    """(type, picture, bytes) of what is kept, which is what will be sent."""
    page.wait_for_selector("#preview:not([hidden])")
    text = page.evaluate(
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
          database.close();
          const reader = new FileReader();
          return new Promise((done) => {
            reader.onload = () => done(reader.result);
            reader.readAsDataURL(kept.blob);
          });
        }"""
    )
    head, _, body = text.partition(",")
    data = base64.b64decode(body)
    return head.removeprefix("data:").removesuffix(";base64"), Image.open(io.BytesIO(data)), data


def is_kept(page: Page) -> bool:
    """Whether this phone keeps a photo or a note about one."""
    return page.evaluate(
        """() => new Promise((done) => {
          const request = indexedDB.open('gelombang', 1);
          request.onupgradeneeded = () => request.transaction.abort();
          request.onerror = () => done(false);
          request.onsuccess = () => {
            const store = request.result.transaction('photos').objectStore('photos');
            store.count().onsuccess = (event) => done(event.target.result > 0);
          };
        })"""
    )


def violations(page: Page) -> list[str]:
    """What axe finds wrong."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['html']}" for v in found for node in v["nodes"]]
