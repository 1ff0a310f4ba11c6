"""`python -m tests.site.icons`: draw the PNG icons of the manifest from icon.svg, in Chromium.

Each PNG carries the hash of the SVG it was drawn from, so that a test sees when they are old.
"""

from __future__ import annotations

import hashlib
import io

from PIL import Image, PngImagePlugin
from playwright.sync_api import Browser, sync_playwright

from tests.journey.browser import launch
from tests.site.conftest import ROOT

FOLDER = ROOT / "site" / "icons"
SOURCE = "source"
# Android cuts a maskable icon to a shape of its own, but leaves the circle of the middle 80 %.
BLEED = 1.16
COLOURS = 64


def source_hash() -> str:
    """The SHA-256 of the icon's source."""
    return hashlib.sha256((FOLDER / "icon.svg").read_bytes()).hexdigest()


def drawn(browser: Browser, side: int) -> Image.Image:
    """The SVG at so many pixels, its surroundings clear."""
    page = browser.new_page(viewport={"width": side, "height": side})
    svg = (FOLDER / "icon.svg").read_text(encoding="utf-8")
    page.set_content(f"<style>*{{margin:0}}svg{{display:block;width:{side}px}}</style>{svg}")
    shot = page.screenshot(omit_background=True)
    page.close()
    return Image.open(io.BytesIO(shot)).convert("RGBA")


def maskable(browser: Browser, side: int) -> Image.Image:
    """The middle of the icon, so large that its round corners fall outside."""
    whole = drawn(browser, round(side * BLEED))
    edge = (whole.width - side) // 2
    return whole.crop((edge, edge, edge + side, edge + side))


def save(image: Image.Image, name: str) -> None:
    """With few colours, and the hash of what it was drawn from."""
    about = PngImagePlugin.PngInfo()
    about.add_text(SOURCE, source_hash())
    method = Image.Quantize.FASTOCTREE
    few = image.quantize(COLOURS, method=method)
    few.save(FOLDER / name, optimize=True, pnginfo=about)


def main() -> None:
    """Draw all."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        save(drawn(browser, 192), "icon-192.png")
        save(drawn(browser, 512), "icon-512.png")
        save(maskable(browser, 512).convert("RGB"), "icon-maskable-512.png")
        browser.close()


if __name__ == "__main__":
    main()
