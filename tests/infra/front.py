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


def answers(browser: Browser, function: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the template's function answers to each event, and the origin it chose."""
    source = properties(function)["FunctionCode"]
    assert source.startswith(IMPORT) == ("cf." in source)
    source = re.sub(f"^{re.escape(IMPORT)}", "", source)
    page = browser.new_page()
    try:
        found: list[dict[str, Any]] = page.evaluate(
            f"""events => {{
                let origin = null;
                const cf = {{ selectRequestOriginById: id => {{ origin = id; }} }};
                {source}
                return events.map(event => {{
                    origin = null;
                    const answer = handler(event);
                    return {{ answer, origin }};
                }});
            }}""",
            events,
        )
        return found
    finally:
        page.close()
