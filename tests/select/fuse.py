"""A worker that dies at a chosen call of its ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from functions.programme.times import DAY
from functions.select import lease

READS = ("get", "get_many", "query", "scan", "read")
# Between two calls that only read nothing can differ, so writes alone also die afterwards.
WRITES = ("write", "write_parts", "update", "send", "start")
WATCHED = (*READS, *WRITES)


class Killed(BaseException):
    """The worker is gone: nothing catches this."""


class Fuse:
    """Counts the calls of all ports and kills the worker at one of them, for good."""

    def __init__(self) -> None:
        self.calls = 0
        self.at: int | None = None
        self.after = False
        self.dead = False

    def arm(self, at: int | None, after: bool = False) -> None:
        self.calls, self.at, self.after, self.dead = 0, at, after, False

    def call(self, name: str, work: Any) -> Any:
        if self.dead:
            raise Killed
        self.calls += 1
        dies = self.calls == self.at
        if dies and not (self.after and name in WRITES):
            self.dead = True
            raise Killed
        answer = work()
        if dies:
            self.dead = True
            raise Killed
        return answer


class Fused:
    """A port whose calls go through the fuse."""

    def __init__(self, port: Any, fuse: Fuse):
        self._port, self._fuse = port, fuse

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._port, name)
        if name not in WATCHED:
            return inner
        if name in ("query", "scan"):
            return lambda *a, **k: iter(self._fuse.call(name, lambda: list(inner(*a, **k))))
        return lambda *a, **k: self._fuse.call(name, lambda: inner(*a, **k))


@contextmanager
def counted_alike() -> Iterator[None]:
    """No lease is renewed by the real clock, so that each run has the same calls."""
    with patch.object(lease, "RENEWED_EVERY", DAY):
        yield
