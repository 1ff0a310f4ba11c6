"""What a rehearsal tells while it goes, and what stands at its end."""

from __future__ import annotations

import resource
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

Found = TypeVar("Found")


class Wrong(Exception):
    """Something is not as it should be; the message says what."""


class Stops(Exception):
    """Nothing after this can be tried."""


def expect(holds: object, otherwise: str) -> None:
    """Raise Wrong unless it holds."""
    if not holds:
        raise Wrong(otherwise)


@dataclass
class Report:
    """One rehearsal. `say`: takes a line for whoever watches."""

    say: Callable[[str], None]
    done: int = 0
    broken: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def step(self, name: str, act: Callable[[], str]) -> None:
        """Do what all after it stands on; `act` tells what was seen. Raises Stops if it breaks."""
        if not self.check(name, act):
            raise Stops(name)

    def check(self, name: str, act: Callable[[], str]) -> bool:
        """Do something that others do not stand on; whether it went well."""
        began = time.monotonic()
        try:
            seen = act()
        except Exception as error:  # noqa: BLE001 - whatever broke, the report says it
            why = str(error) if isinstance(error, Wrong) else traceback.format_exc(limit=-4).strip()
            self.broken.append(name)
            self.say(f"BROKEN  {name} ({time.monotonic() - began:.0f} s): {why}")
            return False
        self.done += 1
        self.say(f"ok      {name} ({time.monotonic() - began:.0f} s): {seen}")
        return True

    def falls_short(self, what: str) -> None:
        """Note what the emulator does not do as AWS does."""
        self.short.append(what)
        self.say(f"short   {what}")

    def end(self) -> int:
        """Say how it went; the exit code."""
        seconds = time.monotonic() - self.began
        cpu = sum(
            used.ru_utime + used.ru_stime
            for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )
        self.say(
            f"{self.done} steps went well, {len(self.broken)} broke; "
            f"{seconds / 60:.0f} minutes, {cpu:.0f} seconds of a processor"
        )
        for name in self.broken:
            self.say(f"  broken: {name}")
        return 1 if self.broken else 0


def wait_for(ask: Callable[[], Found | None], what: str, seconds: float = 180) -> Found:
    """Ask until there is an answer. Raises Wrong when there is none for so long."""
    ends = time.monotonic() + seconds
    while not (found := ask()):
        expect(time.monotonic() < ends, f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.5)
    return found
