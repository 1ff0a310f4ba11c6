"""The rules of a wave that need neither tables nor files: phases, gates, pools, turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# In the order in which a wave goes through them; `void` stands beside them.
PHASES = (
    "planned",
    "open",
    "closed",
    "frozen",
    "roster_published",
    "drawn",
    "announced",
)
OVER = ("announced", "void")

# readiness.shard is the first 10 bits of a HMAC of the KK.
FAMILY_SHARDS = 1024


def shown_phase(phase: str, opens_at: int, closes_at: int, now: int) -> str:
    """The phase as a reader should see it.

    Between `planned`, `open` and `closed` only time stands, and the schedule may be a minute
    late. A wave that is still being made is `planned` whatever the time.
    """
    if phase != "open":
        return phase
    if now < opens_at:
        return "planned"
    return "open" if now < closes_at else "closed"


def gate_name(wave: int, shard: int) -> str:
    """Key of a gate, and partition of its entries."""
    return f"{wave}#{shard}"


def wave_shard(family_shard: int, shards: int) -> int:
    """The gate (0…shards-1) of a family, by the high bits of its shard (0…1023)."""
    return family_shard * shards // FAMILY_SHARDS


def allowed_shards(shards: int) -> bool:
    """Whether a wave may have so many gates: a power of two, at most 1024."""
    return 1 <= shards <= FAMILY_SHARDS and shards & (shards - 1) == 0


def pool_number(
    province: str, pools: Sequence[str], pool_provinces: Mapping[str, Sequence[str]]
) -> int:
    """The 1-based number of the first pool that a province belongs to, or 0.

    `pools` are the names in the order in which `params.json` declares them.
    """
    for number, name in enumerate(pools, 1):
        if province in pool_provinces.get(name, ()):
            return number
    return 0


def waits_for(wave: int, closes_at: int, others: Mapping[int, tuple[str, int]]) -> list[int]:
    """The waves that closed before this one and are not over: it may not freeze before them.

    `others` maps number to (phase, closes_at). Until an earlier wave is announced its recipients
    are not in the ledgers, so freezing now could select someone twice. A wave that never
    opened has no entries and is not waited for.
    """
    return sorted(
        number
        for number, (phase, closed_at) in others.items()
        if (closed_at, number) < (closes_at, wave) and phase not in (*OVER, "planned")
    )
