"""The rules, as small as they can be said: who may join, withdraw and object, and when.

Nothing here knows of tables, retries or workers. The model test asks it what the answer must be.
"""

from __future__ import annotations

from dataclasses import dataclass, field

STEPS = ("email", "phone", "identity", "profile", "ktp", "selfie", "declaration", "test")
OK = "ok"


@dataclass
class Person:
    """Someone with an account. `entries`: waves in which they stand; `left`: asked to go."""

    number: int
    done: set[str] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)
    withdrew: set[int] = field(default_factory=set)
    objected: set[int] = field(default_factory=set)
    left: bool = False
    excluded_at: int | None = None

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return self.done >= set(STEPS)


@dataclass
class Wave:
    """A wave as it was announced, and whether operators ended it."""

    number: int
    opens_at: int
    closes_at: int
    void: bool = False


def join(person: Person, wave: Wave, now: int, received: bool) -> str:
    """The answer to a join under a new key."""
    if wave.number in person.entries:
        return "already_joined"
    if now < wave.opens_at:
        return "wave_not_open"
    if now >= wave.closes_at:
        return "wave_closed"
    if received:
        return "already_recipient"
    if not person.ready:
        return "not_ready"
    return "held_leaving" if person.left else OK


def withdraw(person: Person, wave: Wave, now: int) -> str:
    """The answer to a withdrawal."""
    if wave.number not in person.entries:
        return OK if wave.number in person.withdrew else "entry_unknown"
    return OK if wave.opens_at <= now < wave.closes_at else "wave_closed"


def objection(person: Person, wave: Wave, phase: str, now: int, until: int) -> str:
    """The answer to an objection under a new key, by the phase that the workers have reached."""
    if wave.number in person.objected:
        return "already_objected"
    if phase in ("planned", "open", "closed", "frozen"):
        return "objection_not_yet"
    if phase == "roster_published" and now < until:
        return OK
    return "objection_over"
