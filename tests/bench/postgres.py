"""PostgreSQL's `ORDER BY random()`, by a server of its own that nobody else can reach.

Single-user mode: one process on one core, no sockets, and its CPU time is what the system says.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.draw_rivals import QUERY, Column
from tests.bench.measuring import Measured, measured

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "8GB",
    "shared_buffers": "1GB",
    "work_mem": "4GB",
    "jit": "off",
}


class NotInstalled(Exception):
    """No PostgreSQL server on this machine."""


def find_programs() -> Path:
    """The folder with `postgres` and `initdb`. Raises NotInstalled."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("postgres")
    if found:
        places.append(Path(found).resolve().parent)
        places.append(Path(found).parent)
    for place in places:
        if (place / "postgres").exists() and (place / "initdb").exists():
            return place
    raise NotInstalled


def draw(family: Column, room: Column, places: int) -> tuple[int, Measured]:
    """How many were taken, and what the query took: a process that does nothing else.

    Raises NotInstalled.
    """
    programs = find_programs()
    with TemporaryDirectory(prefix="bench-postgres-") as name:
        folder = Path(name)
        owner = _owner(folder)
        rows = folder / "rows.txt"
        with rows.open("w") as file:
            file.writelines(
                f"{number}\t{own}\t{space}\n"
                for number, (own, space) in enumerate(
                    zip(family.tolist(), room.tolist(), strict=True)
                )
            )
        data = folder / "data"
        make = ["initdb", "-D", str(data), "--auth=reject", "--no-sync", "--locale=C"]
        measured([str(programs / make[0]), *make[1:]], user=owner)
        single = [str(programs / "postgres"), "--single", "-j", "-D", str(data)]
        for setting, value in SETTINGS.items():
            single += ["-c", f"{setting}={value}"]
        single.append("postgres")
        _run(
            single,
            owner,
            "CREATE TABLE entries (number int, family bigint, room int)",
            f"COPY entries FROM '{rows}'",
            "VACUUM ANALYZE entries",
        )
        done = _run(single, owner, QUERY.format(places=places))
        counts = re.findall(r'count = "([0-9]+)"', done.output)
        return int(counts[-1]), done


def _run(single: Sequence[str], owner: str | None, *statements: str) -> Measured:
    # With -j a statement ends with a semicolon and an empty line.
    text = "".join(" ".join(statement.split()) + ";\n\n" for statement in statements)
    return measured(single, user=owner, text=text)


def _owner(folder: Path) -> str | None:
    """PostgreSQL will not run as root; then the folder is given to another user."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"
