"""Creating a wave: announced first, opened last, and finished by a second try after a crash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import ConditionFailed, Item, Put, Update, equals, missing
from functions.programme.draw.errors import VerificationError
from functions.programme.draw.params import Params, Pool, parse_params
from functions.programme.draw.pins import Pins, parse_pins
from functions.programme.draw.published import PARAMS
from functions.programme.draw.rounds import first_round_at_or_after, round_time
from functions.programme.regions import province_known
from functions.programme.times import SECOND, iso
from functions.programme.waves import FAMILY_SHARDS, allowed_shards, gate_name
from functions.select.folder import write_public
from ops import audit
from ops import pins as pins_command
from ops.audit import Act
from ops.errors import Refused
from ops.returned import Returned, returned

FREEZE_KEY_BYTES = 32
# What must be the same for a second try to be the same wave.
ANNOUNCED = ("params", "shards", "provinces", "pool_provinces", "returned_from")

PoolSpec = tuple[str, int, Sequence[str]]


@dataclass(frozen=True)
class Plan:
    """What an operator asks for. Times in milliseconds UTC; pools are (name, seats, provinces)."""

    wave: int
    quota: int
    reserve: int
    opens_at: int
    closes_at: int
    draw_after_seconds: int
    shards: int
    provinces: tuple[str, ...] | None
    pools: tuple[PoolSpec, ...]


def create(
    runtime: Runtime,
    *,
    wave: int,
    quota: int,
    reserve: int,
    opens_at: int,
    closes_at: int,
    draw_after_seconds: int | None = None,
    shards: int = FAMILY_SHARDS,
    provinces: Sequence[str] | None = None,
    pools: Sequence[PoolSpec] = (),
    returned_from: Sequence[int] = (),
    operator: str | None = None,
) -> None:
    """Announce a wave and make it ready to open by itself at `opens_at`.

    Times are milliseconds UTC, taken down to whole seconds. `draw_after_seconds` from the close
    to the earliest draw; None: as soon as the pins allow. To `quota` come the places that earlier
    waves return (`ops/returned.py`), recorded in the name of `operator`. In this order: wave item
    (planned), `params.json`, gates, wave open; so nobody can join before all is there, and the same
    call after a crash does what is left. Raises Refused.
    """
    pins = _pins(runtime)
    if quota < 0:
        raise Refused("the quota cannot be negative")
    if returned_from and operator is None:
        raise Refused("places that are given on are recorded with a name: give --operator")
    given = returned(runtime, wave, returned_from) if returned_from else Returned({})
    plan = Plan(
        wave=wave,
        quota=quota + given.total,
        reserve=reserve,
        opens_at=opens_at // SECOND * SECOND,
        closes_at=closes_at // SECOND * SECOND,
        draw_after_seconds=(
            pins.draw_delay_seconds if draw_after_seconds is None else draw_after_seconds
        ),
        shards=shards,
        provinces=tuple(provinces) if provinces else None,
        pools=tuple(pools),
    )
    check(plan, pins)
    item = _item(runtime, plan, _params(runtime, plan, pins), pins)
    if given.places:
        item["returned_from"] = {str(source): n for source, n in given.places.items()}
    stored = _announce(runtime, item, given, operator)
    if stored["phase"] != "planned":
        return
    write_public(runtime.files, wave, PARAMS, stored["params"])
    for shard in range(shards):
        _make_gate(runtime, stored, shard)
    _open(runtime, wave)


def check(plan: Plan, pins: Pins) -> None:
    """The rules of a sensible wave. Raises Refused with the first that is broken."""
    known = all(province_known(code) for code in plan.provinces or ())
    pooled = [code for _, _, codes in plan.pools for code in codes]
    rules = {
        "the wave's number must be 1 or more": plan.wave >= 1,
        "the quota must be 1 or more": plan.quota >= 1,
        "the reserve cannot be negative": plan.reserve >= 0,
        "the wave must open before it closes": plan.opens_at < plan.closes_at,
        "shards must be a power of two, 1 to 1024": allowed_shards(plan.shards),
        f"the pins ask for a draw {pins.draw_delay_seconds} seconds after the close or later": (
            plan.draw_after_seconds >= pins.draw_delay_seconds
        ),
        f"a draw within the pins' margin of {pins.margin_seconds} seconds could never be kept": (
            plan.draw_after_seconds > pins.margin_seconds
        ),
        "a province code is not known": known and all(map(province_known, pooled)),
        "a pool must have at least one seat": all(seats >= 1 for _, seats, _ in plan.pools),
        "a pool must have at least one province": all(codes for _, _, codes in plan.pools),
        "a province can belong to one pool only": len(set(pooled)) == len(pooled),
        "a pool's provinces must be among the wave's": (
            plan.provinces is None or set(pooled) <= set(plan.provinces)
        ),
        "the pools have more seats than the quota": (
            sum(seats for _, seats, _ in plan.pools) <= plan.quota
        ),
    }
    for refusal, kept in rules.items():
        if not kept:
            raise Refused(refusal)


def find_all(runtime: Runtime) -> list[Item]:
    """Every wave item, by number."""
    return sorted(runtime.tables.scan("waves"), key=lambda item: int(item["wave"]))


def find(runtime: Runtime, wave: int) -> Item:
    """One wave item. Raises Refused."""
    item = runtime.tables.get("waves", {"wave": wave})
    if item is None:
        raise Refused(f"there is no wave {wave}")
    return item


def shown(item: Item) -> dict[str, Any]:
    """A wave as the command line shows it: all that is public, times in UTC."""
    params = parse_params(item["params"])
    return {
        "wave": item["wave"],
        "phase": item["phase"],
        "quota": params.quota,
        "reserve": params.reserve,
        "opens_at": iso(item["opens_at"]),
        "closes_at": iso(item["closes_at"]),
        "draw_at": iso(item["draw_at"]),
        "round": item["round"],
        "provinces": item.get("provinces"),
        "pools": {pool.name: pool.seats for pool in params.pools},
        "shards": item["shards"],
        "params_hash": params.digest.hex(),
        "entries": item.get("entries"),
        "root": item["root"].hex() if "root" in item else None,
        "last_ranks": item.get("last_ranks"),
        "after_draw": _after_draw(item),
        "purchases": item.get("purchases"),
        "returned_from": item.get("returned_from"),
        "given": item.get("given"),
    }


def _after_draw(item: Item) -> dict[str, Any] | None:
    """Counts of removals and promotions; places open after `until` go to the next quota."""
    found = item.get("after_draw")
    if found is None:
        return None
    return {**found, "until": None if found["until"] is None else iso(found["until"])}


def _pins(runtime: Runtime) -> Pins:
    data = pins_command.find(runtime)
    if data is None:
        raise Refused("no pins are published; `pins publish` comes first")
    return parse_pins(data)


def _params(runtime: Runtime, plan: Plan, pins: Pins) -> Params:
    drawn_after = plan.closes_at // SECOND + plan.draw_after_seconds
    params = Params(
        programme=runtime.config.programme,
        wave=plan.wave,
        quota=plan.quota,
        reserve=plan.reserve,
        opens_at=plan.opens_at // SECOND,
        closes_at=plan.closes_at // SECOND,
        round=first_round_at_or_after(pins, drawn_after),
        pools=tuple(Pool(name, seats) for name, seats, _ in plan.pools),
        policy=pins.digest,
    )
    try:
        return parse_params(params.to_bytes())
    except VerificationError as error:
        raise Refused(f"no verifier would accept this wave: {error}") from error


def _item(runtime: Runtime, plan: Plan, params: Params, pins: Pins) -> Item:
    place = ("waves", str(plan.wave), "freeze_key")
    freeze_key = runtime.random(FREEZE_KEY_BYTES).hex()
    item: Item = {
        "wave": plan.wave,
        "phase": "planned",
        "params": params.to_bytes(),
        "opens_at": plan.opens_at,
        "closes_at": plan.closes_at,
        "draw_at": round_time(pins, params.round) * SECOND,
        "round": params.round,
        "shards": plan.shards,
        "freeze_key": runtime.vault.seal(*place, freeze_key),
        "fence": 0,
    }
    if plan.provinces is not None:
        item["provinces"] = list(plan.provinces)
    if plan.pools:
        item["pool_provinces"] = {name: list(codes) for name, _, codes in plan.pools}
    return item


def _announce(runtime: Runtime, item: Item, given: Returned, operator: str | None) -> Item:
    """The wave item as it stands, ours or that of an earlier try with the same parameters."""
    earlier = runtime.tables.get("waves", {"wave": item["wave"]})
    if earlier is None:
        if item["opens_at"] <= runtime.clock():
            raise Refused("a wave is announced before it opens, so it cannot open in the past")
        try:
            _write(runtime, Put("waves", item, when=missing("wave")), given, operator)
            return item
        except ConditionFailed as error:
            if 0 not in error.failed:
                raise Refused("the places have changed meanwhile: repeat the command") from error
            earlier = error.failed[0] or find(runtime, item["wave"])
    if any(earlier.get(name) != item.get(name) for name in ANNOUNCED):
        raise Refused(f"wave {item['wave']} exists with other parameters; they never change")
    return earlier


def _write(runtime: Runtime, put: Put, given: Returned, operator: str | None) -> None:
    """The new wave; with the places that it is given, their notes and the record, in one."""
    if operator is None or not given.places:
        runtime.tables.write(put)
        return
    details = tuple(f"from {source} places {n}" for source, n in given.places.items())
    act = Act(operator, "quota_returned", f"wave/{put.item['wave']}", details)
    audit.write(runtime, act, put, *given.changes)


def _make_gate(runtime: Runtime, item: Item, shard: int) -> None:
    gate = {
        "gate": gate_name(item["wave"], shard),
        "open": True,
        "opens_at": item["opens_at"],
        "closes_at": item["closes_at"],
        "entries": 0,
    }
    try:
        runtime.tables.write(Put("gates", gate, when=missing("gate")))
    except ConditionFailed:
        return


def _open(runtime: Runtime, wave: int) -> None:
    change = Update("waves", {"wave": wave}, set={"phase": "open"}, when=equals("phase", "planned"))
    try:
        runtime.tables.write(change)
    except ConditionFailed:
        return
