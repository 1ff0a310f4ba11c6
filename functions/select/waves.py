"""Waves as readers see them, and what of a wave never changes once it is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item, Tables
from functions.programme.draw.params import HIGHEST_U32, Params, parse_params
from functions.programme.draw.pins import Pins, parse_pins
from functions.programme.times import SECOND, iso
from functions.programme.waves import gate_name, pool_number, shown_phase, wave_shard
from functions.select.folder import read_pins
from functions.web.errors import NotFound

# Everyone looks at the list of waves at the close; a second's delay spares the table.
LIST_LIVES = 1 * SECOND


@dataclass(frozen=True)
class OpenedWave:
    """What was announced of a wave and stays so."""

    wave: int
    params: Params
    shards: int
    provinces: tuple[str, ...] | None
    pool_provinces: dict[str, list[str]]

    @property
    def opens_at(self) -> int:
        """Milliseconds, as all times of the tables."""
        return self.params.opens_at * SECOND

    @property
    def closes_at(self) -> int:
        """Milliseconds."""
        return self.params.closes_at * SECOND

    def gate(self, family_shard: int) -> str:
        """The gate of a family, by its shard in the readiness item."""
        return gate_name(self.wave, wave_shard(family_shard, self.shards))

    def pool_of(self, province: str) -> int:
        """The number of a province's pool, or 0."""
        return pool_number(province, [p.name for p in self.params.pools], self.pool_provinces)


class _Seen:
    """What this process remembers of one set of tables."""

    def __init__(self) -> None:
        self.opened: dict[int, OpenedWave] = {}
        self.listed_at = -LIST_LIVES
        self.listed: list[Item] = []
        self.pins: Pins | None = None


# Tied to the life of the tables that were read, so that nothing outlives them.
_seen: WeakKeyDictionary[Tables, _Seen] = WeakKeyDictionary()


def opened_wave(item: Item) -> OpenedWave:
    """The unchanging part of a wave item."""
    provinces = item.get("provinces")
    return OpenedWave(
        wave=item["wave"],
        params=parse_params(item["params"]),
        shards=item["shards"],
        provinces=tuple(provinces) if provinces is not None else None,
        pool_provinces=dict(item.get("pool_provinces", {})),
    )


def find_opened(runtime: Runtime, wave: int) -> OpenedWave | None:
    """A wave that is past `planned`, remembered after the first time; None if there is none."""
    known = _memory(runtime).opened
    if wave not in known:
        item = _item(runtime, wave)
        if item is None or item["phase"] == "planned":
            return None
        known[wave] = opened_wave(item)
    return known[wave]


def find_pins(runtime: Runtime) -> Pins:
    """The pins of this stage, which never change, remembered after the first time."""
    memory = _memory(runtime)
    if memory.pins is None:
        memory.pins = parse_pins(read_pins(runtime.files))
    return memory.pins


def list_waves(runtime: Runtime) -> list[dict[str, Any]]:
    """All waves for readers, newest first."""
    memory, now = _memory(runtime), runtime.clock()
    if not 0 <= now - memory.listed_at < LIST_LIVES:
        memory.listed = list(runtime.tables.scan("waves"))
        memory.listed_at = now
    newest_first = sorted(memory.listed, key=lambda item: -int(item["wave"]))
    return [wave_answer(item, now) for item in newest_first]


def find_wave(runtime: Runtime, wave: int) -> Item:
    """One wave item. Raises NotFound `wave_unknown`."""
    item = _item(runtime, wave)
    if item is None:
        raise NotFound("wave_unknown")
    return item


def phase_of(item: Item, now: int) -> str:
    """The phase of a wave item as it is shown."""
    return shown_phase(item["phase"], item["opens_at"], item["closes_at"], now)


def wave_answer(item: Item, now: int) -> dict[str, Any]:
    """A wave as the API shows it; all of it is public."""
    params = parse_params(item["params"])
    pool_provinces = item.get("pool_provinces", {})
    return {
        "wave": item["wave"],
        "phase": phase_of(item, now),
        "quota": params.quota,
        "reserve": params.reserve,
        "opens_at": iso(item["opens_at"]),
        "closes_at": iso(item["closes_at"]),
        "draw_at": iso(item["draw_at"]),
        "round": item["round"],
        "provinces": item.get("provinces"),
        "pools": [
            {"name": pool.name, "seats": pool.seats, "provinces": pool_provinces[pool.name]}
            for pool in params.pools
        ],
        "entries": item.get("entries"),
        "last_ranks": item.get("last_ranks"),
        "returned_from": item.get("returned_from", {}),
        "void": _void_answer(item),
    }


def _void_answer(item: Item) -> dict[str, Any] | None:
    if item["phase"] != "void":
        return None
    asked = item["void_asked"]
    return {
        "reason": asked["reason"],
        "sentence": asked["sentence"],
        "voided_at": iso(item["voided_at"]),
    }


def _item(runtime: Runtime, wave: int) -> Item | None:
    # A number from a URL may be longer than any that a table can hold.
    return runtime.tables.get("waves", {"wave": wave}) if wave <= HIGHEST_U32 else None


def _memory(runtime: Runtime) -> _Seen:
    return _seen.setdefault(runtime.tables, _Seen())
