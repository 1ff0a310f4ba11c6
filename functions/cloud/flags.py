"""The flags as this process knows them: one item, read again when it has grown old.

Missing means off. A read that fails leaves what was known, so that a table that is down neither
stops what runs nor lets go of what was stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from functions.cloud.tables import Busy, Item, Tables
from functions.programme.flags import is_running
from functions.programme.times import SECOND

KEY = {"flag": "all"}
# A process looks again after so long: as late may a flag take hold, and let go.
FRESH = 15 * SECOND

log = logging.getLogger("gelombang.flags")


class Flags:
    """What is set for the stage."""

    def __init__(self, tables: Tables, clock: Callable[[], int]):
        self._tables, self._clock = tables, clock
        self._read_at: int | None = None
        self._known: Item = {}

    def running(self, name: str) -> Item | None:
        """What was written of a flag ({`until_at`, `by`, `reason`, …}) while it holds."""
        now = self._clock()
        if self._read_at is None or not 0 <= now - self._read_at < FRESH:
            self._read_at = now
            self._known = self._read()
        item: Item | None = self._known.get(name)
        return item if is_running(item, now) else None

    def _read(self) -> Item:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return self._tables.get("flags", KEY) or {}
        except (Busy, BotoCoreError, ClientError) as error:
            log.warning("flags could not be read: %s", type(error).__name__)
            return self._known
