"""How many batches of a queue the deployed worker may work on at once: what the settings say."""

from __future__ import annotations

from infra.settings import render

STAGE = "production"


def bounds() -> dict[str, int]:
    """{queue: batches at once} of the worker that sends letters and codes."""
    events = render(f"{STAGE}_verify_worker", "ACCOUNT", "REGION")["events"]
    sources = [event["event_source"] for event in events]
    return {
        source["arn"].rsplit("-", 1)[1]: source["maximum_concurrency"]
        for source in sources
        if "maximum_concurrency" in source
    }
