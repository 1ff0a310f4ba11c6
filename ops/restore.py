"""Tables as they stood at a moment, in new tables beside the live ones, put to the proof.

Nothing here writes to a live table. What a copy is good for: it is compared with the live table,
and the list of every published wave is made again from it, which must come to the head that
operator and witnesses signed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.cloud.config import Config
from functions.cloud.dynamo import DynamoTables
from functions.cloud.runtime import Runtime
from functions.cloud.tables import KEYS, Item, Tables
from functions.programme.draw.heads import open_roster_head, roster_head_text
from functions.programme.draw.params import parse_params
from functions.programme.draw.pins import parse_pins
from functions.programme.draw.published import ROSTER_HEAD
from functions.programme.draw.roster import RECORD_SIZE, RosterRecord, roster_bytes
from functions.programme.draw.tree import leaf_hashes, root_of
from functions.programme.times import SECOND
from functions.programme.waves import gate_name
from functions.select.folder import read_pins, read_public
from ops.errors import Refused

# Names of copies begin with it; no live table's does.
RESTORED = "restored-"
MISSING, ACTIVE = "MISSING", "ACTIVE"
# Phases in which a list is public.
PUBLISHED = ("roster_published", "drawn", "announced")
# Of a digest so many bytes are kept for each item: a million items take some 200 MB.
DIGEST_BYTES = 12

Clients = Callable[[str], Any]


@dataclass(frozen=True)
class Difference:
    """A copy beside its live table, in items: `lost` stand only in the copy, `later` only live."""

    table: str
    alike: int
    changed: int
    lost: int
    later: int


@dataclass(frozen=True)
class Rebuilt:
    """A wave's list made again from a copy. `head`, `signed`: digests of the two heads' texts."""

    wave: int
    entries: int
    head: str
    signed: str

    @property
    def same(self) -> bool:
        """Whether it is the list that was signed."""
        return self.head == self.signed


def begin(clients: Clients, config: Config, tables: Sequence[str], at: int | None) -> list[str]:
    """Begin to restore tables as at `at` (milliseconds; None: the newest moment that there is).

    Those whose copy is there are left out; answers the others. DynamoDB then works by itself, for
    minutes up to hours. Raises Refused.
    """
    if unknown := set(tables) - set(KEYS):
        raise Refused(f"there is no table {', '.join(sorted(unknown))}")
    begun = []
    for table in tables:
        if state(clients, config, table) != MISSING:
            continue
        clients("dynamodb").restore_table_to_point_in_time(
            SourceTableName=config.name(table),
            TargetTableName=config.name(RESTORED + table),
            **_moment(at),
        )
        begun.append(table)
    return begun


def _moment(at: int | None) -> dict[str, Any]:
    if at is None:
        return {"UseLatestRestorableTime": True}
    return {"RestoreDateTime": datetime.fromtimestamp(at / SECOND, UTC)}


def state(clients: Clients, config: Config, table: str) -> str:
    """DynamoDB's word for the state of a copy, such as CREATING or ACTIVE; or MISSING."""
    dynamodb = clients("dynamodb")
    try:
        found = dynamodb.describe_table(TableName=config.name(RESTORED + table))
    except dynamodb.exceptions.ResourceNotFoundException:
        return MISSING
    return str(found["Table"]["TableStatus"])


def copies(clients: Clients, config: Config) -> Tables:
    """The copies, under the names of the live tables."""
    return DynamoTables(clients, config.name(RESTORED))


def compare(live: Tables, copy: Tables, table: str) -> Difference:
    """A copy beside its live table, both read from end to end."""
    left = {_key(table, item): _digest(item) for item in copy.scan(table)}
    alike = changed = later = 0
    for item in live.scan(table):
        before = left.pop(_key(table, item), None)
        if before is None:
            later += 1
        elif before == _digest(item):
            alike += 1
        else:
            changed += 1
    return Difference(table, alike, changed, len(left), later)


def _key(table: str, item: Item) -> bytes:
    return _digest({name: item[name] for name in KEYS[table] if name is not None})


def _digest(item: Item) -> bytes:
    text = json.dumps(item, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).digest()[:DIGEST_BYTES]


def _plain(value: Any) -> Any:
    """What JSON does not know: sets, and bytes."""
    return sorted(map(str, value)) if isinstance(value, set | frozenset) else bytes(value).hex()


def rebuild(runtime: Runtime, copy: Tables) -> Iterator[Rebuilt]:
    """The list of each published wave, made again from nothing but the copies of its tables.

    The heads to compare with are the published ones. Raises FileMissing; VerificationError when a
    published head does not bear the operator's signature.
    """
    pins = parse_pins(read_pins(runtime.files))
    waves = [item for item in copy.scan("waves") if item["phase"] in PUBLISHED]
    for item in sorted(waves, key=lambda one: int(one["wave"])):
        wave = int(item["wave"])
        signed = open_roster_head(read_public(runtime.files, wave, ROSTER_HEAD), pins)
        entries, root = _list_of(copy, item)
        params = parse_params(item["params"])
        text = roster_head_text(wave, params.digest, entries, root, signed.published_at)
        head = hashlib.sha256(text).hexdigest()
        yield Rebuilt(wave, entries, head, signed.digest.hex())


def _list_of(copy: Tables, item: Item) -> tuple[int, bytes]:
    """How many entries a wave has, and the root of its list, by what stands beside each entry."""
    gates = [gate_name(int(item["wave"]), shard) for shard in range(item["shards"])]
    records = [
        _record(entry)
        for gate in gates
        for entry in copy.query("entries", gate)
        if "record" in entry
    ]
    return len(records), root_of(leaf_hashes(roster_bytes(records), RECORD_SIZE))


def _record(entry: Item) -> RosterRecord:
    decided = entry["record"]
    numbers = (int(decided[name]) for name in ("group", "room", "pool", "status"))
    return RosterRecord(bytes(entry["commitment"]), *numbers)


def drop(clients: Clients, config: Config) -> list[str]:
    """Delete every copy: they hold what the live tables hold. Answers which there were."""
    found = [table for table in KEYS if state(clients, config, table) != MISSING]
    for table in found:
        clients("dynamodb").delete_table(TableName=config.name(RESTORED + table))
    return found
