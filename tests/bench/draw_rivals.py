"""`python -m tests.bench.draw_rivals METHOD FOLDER`: what else draws entries at random, one each.

Each puts the eligible entries of the roster in the folder in a random order, lets at most `room` of
a family through and takes the first `quota` and `reserve`. None knows pools, reads a tree, signs or
leaves anything that could be verified. Prints one line of JSON: how many were taken, and the
CPU seconds of the draw alone, without loading and importing.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from functions.programme.draw.params import parse_params
from functions.programme.draw.roster import ELIGIBLE

SEED = 20_261_122
_RECORD = np.dtype(
    [
        *(("commitment", "V32"), ("group", ">u4")),
        *(("room", "u1"), ("pool", "u1"), ("status", "u1"), ("zero", "u1")),
    ]
)

Column = npt.NDArray[np.int64]

# One order for all, the limit by each entry's place in its family. Entries without a group have a
# family of their own, so that no partition is large.
QUERY = """
    SELECT count(*) FROM (
        SELECT number FROM (
            SELECT number, room, chance,
                row_number() OVER (PARTITION BY family ORDER BY chance) AS place
            FROM (SELECT number, family, room, random() AS chance FROM entries) AS drawn
        ) AS placed
        WHERE place <= room ORDER BY chance LIMIT {places}
    ) AS taken
"""


def eligible_columns(folder: Path) -> tuple[Column, Column]:
    """Family and room of the eligible entries; those without a group have negative families."""
    records = np.fromfile(folder / "roster.bin", _RECORD)
    records = records[records["status"] == ELIGIBLE]
    family, room = records["group"].astype(np.int64), records["room"].astype(np.int64)
    alone = np.flatnonzero(family == 0)
    family[alone] = -1 - alone
    return family, room


def with_pandas(family: Column, room: Column, places: int) -> tuple[int, float]:
    import pandas

    frame = pandas.DataFrame({"family": family, "room": room})
    start = time.process_time()
    drawn = frame.sample(frac=1, random_state=SEED)
    taken = drawn[drawn.groupby("family", sort=False).cumcount() < drawn["room"]].head(places)
    return len(taken), time.process_time() - start


def with_random_sample(family: Column, room: Column, places: int) -> tuple[int, float]:
    families, rooms = family.tolist(), room.tolist()
    chance = random.Random(SEED)
    start = time.process_time()
    held: Counter[int] = Counter()
    taken = 0
    for i in chance.sample(range(len(families)), len(families)):
        if taken == places:
            break
        own = families[i]
        if held[own] < rooms[i]:
            held[own] += 1
            taken += 1
    return taken, time.process_time() - start


def with_sqlite(family: Column, room: Column, places: int) -> tuple[int, float]:
    with sqlite3.connect(":memory:") as database:
        database.execute("PRAGMA temp_store = MEMORY")
        database.execute("CREATE TABLE entries (number INTEGER, family INTEGER, room INTEGER)")
        rows = zip(range(len(family)), family.tolist(), room.tolist(), strict=True)
        database.executemany("INSERT INTO entries VALUES (?, ?, ?)", rows)
        start = time.process_time()
        ((taken,),) = database.execute(QUERY.format(places=places))
        return int(taken), time.process_time() - start


METHODS: dict[str, Callable[[Column, Column, int], tuple[int, float]]] = {
    "pandas": with_pandas,
    "random.sample": with_random_sample,
    "sqlite": with_sqlite,
}


def main(method: str, folder: Path) -> None:
    """Draw once with one method, and say what it took."""
    params = parse_params((folder / "params.json").read_bytes())
    places = params.quota + params.reserve
    taken, seconds = METHODS[method](*eligible_columns(folder), places)
    sys.stdout.write(json.dumps({"taken": taken, "cpu_seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
