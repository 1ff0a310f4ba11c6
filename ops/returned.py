"""Places of an earlier wave that nobody has: given to the quota of a later one, each once.

Open are the places taken back that no reserve moved up to. They are given when no reserve can
have them any more: none waits, or the published date is past (docs/draw-protocol.md, section 12).
What a wave that became void was given can be given again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Condition, Item, Update, all_of, equals, missing
from functions.programme.times import iso
from ops.errors import Refused


@dataclass(frozen=True)
class Returned:
    """What a new wave is given: {wave: places}, and the changes that note it at their waves."""

    places: Mapping[int, int]
    changes: tuple[Update, ...] = ()

    @property
    def total(self) -> int:
        """How many places in all."""
        return sum(self.places.values())


def returned(runtime: Runtime, wave: int, sources: Iterable[int]) -> Returned:
    """The places that `wave` gets from earlier waves. Raises Refused.

    For a wave that exists: what it was given, so that a second try is the same wave.
    """
    earlier = runtime.tables.get("waves", {"wave": wave})
    wanted = sorted(set(sources))
    if earlier is not None:
        had = {int(source): n for source, n in earlier.get("returned_from", {}).items()}
        if sorted(had) != wanted:
            raise Refused(f"wave {wave} exists with other parameters; they never change")
        return Returned(had)
    found, changes = {}, []
    for source in wanted:
        item = runtime.tables.get("waves", {"wave": source})
        if item is None or source == wave:
            raise Refused(f"there is no wave {source} before it")
        found[source] = _open_places(runtime, item)
        changes.append(_given(item, wave, found[source]))
    return Returned(found, tuple(changes))


def _open_places(runtime: Runtime, item: Item) -> int:
    """How many places of an announced wave may be given now. Raises Refused."""
    wave, after = item["wave"], item.get("after_draw")
    if "change" in item:
        raise Refused(f"a note of wave {wave} is half carried out: finish it first")
    if after is None:
        raise Refused(f"wave {wave} has no places to give: none was taken back")
    until = after["until"]
    if after["waiting"] and until is None:
        raise Refused(f"reserves of wave {wave} wait: `draw promote {wave} --until …` comes first")
    if after["waiting"] and runtime.clock() <= until:
        raise Refused(f"reserves of wave {wave} may move up until {iso(until)}")
    given = sum(
        places for to, places in item.get("given", {}).items() if not _void(runtime, int(to))
    )
    if after["open_places"] <= given:
        raise Refused(f"wave {wave} has no places to give: {given} are given already")
    return int(after["open_places"]) - given


def _void(runtime: Runtime, wave: int) -> bool:
    item = runtime.tables.get("waves", {"wave": wave})
    return item is None or item["phase"] == "void"


def _given(item: Item, wave: int, places: int) -> Update:
    """The note at the wave that gives, which must be as it was read."""
    given = {**item.get("given", {}), str(wave): places}
    return Update(
        "waves",
        {"wave": item["wave"]},
        set={"given": given},
        when=all_of(
            missing("change"), equals("changes", item["changes"]), _unchanged(item, "given")
        ),
    )


def _unchanged(item: Item, name: str) -> Condition:
    return equals(name, item[name]) if name in item else missing(name)
