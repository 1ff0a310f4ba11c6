"""What a function takes on Lambda, from the measured costs (`service_times.json`)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra.settings import render
from ops.opening.quotas import COLD_EXTRA_MS, LATENCIES, WHOLE_PROCESSOR_MB

FILE = Path(__file__).parent / "service_times.json"
# Calls that were not timed for themselves, and the one that they are like.
LIKE = {
    "batch_get_item": "get_item",
    "scan": "query",
    "delete_item": "put_item",
    "head_object": "get_object",
    "delete_object": "get_object",
    "get_parameter": "get_item",
    "decrypt": "get_item",
}
ACCOUNT, REGION, STAGE = "123456789012", "ap-southeast-3", "production"


@dataclass(frozen=True)
class Cost:
    """What one request or message takes.

    function    verify, upload, select, verify_worker, upload_worker
    seconds     that the function is occupied
    reads, writes   units by table; `outbox/unsent` is an index
    calls       calls to AWS by name
    """

    function: str
    seconds: float
    reads: dict[str, float]
    writes: dict[str, float]
    calls: dict[str, int]


@dataclass(frozen=True)
class Measured:
    """The file, read."""

    raw: dict[str, Any]

    @property
    def journey(self) -> dict[str, int]:
        """How often the site asks each route for one applicant."""
        return dict(self.raw["journey"])

    def cost(self, name: str) -> Cost:
        """The cost of a route, or of a worker's message such as `mail joined` or `photo ktp`."""
        route = self.raw["routes"][name]
        function = _function(name)
        writes = dict(route["write_units"])
        if "outbox" in route["index_units"]:
            writes["outbox/unsent"] = route["index_units"]["outbox"]
        return Cost(
            function=function,
            seconds=self._seconds(function, route["cpu_ms"], route["calls"]),
            reads=dict(route["read_units"]),
            writes=writes,
            calls=dict(route["calls"]),
        )

    def cold_seconds(self, function: str) -> float:
        """From the call that needs a new environment to its handler: on a whole processor."""
        keys = self.raw["keys"].get(function, 0)
        waits = keys * (LATENCIES["get_parameter"].value + LATENCIES["decrypt"].value)
        return float(COLD_EXTRA_MS + self.raw["cold_cpu_ms"][function] + waits) / 1000

    def parameter_reads(self, function: str) -> int:
        """Reads of SSM by each new environment, one for each key it comes to need."""
        return int(self.raw["keys"].get(function, 0))

    def _seconds(self, function: str, cpu_ms: float, calls: dict[str, int]) -> float:
        boto = sum(self._boto(call) * count for call, count in calls.items())
        share = min(1.0, memory_mb(function) / WHOLE_PROCESSOR_MB)
        waits = sum(LATENCIES[call].value * count for call, count in calls.items())
        return ((cpu_ms + boto) / share + waits) / 1000

    def _boto(self, call: str) -> float:
        return float(self.raw["boto_cpu_ms"][LIKE.get(call, call)])


def _function(name: str) -> str:
    if name.startswith(("mail ", "sms ")):
        return "verify_worker"
    if name.startswith("photo "):
        return "upload_worker"
    return name.split("/")[2]


@cache
def memory_mb(function: str) -> int:
    """The memory that zappa_settings.json gives a function in production."""
    return int(render(f"{STAGE}_{function}", ACCOUNT, REGION)["memory_size"])


@cache
def batch_size(function: str) -> int:
    """How many messages of its first queue a worker takes at once; what SES tells of letters, the
    second of `verify_worker`, comes when the day has gone on."""
    event, *_ = render(f"{STAGE}_{function}", ACCOUNT, REGION)["events"]
    return int(event["event_source"]["batch_size"])


@cache
def measured() -> Measured:
    """The file of this checkout."""
    return Measured(json.loads(FILE.read_text(encoding="utf-8")))
