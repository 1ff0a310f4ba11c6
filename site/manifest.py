"""What a phone needs to put the site on its home screen."""

from __future__ import annotations

import json
import re
from pathlib import Path

from assets import Assets

# Made from icon.svg by `python -m tests.site.icons`: {file: (pixels, purpose)}.
ICONS = {
    "icon-192.png": (192, "any"),
    "icon-512.png": (512, "any"),
    "icon-maskable-512.png": (512, "maskable"),
}
_SEA = re.compile(r"--sea: (#[0-9a-f]{6});")


def colours(tokens: Path) -> tuple[str, str]:
    """The colour of the site's head by day and in the dark."""
    by_day, dark = _SEA.findall(tokens.read_text(encoding="utf-8"))
    return by_day, dark


def manifest(name: str, description: str, assets: Assets, colour: str) -> str:
    """The text of manifest.json. The address stays visible: it tells this site from a fake one."""
    icons: list[dict[str, str]] = [
        {"src": assets.address("icon.svg"), "sizes": "any", "type": "image/svg+xml"}
    ]
    for file, (side, purpose) in ICONS.items():
        size = {"sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
        icons.append({"src": assets.address(file), **size})
    about = {
        "name": name,
        "short_name": name,
        "description": description,
        "lang": "id",
        "id": "/",
        "scope": "/",
        "start_url": "/dasbor/",
        "display": "minimal-ui",
        "theme_color": colour,
        "background_color": colour,
        "icons": icons,
    }
    return json.dumps(about, ensure_ascii=False)
