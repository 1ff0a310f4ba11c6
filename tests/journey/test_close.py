"""The close under load, and a worker that is killed, on the whole local system."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from functions.programme.draw.roster import parse_roster
from functions.programme.times import MINUTE, SECOND, from_iso
from functions.select import draw
from local import settings
from local.clock import FileClock
from local.processes import lives
from tests.journey import crowd, waves

PEOPLE = 200
# Joins begin from this long before the close to this long after it (seconds).
BEFORE, AFTER = 8, 2


@pytest.mark.timeout(900)
def test_two_hundred_join_around_the_close_and_exactly_the_acknowledged_are_drawn(place, tmp_path):
    wave = waves.create(place, quota=30, reserve=10, open_for=5 * MINUTE)
    members = crowd.gather(crowd.runtime_of(place), PEOPLE)
    closes = from_iso(waves.waves(place)[wave]["closes_at"])
    waves.move_clock(place, (closes - waves.local_now(place)) // SECOND - BEFORE - 2)
    answers = _join_around(place, wave, members, closes)

    acknowledged = [body["receipt"] for status, body in answers if status == 201]
    refused = [body["error"]["code"] for status, body in answers if status != 201]
    assert set(refused) == {"wave_closed"}
    assert 0 < len(acknowledged) < PEOPLE, "the close was not in the middle of the crowd"

    waves.ask_clock(place, until="result")
    waves.wait_until_announced(place, wave)
    folder = waves.download(place, wave, tmp_path)
    records = parse_roster((folder / "roster.bin").read_bytes(), family_limit=2, pools=0)
    assert sorted(r.commitment.hex() for r in records) == sorted(
        receipt["commitment"] for receipt in acknowledged
    )
    assert draw.main(["verify", str(folder), "--pins", str(tmp_path / "pins.json")], {}) == 0


def _join_around(place, wave, members, closes):
    """Each joins at its own moment; (status, body) of all."""
    chance, clock, answers = random.Random(2026), FileClock(place.clock_file), []

    def join(member, at):
        time.sleep(max(0.0, (at - clock()) / SECOND))
        answers.append(crowd.join(place, member, wave))

    moments = [closes + round(chance.uniform(-BEFORE * SECOND, AFTER * SECOND)) for _ in members]
    threads = [
        threading.Thread(target=join, args=pair) for pair in zip(members, moments, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.timeout(900)
def test_a_worker_killed_at_any_moment_of_a_draw_goes_on_to_the_same_result(place, tmp_path):
    wave = waves.create(place, quota=5, reserve=2, open_for=5 * MINUTE)
    runtime = crowd.runtime_of(place)
    members = crowd.gather(runtime, 12)
    for member in members:
        assert crowd.join(place, member, wave)[0] == 201

    with ThreadPoolExecutor() as aside:
        ordered = aside.submit(waves.ask_clock, place, until="result")
        phases = _kill_often(place, wave)
        ordered.result()
    assert len(phases) >= 3, phases
    waves.wait_until_announced(place, wave)

    folder = waves.download(place, wave, tmp_path)
    assert draw.main(["verify", str(folder), "--pins", str(tmp_path / "pins.json")], {}) == 0
    _each_told_once(runtime, members, wave)


def _kill_often(place, wave):
    """kill -9 and a new start soon after each change of phase; the phases it happened in."""
    chance, phases = random.Random(28), ["open"]
    while phases[-1] != "announced":
        waves.wait_for(lambda: _phase(place, wave) != phases[-1], "the next phase")
        time.sleep(chance.uniform(0.0, 0.4))
        _kill_worker(place)
        phases.append(_phase(place, wave))
        subprocess.Popen(
            [sys.executable, "-m", "local", "worker", "--port", str(place.port)],
            cwd=settings.ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        waves.wait_for(lambda: lives(place.lock("worker")), "the worker")
    return phases[1:]


def _phase(place, wave):
    return waves.waves(place)[wave]["phase"]


def _kill_worker(place):
    own = "\0".join(("local", "worker", "--port", str(place.port), ""))
    killed = 0
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if own in command.read_text():
                os.kill(int(command.parent.name), signal.SIGKILL)
                killed += 1
    assert killed == 1
    waves.wait_for(lambda: not lives(place.lock("worker")), "the end of the worker")


def _each_told_once(runtime, members, wave):
    """One letter and one SMS of the outcome each, whatever the provider made of them."""
    told = Counter()
    for row in runtime.tables.scan("outbox"):
        if row["template"].startswith("outcome_"):
            told[row["applicant"], row["channel"]] += 1
    for member in members:
        assert told[member.applicant, "mail"] == told[member.applicant, "sms"] == 1
