"""Pictures of the site for docs/screens: the whole journey with the invented API, on a phone.

    python -m tests.site.screens [--out docs/screens] [NAME…]

Each scene of `scenes.py` is taken at 360x640 in both languages and stored with few colours. The
list in docs/screens.md is written anew.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.journey.browser import launch
from tests.site.conftest import PHONE, ROOT, build_site
from tests.site.fake_api import FakeApi
from tests.site.scenes import SCENES, Scene
from tests.site.serving import publish_wave, served

LANGUAGES = {"id": "/", "en": "/en/"}
# Tried in turn until the picture is small enough.
COLOURS = (72, 48)
MOST_BYTES = 25_000
TOKENS = ROOT / "site" / "styles" / "tokens.css"


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs" / "screens")
@click.argument("names", nargs=-1)
def main(out: Path, names: tuple[str, ...]) -> None:
    """Take the pictures of all scenes, or of those named, and write the list."""
    scenes = [scene for group in SCENES.values() for scene in group]
    unknown = set(names) - {scene.name for scene in scenes}
    if unknown:
        raise click.ClickException(f"no such scene: {', '.join(sorted(unknown))}")
    if not names:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        done = build_site(site)
        if done.returncode:
            raise click.ClickException(done.stderr)
        publish_wave(site, 12)
        with served(site) as origin, sync_playwright() as playwright:
            browser = launch(playwright)
            for scene in (one for one in scenes if not names or one.name in names):
                for language in LANGUAGES:
                    data = few_colours(_taken(browser, origin, scene, language))
                    (out / f"{scene.name}-{language}.png").write_bytes(data)
                    click.echo(f"{scene.name}-{language}.png {len(data)}")
            browser.close()
    _write_list(out)


def _taken(browser: Browser, origin: str, scene: Scene, language: str) -> bytes:
    api = FakeApi()
    scene.given(api)
    options: dict[str, Any] = {"base_url": origin, "viewport": PHONE, "locale": "id-ID"}
    # A service worker's requests would pass by the invented API.
    options["service_workers"] = "block"
    options["color_scheme"] = "dark" if scene.dark else "light"
    context = browser.new_context(**options, java_script_enabled=scene.script)
    page = context.new_page()
    api.serve(page)
    page.goto(LANGUAGES[language] + scene.path)
    page.wait_for_load_state("networkidle")
    scene.act(page)
    page.wait_for_load_state("networkidle")
    picture = page.screenshot()
    context.close()
    return picture


def few_colours(data: bytes) -> bytes:
    """The same picture with a palette, small enough to keep many of.

    The site's own colours stand in it as they are, then those that come most often.
    """
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    colours, places, counts = np.unique(
        pixels.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True
    )
    shown = {tuple(colour) for colour in colours.tolist()}
    own = [tuple(bytes.fromhex(one)) for one in re.findall(r"#([0-9a-f]{6})", TOKENS.read_text())]
    often = [tuple(colours[place].tolist()) for place in np.argsort(-counts)]
    chosen = list(dict.fromkeys([*(one for one in own if one in shown), *often]))
    small = b""
    for number in COLOURS:
        palette = np.array(chosen[:number], int)
        apart = ((colours[:, None].astype(int) - palette[None]) ** 2).sum(axis=2)
        few = Image.fromarray(
            apart.argmin(axis=1)[places].reshape(pixels.shape[:2]).astype(np.uint8), "P"
        )
        few.putpalette(palette.astype(np.uint8).tobytes())
        out = io.BytesIO()
        few.save(out, "PNG", optimize=True)
        small = out.getvalue()
        if len(small) <= MOST_BYTES:
            break
    return small


def _write_list(out: Path) -> None:
    lines = [
        "# Screens",
        "",
        "The site on a phone of 360x640, with an invented applicant, in Indonesian and in English; "
        "`python -m tests.site.screens` takes them anew.",
    ]
    for group, scenes in SCENES.items():
        lines += ["", f"## {group}", "", "| | Indonesian | English |", "|---|---|---|"]
        lines += [
            "| {} | {} |".format(
                scene.words, " | ".join(_cell(out, scene, one) for one in LANGUAGES)
            )
            for scene in scenes
        ]
    out.with_suffix(".md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cell(out: Path, scene: Scene, language: str) -> str:
    name = f"{scene.name}-{language}.png"
    return f"![{scene.words}]({out.name}/{name})" if (out / name).is_file() else ""


if __name__ == "__main__":
    main()
