"""The funnel: how many came how far, of everybody so far and in one wave, from what is counted.

Nobody's data is opened. What only a scan of the table `readiness` can tell is left out unless it is
asked for: that table has an item for every account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import Item, Key
from functions.programme.figures import refusals
from functions.programme.readiness import READINESS, missing
from functions.programme.times import iso
from functions.programme.waves import gate_name
from functions.select.waves import phase_of
from functions.verify.status import TOTAL
from ops.opening.quotas import PRICES
from ops.waves import find

# Items of a page of a scan; a call of DynamoDB ends at 1 MB in any case.
PAGE = 1_000
# A read unit is 4 KB. By DynamoDB's rule for sizes the item of a ready applicant after two waves
# has 392 bytes.
READ_UNIT, ITEM_BYTES = 4_096, 400
# What the steps of `readiness` are called here, in the order in which the site asks for them.
STEPS = {
    "email": "address proved",
    "phone": "phone proved",
    "identity": "identity given",
    "profile": "profile given",
    "ktp": "card accepted",
    "selfie": "selfie accepted",
    "declaration": "declared",
    "test": "test passed",
}
READY = "ready to join"
# One registration may have had several; of those that were never answered nothing else is left.
MAILED = "confirmation mails sent"
OUTCOMES = {
    "selected": "selected",
    "reserve": "on reserve",
    "not_selected": "not selected",
    "family_limit": "family limit",
}


@dataclass(frozen=True)
class Step:
    """How many came so far; None when nothing has counted it (yet)."""

    name: str
    count: int | None


@dataclass(frozen=True)
class Funnel:
    """What is known of a wave and of everybody.

    registered      mails that ask to confirm an address so far, and addresses proved
    everybody       steps of all accounts so far, not of this wave alone
    photos          verdicts so far: `accepted`, `refused`; `refused_for` by the worst reason
    joined, after   the wave's own steps, up to the draw and after it
    excluded        entries by reason; one may have several
    """

    wave: int
    phase: str
    taken_at: str
    registered: tuple[Step, ...]
    everybody: tuple[Step, ...]
    photos: tuple[Step, ...]
    refused_for: Mapping[str, int]
    joined: tuple[Step, ...]
    excluded: Mapping[str, int]
    after: tuple[Step, ...]
    scanned: bool = field(default=False)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"version": 1, **asdict(self)}


def gather(runtime: Runtime, wave: int, *, scan: bool) -> Funnel:
    """The funnel of a wave, as it stands now. Raises Refused for a wave that is not there."""
    item = find(runtime, wave)
    total = runtime.tables.get("figures", TOTAL) or {}
    refused = dict(refusals(total))
    outcomes = item.get("outcomes")
    return Funnel(
        wave=wave,
        phase=phase_of(item, runtime.clock()),
        taken_at=iso(runtime.clock()),
        registered=(
            Step(MAILED, total.get("confirm_sent")),
            Step(STEPS["email"], total.get("registered", 0)),
        ),
        everybody=tuple(_scanned(runtime) if scan else _counted(total)),
        photos=(
            Step("accepted", total.get("photo_accepted", 0)),
            Step("refused", sum(refused.values())),
        ),
        refused_for=_most_first(refused),
        joined=tuple(_joined(runtime, item, outcomes)),
        excluded=_most_first(_excluded(outcomes or {})),
        after=tuple(_after(item)),
        scanned=scan,
    )


def cost_of_scan(accounts: int) -> tuple[int, float]:
    """(read units, dollars) of reading every item of `readiness`, at the list price."""
    units = ceil(accounts * ITEM_BYTES / READ_UNIT)
    return units, units * PRICES["table_read"].value


def _counted(total: Item) -> Iterator[Step]:
    """An account is made when its address is proved, and that is counted."""
    for key, name in STEPS.items():
        yield Step(name, total.get("registered", 0) if key == "email" else None)
    yield Step(READY, None)


def _scanned(runtime: Runtime) -> Iterator[Step]:
    counts: Counter[str] = Counter()
    after: Key | None = None
    while True:
        items, after = runtime.tables.scan_page("readiness", after, limit=PAGE, only=READINESS)
        for item in items:
            counts.update(step for step in READINESS if step in item)
            counts[READY] += not missing(item)
        if after is None:
            break
    for key, name in STEPS.items():
        yield Step(name, counts[key])
    yield Step(READY, counts[READY])


def _joined(runtime: Runtime, item: Item, outcomes: Mapping[str, int] | None) -> Iterator[Step]:
    entries = _entries(runtime, item)
    yield Step("joined", entries)
    if outcomes is None:
        for name in ("eligible", *OUTCOMES.values()):
            yield Step(name, None)
        return
    yield Step("eligible", entries - outcomes.get("excluded", 0))
    for key, name in OUTCOMES.items():
        yield Step(name, outcomes.get(key, 0))


def _entries(runtime: Runtime, item: Item) -> int:
    """As frozen; before that, what the gates have counted."""
    if "entries" in item:
        return int(item["entries"])
    keys = [{"gate": gate_name(item["wave"], shard)} for shard in range(item["shards"])]
    return sum(int(gate["entries"]) for gate in runtime.tables.get_many("gates", keys))


def _after(item: Item) -> Iterator[Step]:
    """Purchases are compared when places are revoked; until then nobody has counted them."""
    bought, notes = item.get("purchases"), item.get("after_draw")
    yield Step("bought a training in time", bought and bought["bought"])
    yield Step("revoked", bought and bought["revoked"])
    yield Step("taken back in all", notes and notes["removed"])
    yield Step("moved up from the reserve", notes and notes["promoted"])
    yield Step("given to later waves", sum(item.get("given", {}).values()))


def _excluded(outcomes: Mapping[str, int]) -> dict[str, int]:
    prefix = "excluded_"
    return {n.removeprefix(prefix): v for n, v in outcomes.items() if n.startswith(prefix)}


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
