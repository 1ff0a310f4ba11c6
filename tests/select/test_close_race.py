"""Two hundred joins around the close: each is on the roster or was refused, none in between."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from functions.programme.draw.published import ROSTER
from functions.programme.draw.roster import parse_records
from functions.programme.times import MINUTE
from functions.select.folder import read_public
from functions.web.errors import Conflict
from tests.select.world import CLOSES_AT, World

PEOPLE = 200


def test_every_acknowledged_entry_is_on_the_roster_and_the_others_were_told_closed():
    world = World(quorum=0)
    world.create(quota=50, shards=8)
    people = [world.person(n) for n in range(PEOPLE)]
    world.clock.now = CLOSES_AT - 1
    acknowledged: list[str] = []
    refused: list[str] = []
    halfway = threading.Event()

    def join(applicant: str) -> None:
        try:
            receipt = world.join(applicant)["receipt"]
            acknowledged.append(receipt["commitment"])
        except Conflict as error:
            refused.append(error.code)
        if len(acknowledged) + len(refused) >= PEOPLE // 2:
            halfway.set()

    def close() -> None:
        halfway.wait(60)
        world.clock.now = CLOSES_AT
        world.tick()

    with ThreadPoolExecutor(16) as pool:
        closer = pool.submit(close)
        list(pool.map(join, people))
        closer.result()
    world.tick()

    roster = parse_records(read_public(world.runtime.files, 1, ROSTER))
    assert sorted(acknowledged) == [record.commitment.hex() for record in roster]
    assert len(acknowledged) + len(refused) == PEOPLE
    assert len(acknowledged) >= PEOPLE // 2
    assert set(refused) <= {"wave_closed"}
    counted = sum(gate["entries"] for gate in world.tables.items["gates"].values())
    assert counted == len(acknowledged)


def test_joins_through_clocks_that_run_late_are_in_the_roster_or_refused_by_the_shut_gates():
    world = World(quorum=0)
    world.create(quota=50, shards=8)
    people = [world.person(n) for n in range(PEOPLE)]
    late = world.with_clock(lambda: world.clock() - 5 * MINUTE)
    acknowledged, refused = [], []
    started = threading.Event()

    def join(applicant: str) -> None:
        started.set()
        try:
            acknowledged.append(late.join(applicant)["receipt"]["commitment"])
        except Conflict as error:
            refused.append(error.code)

    def close() -> None:
        started.wait(60)
        world.tick()

    world.to_close()
    with ThreadPoolExecutor(16) as pool:
        closer = pool.submit(close)
        list(pool.map(join, people))
        closer.result()
    world.tick()
    roster = parse_records(read_public(world.runtime.files, 1, ROSTER))
    assert sorted(acknowledged) == [record.commitment.hex() for record in roster]
    assert set(refused) <= {"wave_closed"} and len(acknowledged) + len(refused) == PEOPLE
