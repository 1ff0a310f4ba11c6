"""What each route and worker costs: processor time, calls to AWS, capacity of the tables.

The three functions run in this process on counting ports (counted_stage.py), one applicant after
the other. What boto3 itself takes for a call is measured apart, with the answer given before
anything is sent. How long AWS takes to answer cannot be measured here: those times are assumed, and
stand in ops/opening/quotas.py.
"""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from functions.upload.checking import check_photo
from functions.upload.photo.judge import judge, warm_up
from local.cards.person import Person
from local.cards.render import photo_of, render_selfie
from ops.opening.measured import FILE
from tests.bench import boto_calls, cold_starts
from tests.bench.counted_stage import Applicant, Stage, travel
from tests.bench.journey_calls import calls_of_an_applicant

# The seed of a scene in which the card lies clear.
CLEAR = 5


def send_photos(one: Applicant, card: Person) -> None:
    """Both, as the site does."""
    send_photo(one, "ktp", photo_of(card, CLEAR, "good"))
    send_photo(one, "selfie", render_selfie(CLEAR, "good", card))
    one.ask("GET", "/api/upload/photos")


def send_photo(one: Applicant, kind: str, data: bytes) -> None:
    """Ask for a form, put the photo where the form says, let the worker judge it, look."""
    asked = {"kind": kind, "size": len(data), "content_type": "image/jpeg"}
    form = one.ask("POST", "/api/upload/photos", asked)
    files, key = one.runtime.files, form["fields"]["key"]
    version = files.write("incoming", key, data, content_type="image/jpeg")

    def work() -> None:
        check_photo(one.runtime, judge, key, version)

    one.stage.timed(f"photo {kind}", "upload_worker", work)
    rule = "/api/upload/photos/<photo>"
    one.ask("GET", f"/api/upload/photos/{form['photo']}", rule=rule)


def measure(applicants: int) -> Stage:
    """A stage on which so many applicants have gone all the way, after one who warmed it up."""
    warm_up()
    stage = Stage()
    for number in range(1, applicants + 2):
        travel(stage, number, send_photos)
        if number == 1:
            stage.seen.clear()
    return stage


def report(applicants: int, *, browser: bool) -> dict[str, Any]:
    """Everything that the simulation reads; without a browser the journey that the file has."""
    if browser:
        calls = Counter(calls_of_an_applicant())
    else:
        calls = Counter(json.loads(FILE.read_text(encoding="utf-8"))["journey"])
    stage = measure(applicants)
    return {
        "about": "written by `python -m tests.bench service-times`; medians, CPU milliseconds",
        "taken_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%MZ"),
        "machine": f"{platform.machine()}, {processor()}, Python {platform.python_version()}",
        "applicants": applicants,
        "journey": dict(sorted(calls.items())),
        "routes": {name: seen.told() for name, seen in sorted(stage.seen.items())},
        "boto_cpu_ms": boto_calls.millis(),
        "cold_cpu_ms": cold_starts.millis(),
        "keys": {name: len(keys) for name, keys in sorted(stage.keys.items())},
    }


def processor() -> str:
    """The processor's name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "?")


def write(applicants: int, *, browser: bool) -> Iterator[str]:
    """Measure, write the file, tell what was found."""
    found = report(applicants, browser=browser)
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    yield f"{FILE.name}, {found['taken_at']}, {found['machine']}"
    for name, route in found["routes"].items():
        written = sum(route["write_units"].values()) + sum(route["index_units"].values())
        read = sum(route["read_units"].values())
        calls = sum(route["calls"].values())
        yield f"{name:52} {route['cpu_ms']:7.1f} ms {calls:3} calls {read:3} read {written:3} write"
