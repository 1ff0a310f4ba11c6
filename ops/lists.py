"""An operator's list: read row by row, recorded before its first row and after its last."""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from functions.cloud.runtime import Runtime
from functions.programme.ledgers import BadList, Row, read_list
from ops import audit
from ops.audit import Act
from ops.errors import Refused

# Rows that are looked up together: as many keys as one call of the tables takes.
TOGETHER = 100

# Enters rows that are well formed (or only looks at them), and gives a code for each: `new`,
# `same`, or what speaks against it.
Enter = Callable[[Sequence[Row]], Sequence[str]]


@dataclass(frozen=True)
class Kind:
    """One kind of list: `what` names it in the audit chain, `heading` are its columns."""

    what: str
    heading: tuple[str, ...]


@dataclass
class Import:
    """What became of a list: counts of `new`, `same`, `wrong`; (line, code) of wrong rows."""

    counts: Counter[str] = field(default_factory=Counter)
    errors: list[tuple[int, str]] = field(default_factory=list)


def take_in(
    runtime: Runtime, operator: str, path: Path, kind: Kind, enter: Enter, *, dry_run: bool
) -> Import:
    """Go through a list; a dry run records nothing. Raises Refused for a file of another kind.

    A row is wrong with the codes of `read_list`, with `nik_twice`, and those of `enter`.
    """
    try:
        data = path.read_bytes()
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        rows = list(read_list(text, kind.heading))
    except (OSError, UnicodeDecodeError, BadList) as error:
        raise Refused(f"cannot read {path}: {error}") from error
    about = f"file/{hashlib.sha256(data).hexdigest()[:16]}"
    if not dry_run:
        audit.write(runtime, Act(operator, kind.what, about, (f"rows {len(rows)}",)))
    done = _entered(rows, enter)
    if not dry_run:
        counts = tuple(f"{name} {count}" for name, count in sorted(done.counts.items()))
        audit.write(runtime, Act(operator, f"{kind.what}_done", about, counts))
    return done


def _entered(rows: Sequence[Row], enter: Enter) -> Import:
    done, met = Import(), set()
    for first in range(0, len(rows), TOGETHER):
        codes: dict[int, str] = {}
        good = []
        for row in rows[first : first + TOGETHER]:
            code = row.error or ("nik_twice" if row.fields["nik"] in met else None)
            met.add(row.fields.get("nik"))
            if code is None:
                good.append(row)
            else:
                codes[row.line] = code
        codes |= zip((row.line for row in good), enter(good) if good else (), strict=True)
        for line, code in sorted(codes.items()):
            _count(done, line, code)
    return done


def _count(done: Import, line: int, code: str) -> None:
    if code in ("new", "same"):
        done.counts[code] += 1
    else:
        done.counts["wrong"] += 1
        done.errors.append((line, code))
