"""Flags: what operators may stop for a while, how long at most, and who may let it go on.

A flag is a brake, so one person pulls it at once. It lets go by itself, and who has pulled it
cannot pull it again before it has rested: to stop the programme for longer takes another person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.programme.times import HOUR

# Why a flag is set or cleared. Codes, since the audit chain holds no free words.
REASONS = ("load", "attack", "provider", "incident", "maintenance", "drill", "over")


@dataclass(frozen=True)
class Flag:
    """`longest`: milliseconds that one setting lasts at most. `alone`: stops nobody, so the same
    person may set it again at any time."""

    about: str
    longest: int
    alone: bool = False


FLAGS = {
    "registrations": Flag("no new account can be asked for", 4 * HOUR),
    "sms": Flag("no code by SMS can be asked for, and no SMS goes out", 4 * HOUR),
    "read_only": Flag("applicants can log in and look, and change nothing", HOUR),
    "waiting_room": Flag("so many new people a second are let in", 24 * HOUR, alone=True),
}
# Who has set a flag may set it again so long after its end.
REST = HOUR


def is_running(item: Mapping[str, Any] | None, now: int) -> bool:
    """Whether what was written of a flag holds now."""
    return item is not None and bool(now < item["until_at"])


def needs_another(name: str, before: Mapping[str, Any] | None, who: str, now: int) -> bool:
    """Whether another person has to set this flag, since `who` set it last, and not long ago.

    `before`: {`by`, `until_at`} of its last setting; a cleared flag ended when it was cleared.
    """
    if before is None or FLAGS[name].alone or before["by"].casefold() != who.casefold():
        return False
    return bool(now < before["until_at"] + REST)
