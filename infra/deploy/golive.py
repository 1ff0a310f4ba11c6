"""Whether production may be deployed: what `python -m ops golive` wrote, and how old it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra.deploy.stage import Refused

PRODUCTION = "production"
# Quotas and people change; who deploys after a month asks again.
VALID_DAYS = 30
ASK = "python -m ops golive --answers FILE --out FILE"


def check(stage: str, record: Path | None, now: int) -> None:
    """Let every other stage pass. Raises Refused for production when the list is not answered,
    has an open point, or is older than a month. `now`: seconds since 1970."""
    if stage != PRODUCTION:
        return
    if record is None:
        raise Refused(f"production needs the go-live list: {ASK}, then GOLIVE=FILE")
    try:
        found: dict[str, Any] = json.loads(record.read_text(encoding="utf-8"))
        at, still_open = int(found["at"]), [str(point) for point in found["open"]]
        is_ours = found["stage"] == stage
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(f"{record} is no record of the go-live list: {ASK}") from error
    if not is_ours:
        raise Refused(f"{record} speaks of another stage")
    if still_open:
        raise Refused(f"the go-live list is open: {'; '.join(still_open)}")
    if not 0 <= now - at < VALID_DAYS * 86_400:
        raise Refused(f"{record} is not of the last {VALID_DAYS} days: {ASK}")
