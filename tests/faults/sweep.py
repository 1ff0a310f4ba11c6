"""A worker is killed before and after every AWS call from the close of a wave to its announcement.

Each death happens in a process of its own, forked from one that holds the whole emulator with a
wave about to close: so every one begins from the same bytes, and nothing has to be put back.
"""

from __future__ import annotations

import os
import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from moto import mock_aws

from functions.cloud.tables import Update
from functions.programme.draw.beacon import sign_round, verify_beacon
from functions.programme.draw.pins import parse_pins
from functions.select import aftermath
from tests.faults.aws import Wire
from tests.faults.cloud import CloudWorld
from tests.faults.fuse import Killed, counted_alike
from tests.select.world import BEACON_SECRET

ENTRANTS = 4
TICKS = 4
TOLD = ("record", "index", "outcome", "rank", "outcome_pool")


@dataclass(frozen=True)
class Ending:
    """What a wave has come to. `letters`: ids and templates; `queued`: ids put on the queue."""

    calls: tuple[str, ...]
    deaths: int
    result: dict[str, Any]
    queued: tuple[str, ...]
    error: str = ""


@contextmanager
def stage() -> Iterator[tuple[CloudWorld, Wire]]:
    """A wave that is full and about to close, on an emulator of its own."""
    with mock_aws(), counted_alike():
        wire = Wire()
        world = CloudWorld(wire)
        world.create(quota=2, reserve=1, shards=2, pools=[("timur", 1, ["91"])])
        for number in range(ENTRANTS):
            world.enter(number, family=min(number, 2), province="91" if number % 2 else "31")
        world.queued()
        yield world, wire


def to_the_end(world: CloudWorld, wire: Wire) -> Ending:
    """Ticks of the schedule, a new worker after each death; the clock stands, so bytes compare."""
    deaths, calls = 0, ()
    for phase, move in (("roster_published", world.to_close), ("announced", world.to_draw)):
        world.runtime = world.calm  # the clock is nobody's worker
        move()
        for _ in range(TICKS):
            world.begin_worker()
            try:
                world.tick()
                aftermath.tend(world.runtime)
                if _phase(world) == phase:
                    break
            except Killed:
                deaths += 1
                calls = tuple(wire.calls)
                wire.arm(None)
                free = {"lease_until_at": 0}
                world.calm.tables.write(Update("waves", {"wave": 1}, set=free))
        if _phase(world) != phase:
            return Ending(calls, deaths, {}, (), f"stays {_phase(world)}")
    return Ending(calls or tuple(wire.calls), deaths, _result(world), tuple(world.queued()))


def _phase(world: CloudWorld) -> str:
    return str((world.calm.tables.get("waves", {"wave": 1}) or {})["phase"])


def _result(world: CloudWorld) -> dict[str, Any]:
    """All that must be the same whenever a worker died."""
    tables, files = world.calm.tables, world.calm.files
    rows = [row for row in tables.scan("outbox") if row["template"].startswith("outcome_")]
    kept = {
        key: {files.read("undian", key, version=v) for k, v in versions if k == key}
        for versions in [files.versions("undian", "undian/1/")]
        for key in {k for k, _ in versions}
    }
    return {
        "entries": {
            entry["applicant"]: {name: entry[name] for name in (*TOLD, "commitment")}
            for shard in range(2)
            for entry in tables.query("entries", f"1#{shard}")
        },
        "readiness": sorted((i["applicant"], sorted(i)) for i in tables.scan("readiness")),
        "ledgers": sorted((i["subject"], i["member"], i["wave"]) for i in tables.scan("ledgers")),
        "letters": sorted((r["message"], r["template"], r["applicant"]) for r in rows),
        "files": world.files(),
        # Whatever was written again was written with the same bytes.
        "once": sorted(key for key, found in kept.items() if len(found) > 1),
        "told by witnesses": len({text for _, text in world.witnesses.given}),
    }


def killed_at(world: CloudWorld, wire: Wire, at: int, after: bool) -> Ending:
    """The ending of a wave whose worker dies at this call, in a process of its own."""

    def run() -> Ending:
        wire.arm(at, after)
        return to_the_end(world, wire)

    return apart(run)


def apart(work: Callable[[], Ending]) -> Ending:
    """What `work` gives in a forked process, which ends with it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            ending = work()
        except BaseException:  # noqa: BLE001 - the parent tells it
            ending = Ending((), 0, {}, (), traceback.format_exc())
        with os.fdopen(writing, "wb") as out:
            pickle.dump(ending, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as found:
        data = found.read()
    os.waitpid(child, 0)
    return pickle.loads(data)


def wrong_with(ending: Ending, expected: Ending) -> list[str]:
    """What is not as it would be without a death; nothing if all is well."""
    if ending.error:
        return [ending.error]
    wrong = [name for name in expected.result if ending.result[name] != expected.result[name]]
    if len(ending.queued) != len(set(ending.queued)):
        wrong.append("a message was put on the queue twice")
    if ending.deaths != 1:
        wrong.append(f"{ending.deaths} deaths")
    return wrong


def sweep(
    moments: Callable[[int], Iterable[tuple[int, bool]]],
) -> Iterator[tuple[int, bool, str, list[str]]]:
    """For each (call, after) that `moments` picks of so many: what the call was, what is wrong."""
    with stage() as (world, wire):
        _remember_the_pairing(world)
        expected = apart(lambda: to_the_end(world, wire))
        assert not expected.error and not expected.result["once"], expected
        for at, after in moments(len(expected.calls)):
            ending = killed_at(world, wire, at, after)
            yield at, after, expected.calls[at - 1], wrong_with(ending, expected)


def _remember_the_pairing(world: CloudWorld) -> None:
    """In this process, for all its children: it takes a second."""
    beacon = sign_round(BEACON_SECRET, world.wave()["round"])
    verify_beacon(parse_pins(world.pins()), beacon)


def every(stride: int, first: int = 0) -> Callable[[int], list[tuple[int, bool]]]:
    """Every so many of all moments, before and after each call."""

    def pick(calls: int) -> list[tuple[int, bool]]:
        return [(at, after) for at in range(1, calls + 1) for after in (False, True)][first::stride]

    return pick
