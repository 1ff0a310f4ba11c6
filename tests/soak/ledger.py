"""The ledger of acknowledged writes: what people were told is done, to be found at the end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

ACCOUNT = "account"
THERE, GONE = "there", "gone"


class Ledger:
    """For each person and thing the values that it may have: the one acknowledged last, and those
    sent since whose answer never came."""

    def __init__(self) -> None:
        self._may: dict[str, dict[str, list[Any]]] = {}
        self._lock = threading.Lock()
        self.counts: Counter[str] = Counter()

    def acknowledged(self, who: str, what: str, value: Any) -> None:
        """The answer said that it is done."""
        with self._lock:
            self._may.setdefault(who, {})[what] = [value]
            self.counts[what.split(" ")[0]] += 1

    def unanswered(self, who: str, what: str, value: Any) -> None:
        """It may have been done; what was there before, or nothing, may be there still."""
        with self._lock:
            self._may.setdefault(who, {}).setdefault(what, [None]).append(value)
            self.counts["unanswered"] += 1

    def forget(self, who: str, beginning: str = "") -> None:
        """These are no longer to be found: they were replaced or taken back."""
        with self._lock:
            held = self._may.get(who, {})
            for what in [what for what in held if what.startswith(beginning)]:
                del held[what]

    def people(self) -> list[str]:
        """All of whom something is known."""
        return list(self._may)

    def lost(self, who: str, look: Callable[[str], Mapping[str, Any]]) -> list[str]:
        """What a person was told and is not so, by what `look` finds of them."""
        found, may = look(who), self._may[who]
        if found.get(ACCOUNT) == GONE and GONE in may.get(ACCOUNT, ()):
            return []
        return [
            f"{what.split(' ')[0]}: acknowledged, and not found"
            for what, values in may.items()
            if found.get(what) not in values
        ]
