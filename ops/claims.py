"""Claims on a queue's front: whoever works through it holds one piece of it for a while.

A claim is two fields of the piece's item, its holder and `claimed_until_at` (milliseconds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from functions.cloud.runtime import Runtime
from functions.cloud.tables import (
    Condition,
    ConditionFailed,
    Item,
    Update,
    all_of,
    any_of,
    at_most,
    equals,
    greater,
    missing,
)
from ops import audit
from ops.audit import Act

UNTIL = "claimed_until_at"


@dataclass(frozen=True)
class Claims:
    """How one queue is claimed.

    table   where its items are, and `key` of an item its key there
    state   of those that wait
    holder  the field that names who holds one
    life    of a claim, milliseconds
    """

    table: str
    key: Callable[[Item], dict[str, Any]]
    state: str
    holder: str
    life: int

    @property
    def fields(self) -> tuple[str, str]:
        """What a claim writes, to be removed with it."""
        return self.holder, UNTIL

    def in_turn(self, front: Sequence[Item], operator: str, now: int) -> Iterator[Item]:
        """What an operator may claim: what they hold already, then what nobody holds."""
        for item in sorted(front, key=lambda item: not self.holds(item, operator, now)):
            if item.get(self.holder) == operator or item.get(UNTIL, 0) <= now:
                yield item

    def claim(self, runtime: Runtime, act: Act, item: Item) -> Item | None:
        """The item as claimed, recorded as `act`; None when another operator was quicker."""
        now = runtime.clock()
        claim = {self.holder: act.who, UNTIL: now + self.life}
        when = all_of(equals("state", self.state), self.free(act.who, now))
        try:
            audit.write(runtime, act, Update(self.table, self.key(item), set=claim, when=when))
        except ConditionFailed:
            return None
        return {**item, **claim}

    def holds(self, item: Item, operator: str, now: int) -> bool:
        """Whether an operator's claim still lasts."""
        return item.get(self.holder) == operator and now < item[UNTIL]

    def free(self, operator: str, now: int) -> Condition:
        """That nobody else holds it."""
        return any_of(missing(self.holder), equals(self.holder, operator), at_most(UNTIL, now))

    def mine(self, operator: str, now: int) -> Condition:
        """That it waits, and this operator's claim on it lasts."""
        held = all_of(equals(self.holder, operator), greater(UNTIL, now))
        return all_of(equals("state", self.state), held)
