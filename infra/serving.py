"""Which file answers a path of the site: one rule for the local server and for CloudFront.

`/…/` is its folder's index page, `/undian/<number>/` is one frozen page for all waves, and what
lies directly in `/undian/` or in a wave's folder comes from the draw's bucket.
"""

from __future__ import annotations

import json
import mimetypes
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
HEADERS = ROOT / "site" / "headers.json"

WAVE_PAGE = re.compile(r"(/en)?/undian/[1-9]\d*/")
DRAW_FILE = re.compile(r"/undian/(pins\.json|[1-9]\d*/[A-Za-z0-9._-]+)")
# The page that shows any wave, in both languages.
WAVE_PAGE_FILE = "/undian/gelombang/"
# Written into the site's bucket each minute, beside the frozen pages.
STATUS_FILE = "/status/status.json"
NOT_FOUND = "/404.html"

TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".head": "text/plain; charset=utf-8",
    ".bin": "application/octet-stream",
}


def content_type(name: str) -> str:
    """The type that a file is sent with, by its ending."""
    suffix = Path(name).suffix
    return TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"


def site_headers(s3_origin: str) -> dict[str, Any]:
    """site/headers.json with the address of the photo storage filled in."""
    headers: dict[str, Any] = json.loads(HEADERS.read_text().replace("{s3}", s3_origin))
    return headers


def headers_of(path: str, headers: dict[str, Any]) -> dict[str, str]:
    """The headers of a path: those of all, and what its prefixes put in their place."""
    found = dict(headers["all"])
    for prefix, more in headers["prefixes"].items():
        if path.startswith(prefix):
            found.update(more)
    return found
