"""infra/front.yaml, and its functions at the edge run in a browser, for the tests."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from playwright.sync_api import Browser

from infra.front import FILE
from local.template import read

# A module's import cannot stand within an expression; the test's own `cf` takes its place.
IMPORT = "import cf from 'cloudfront';\n"


@cache
def template() -> dict[str, Any]:
    """The file as it stands."""
    return read(FILE)


def properties(logical: str) -> dict[str, Any]:
    """Of one resource."""
    found: dict[str, Any] = template()["Resources"][logical]["Properties"]
    return found


def answers(
    browser: Browser,
    function: str,
    events: list[dict[str, Any]],
    door: dict[str, int] | None = None,
    now: int = 0,
    draws: tuple[float, ...] = (),
) -> list[dict[str, Any]]:
    """What the template's function answers to each event, and the origin it chose. `door`: what
    the store holds; `now`: milliseconds; `draws`: what Math.random gives, anew for each event."""
    source = properties(function)["FunctionCode"]
    assert source.startswith(IMPORT) == ("cf." in source)
    source = re.sub(f"^{re.escape(IMPORT)}", "", source)
    page = browser.new_page()
    try:
        found: list[dict[str, Any]] = page.evaluate(
            f"""async ([events, door, now, draws]) => {{
                let origin = null;
                const get = async () => {{ if (!door) throw new Error(); return door; }};
                const cf = {{
                    selectRequestOriginById: id => {{ origin = id; }},
                    kvs: () => ({{ get }}),
                }};
                Date.now = () => now;
                {source}
                const found = [];
                for (const event of events) {{
                    origin = null;
                    const left = [...draws];
                    Math.random = () => left.shift();
                    found.push({{ answer: await handler(event), origin }});
                }}
                return found;
            }}""",
            [events, door, now, list(draws)],
        )
        return found
    finally:
        page.close()
