"""`python -m infra.front`: write into front.yaml what has its source elsewhere.

That is the code of both functions at the edge (infra/edge/, with the rules of infra/serving.py and
infra/door.py and the names of the pages) and the security headers (site/headers.json).
tests/infra/test_front.py holds the file to what is written here.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from functions.programme.admission import EVERYONE, SOONEST
from infra import door, serving

FILE = Path(__file__).with_name("front.yaml")
EDGE = Path(__file__).with_name("edge")
PAGES = serving.ROOT / "site" / "pages"
# Files of the site that are no pages (site/build.py writes them), and the public status.
FILES = (
    r"/aset/[0-9a-f]{12}/[\w./-]+",
    r"/data/wilayah/\d\d\.json",
    r"(?:/en)?/undian/periksa/(?:worker|offline)\.js",
    r"/undian/verify\.py",
    r"/(?:manifest\.json|robots\.txt|service-worker\.js|api/openapi\.json)",
    re.escape(serving.STATUS_FILE),
)
# What CloudFront takes as a function's code, in bytes.
MOST_CODE = 10_240
HSTS = re.compile(r"max-age=(\d+); includeSubDomains")


def pages() -> list[str]:
    """The paths of all pages below their language's root: `/`, `/daftar/`, …"""
    found = [path.relative_to(PAGES).with_suffix("").as_posix() for path in PAGES.rglob("*.html")]
    return sorted("/" if name == "index" else f"/{name}/" for name in found if name != "404")


def code(name: str) -> str:
    """The code of a function at the edge, `paths` or `status`, with its words filled in."""
    words = {
        "PAGES": json.dumps(pages(), separators=(",", ":")),
        "FILE": "|".join(FILES).replace("/", r"\/"),
        "DRAW_FILE": serving.DRAW_FILE.pattern.replace("/", r"\/"),
        "WAVE_PAGE": serving.WAVE_PAGE.pattern.replace("/", r"\/"),
        "WAVE_PAGE_FILE": serving.WAVE_PAGE_FILE,
        "NOT_FOUND": serving.NOT_FOUND,
        "DOOR_PAGES": json.dumps(door.DOOR_PAGES, separators=(",", ":")),
        "ENTERED": json.dumps(door.ENTERED, separators=(",", ":")),
        "ROOM": door.ROOM,
        "INSIDE": door.INSIDE,
        "RETURN": door.RETURN,
        "NAVIGATION": door.NAVIGATION,
        "INSIDE_SECONDS": str(door.INSIDE_SECONDS),
        "RETURN_SECONDS": str(door.RETURN_SECONDS),
        "EVERYONE": str(EVERYONE),
        "SOONEST": str(SOONEST),
        "CACHE_CONTROL": serving.site_headers("")["all"]["Cache-Control"],
    }
    text = (EDGE / f"{name}.js").read_text(encoding="utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda match: words[match[1]], text)


def headers_policy() -> dict[str, Any]:
    """The headers of all static answers, in the words of CloudFront; it has names of its own for
    those about security. Cache-Control lies with each object."""
    headers = serving.site_headers("${PhotoOrigin}")["all"]
    del headers["Cache-Control"]
    age = HSTS.fullmatch(headers.pop("Strict-Transport-Security"))
    if age is None or headers.pop("X-Content-Type-Options") != "nosniff":
        raise ValueError("site/headers.json has a header in a form that is not known here")
    policy = headers.pop("Content-Security-Policy")
    security = {
        "ContentSecurityPolicy": {
            "ContentSecurityPolicy": {"Fn::Sub": policy},
            "Override": True,
        },
        "ContentTypeOptions": {"Override": True},
        "ReferrerPolicy": {"ReferrerPolicy": headers.pop("Referrer-Policy"), "Override": True},
        "StrictTransportSecurity": {
            "AccessControlMaxAgeSec": int(age[1]),
            "IncludeSubdomains": True,
            "Override": True,
        },
    }
    others = [{"Header": k, "Value": v, "Override": True} for k, v in headers.items()]
    return {"SecurityHeadersConfig": security, "CustomHeadersConfig": {"Items": others}}


def filled(text: str) -> str:
    """The template with all that is between `# from …` and `# end` written anew."""
    parts = {
        "edge/paths.js": f"FunctionCode: |\n{_indented(code('paths'), 2)}",
        "edge/status.js": f"FunctionCode: |\n{_indented(code('status'), 2)}",
        "site/headers.json": "".join(
            f"{name}: {json.dumps(value)}\n" for name, value in headers_policy().items()
        ),
    }

    def part(match: re.Match[str]) -> str:
        indent = len(match["indent"])
        return match["begin"] + _indented(parts[match["source"]], indent) + match["end"]

    marked = r"(?P<begin>(?P<indent> +)# from (?P<source>\S+)\n).*?(?P<end> +# end\n)"
    return re.sub(marked, part, text, flags=re.DOTALL)


def _indented(text: str, spaces: int) -> str:
    lines = (f"{' ' * spaces}{line}" if line else "" for line in text.splitlines())
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(filled(FILE.read_text(encoding="utf-8")), encoding="utf-8")
