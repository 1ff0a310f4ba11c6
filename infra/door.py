"""The waiting room at the door: who is let in, and who is told when to come back.

One rule for the local server and for CloudFront (edge/paths.js and status.js). It concerns the
start page and the registration, when a person opens them: whatever a page loads, and every other
page, is free. Nothing is kept of anyone; the return time and whether one is inside lie in cookies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.programme.admission import EVERYONE, LONGEST, SOONEST

DOOR_PAGES = ("/", "/daftar/")
ROOM = "/tunggu/"
INSIDE, RETURN = "inside", "kembali"
# Whoever has one of these is inside already.
ENTERED = (INSIDE, "__Host-session", "__Host-registration", "session", "registration")
# As long as a session lasts at most; a return time is of no use later.
INSIDE_SECONDS, RETURN_SECONDS = 12 * 3600, 2 * LONGEST
NAVIGATION = "navigate"


@dataclass(frozen=True)
class Door:
    """`share`: millionths that are let in; `span`: seconds over which the others come back;
    `until`: milliseconds, from then on everyone is let in."""

    share: int
    span: int
    until: int

    def shut(self, now: int) -> bool:
        """Whether not everyone is let in; `now` in milliseconds."""
        return now < self.until and self.share < EVERYONE


@dataclass(frozen=True)
class Wait:
    """Sent to the waiting room; `at`: the return time in seconds, None: the one told before."""

    location: str
    at: int | None


def concerns(path: str, cookies: Mapping[str, str], mode: str | None) -> bool:
    """Whether the door has to be asked: a person who is not inside opens one of its pages."""
    page = re.sub(r"^/en(?=/)", "", path)
    page = re.sub(r"/index\.html$", "/", page)
    is_opened = mode in (None, NAVIGATION)
    return page in DOOR_PAGES and is_opened and not any(cookies.get(name) for name in ENTERED)


def ask(
    door: Door, path: str, cookies: Mapping[str, str], now: int, chance: Callable[[], float]
) -> Wait | None:
    """None: come in, and stay inside. `now`: milliseconds; `chance()` is from 0 to 1."""
    english = "/en" if path.startswith("/en/") else ""
    wanted = "#daftar" if "/daftar/" in path else ""
    location = f"{english}{ROOM}{wanted}"
    told, seconds = cookies.get(RETURN, ""), now // 1000
    if re.fullmatch(r"[0-9]{1,12}", told) and seconds < int(told) <= seconds + RETURN_SECONDS:
        return Wait(location, None)
    if chance() * EVERYONE < door.share:
        return None
    return Wait(location, seconds + SOONEST + int(chance() * door.span))
