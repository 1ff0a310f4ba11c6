"""Waves on the running local system: made by the operator's command, moved by its clock."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request

from click.testing import CliRunner

import ops.commands
from functions.programme.times import SECOND, from_iso, iso
from tests.local.stack import surroundings

PUBLIC = ("params.json", "roster.bin", "roster.head", "beacon.json", "results.bin", "result.head")
RESULT_SECONDS = 300
# How long before it opens a wave is announced: more than the command takes on a busy machine.
NOTICE_SECONDS = 60


def get(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


def waves(place):
    return {w["wave"]: w for w in json.loads(get(f"{place.origin}/api/select/waves"))["waves"]}


def local_now(place):
    """The local clock, in milliseconds."""
    return from_iso(json.loads(get(f"{place.origin}/local/clock"))["now"])


def create(place, *, quota, reserve=0, open_for):
    """A new wave, open for `open_for` milliseconds; its number, once it is open."""
    number = max(waves(place)) + 1
    opens = local_now(place) + NOTICE_SECONDS * SECOND
    command = ["wave", "create", "--wave", str(number), "--quota", str(quota)]
    command += ["--reserve", str(reserve), "--shards", "16"]
    command += ["--opens", iso(opens), "--closes", iso(opens + open_for)]
    with surroundings(place):
        done = CliRunner().invoke(ops.commands.cli, command)
    assert done.exit_code == 0, done.output
    move_clock(place, NOTICE_SECONDS)
    wait_for(lambda: waves(place).get(number, {}).get("phase") == "open", "the wave to open")
    return number


def ask_clock(place, **order):
    """Order the clock on; the answer may come before it has arrived."""
    request = urllib.request.Request(
        f"{place.origin}/local/clock",
        data=json.dumps(order).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def move_clock(place, seconds):
    """Move the clock and wait until it has arrived."""
    target = local_now(place) + seconds * SECOND
    ask_clock(place, advance_seconds=seconds)
    wait_for(lambda: local_now(place) >= target, "the clock")


def wait_until_announced(place, wave):
    wait_for(lambda: waves(place)[wave]["phase"] == "announced", "the announcement")


def wait_for(happened, what):
    ends = time.monotonic() + RESULT_SECONDS
    while not happened():
        assert time.monotonic() < ends, f"waited in vain for {what}"
        time.sleep(0.2)


def download(place, wave, folder):
    """The public files of a wave in `folder/<wave>`, and the pins beside it."""
    below = folder / str(wave)
    below.mkdir()
    for name in PUBLIC:
        (below / name).write_bytes(get(f"{place.origin}/undian/{wave}/{name}"))
    (folder / "pins.json").write_bytes(get(f"{place.origin}/undian/pins.json"))
    return below
