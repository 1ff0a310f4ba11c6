"""The bias report of an announced wave: written once by the worker, public, without people.

Each shard's counts are kept in the work folder, so a report that was interrupted goes on.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from functions.cloud.files import FileMissing
from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item
from functions.programme.bias import Report, Tally, report, slice_of
from functions.programme.bias_picture import picture
from functions.programme.draw import results
from functions.programme.draw.params import Params, parse_params
from functions.programme.draw.published import RESULTS
from functions.programme.waves import gate_name
from functions.select.beside import BIAS, BIAS_PICTURE, write_beside
from functions.select.entries import OUTCOMES
from functions.select.folder import read_internal, read_public, write_internal
from functions.select.lease import Lease

# `results.bin` is read in pieces of so many records: 8 MB.
BLOCK = 1_000_000


def report_on(lease: Lease, ends_at: int) -> bool:
    """Count every shard, then publish `bias.json` and `bias.svg`; False when time ran out."""
    runtime, wave = lease.runtime, lease.wave
    params = parse_params(lease.item["params"])
    ranked = count_ranked(runtime, wave, lease.item["entries"])
    for shard in range(lease.item["shards"]):
        if runtime.clock() >= ends_at:
            return False
        lease.renew()
        if _kept(runtime, wave, shard) is None:
            tally, outcomes = count_shard(runtime, params, gate_name(wave, shard), ranked)
            data = json.dumps({**tally.to_json(), "outcomes": outcomes}).encode()
            write_internal(runtime.files, wave, _name(shard), data)
    total, outcomes = _totals(runtime, lease.item)
    lease.save({"outcomes": dict(outcomes)})
    found = report(wave, total)
    text = json.dumps(found.to_json(), indent=1, ensure_ascii=False)
    write_beside(runtime.files, wave, BIAS, f"{text}\n".encode())
    write_beside(runtime.files, wave, BIAS_PICTURE, picture(found).encode())
    return True


def read_report(runtime: Runtime, wave: Item) -> Report:
    """The report from the shards' counts. Raises FileMissing while some are not counted."""
    return report(wave["wave"], _totals(runtime, wave)[0])


def _totals(runtime: Runtime, wave: Item) -> tuple[Tally, Counter[str]]:
    """The counts of all shards together."""
    total: Tally | None = None
    outcomes: Counter[str] = Counter()
    for shard in range(wave["shards"]):
        data = json.loads(read_internal(runtime.files, wave["wave"], _name(shard)))
        part = Tally.from_json(data)
        total = total or Tally(part.n)
        total.add(part)
        outcomes.update(data["outcomes"])
    return total or Tally(0), outcomes


def count_shard(
    runtime: Runtime, params: Params, gate: str, ranked: int
) -> tuple[Tally, Counter[str]]:
    """The counts of one shard: of the entries that took part, and how many had each outcome.

    An entry that was excluded counts as `excluded`, and as `excluded_<reason>` for each reason.
    """
    tally, outcomes = Tally(ranked), Counter[str]()
    names = ["-", *(pool.name for pool in params.pools)]
    for entry in runtime.tables.query("entries", gate):
        outcomes[OUTCOMES[entry["outcome"]]] += 1
        outcomes.update(f"excluded_{reason}" for reason in entry["record"]["reasons"])
        if entry.get("rank"):
            tally.observe(entry["rank"], dict(_traits(runtime, params, entry, names)))
    return tally, outcomes


def count_ranked(runtime: Runtime, wave: int, entries: int) -> int:
    """How many entries of `results.bin` have a rank: all that were not excluded."""
    excluded = 0
    size = results.RECORD_SIZE
    for first in range(0, entries, BLOCK):
        span = range(first * size, min(entries, first + BLOCK) * size)
        excluded += read_public(runtime.files, wave, RESULTS, span)[::size].count(0)
    return entries - excluded


def _traits(
    runtime: Runtime, params: Params, entry: Item, pools: list[str]
) -> Iterator[tuple[str, str]]:
    """Attributes of an entry, by the names of the report; entries without traits lack some."""
    opens_at, closes_at = params.opens_at * 1000, params.closes_at * 1000
    yield "join_time", slice_of(entry["joined_at"], opens_at, closes_at)
    yield "pool", pools[entry["pool"]]
    if "traits" not in entry:
        return
    place = f"{entry['gate']}|{entry['applicant']}"
    traits = json.loads(runtime.vault.open("entries", place, "traits", entry["traits"]))
    for name, value in traits.items():
        if value not in (None, ""):
            yield name, str(value)


def _kept(runtime: Runtime, wave: int, shard: int) -> bytes | None:
    try:
        return read_internal(runtime.files, wave, _name(shard))
    except FileMissing:
        return None


def _name(shard: int) -> str:
    return f"report/{shard}.json"
