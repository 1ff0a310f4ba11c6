"""Ports whose calls go through someone else's hands; and a worker that dies at a chosen call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from unittest.mock import patch

from functions.cloud.runtime import Runtime
from functions.programme.times import DAY
from functions.select import lease
from tests.fakes import fake_runtime

READS = (
    *("get", "get_many", "query", "query_index", "scan", "scan_page"),
    *("read", "size", "versions", "names", "key", "seed"),
)
# Between two calls that only read nothing can differ, so writes alone also die afterwards.
WRITES = ("write", "write_parts", "update", "delete", "mark", "send", "start")
WATCHED = (*READS, *WRITES)
LAZY = ("query", "scan")
# The ports of a runtime that speak to a cloud.
PORTS = ("tables", "files", "queues", "machines", "mailer", "sms", "vault")


class Killed(BaseException):
    """The worker is gone: nothing catches this."""


@dataclass(frozen=True)
class Call:
    """One call of a port: which, by which name, and with what."""

    port: str
    name: str
    given: tuple[Any, ...]
    work: Callable[[], Any]

    @property
    def writes(self) -> bool:
        """Whether it may leave something behind."""
        return self.name in WRITES


class Hands(Protocol):
    """Through which calls go: they may be refused, done twice, or never come back."""

    def take(self, call: Call) -> Any: ...


class Fuse:
    """Counts the calls of all ports and kills the worker at one of them, for good."""

    def __init__(self) -> None:
        self.calls = 0
        self.at: int | None = None
        self.after = False
        self.dead = False
        self.deaths = 0

    def arm(self, at: int | None, after: bool = False) -> None:
        self.calls, self.at, self.after, self.dead = 0, at, after, False

    def take(self, call: Call) -> Any:
        if self.dead:
            raise Killed
        self.calls += 1
        dies = self.calls == self.at
        if dies and not (self.after and call.writes):
            self._die()
        try:
            return call.work()
        finally:
            if dies:
                self._die()

    def _die(self) -> None:
        self.dead = True
        self.deaths += 1
        raise Killed


class Fused:
    """A port whose calls go through a fuse, or through other hands."""

    def __init__(self, port: Any, hands: Hands, name: str = ""):
        self._port, self._hands, self._name = port, hands, name

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._port, name)
        if name not in WATCHED:
            return inner

        def through(*given: Any, **more: Any) -> Any:
            def work() -> Any:
                answer = inner(*given, **more)
                return list(answer) if name in LAZY else answer

            answer = self._hands.take(Call(self._name, name, given, work))
            return iter(answer) if name in LAZY else answer

        return through


def fused_runtime(fuse: Hands, ports: tuple[str, ...] = PORTS, **given: Any) -> Runtime:
    """Fakes of which these ports go through the fuse."""
    plain = fake_runtime(**given)
    return fake_runtime(
        **{**given, "clock": plain.clock, "random": plain.random},
        **{name: Fused(getattr(plain, name), fuse, name) for name in ports if name not in given},
    )


def fuses(fewest: int, most: int = 400) -> Iterator[tuple[Fuse, Callable[[], None]]]:
    """Fuses that die before, then after, the first call of some work, the second, and so on.

    Each comes unarmed, with what arms it. It ends with the first that the work outlives. Fails
    when there were fewer deaths than `fewest` on either side: the work was not done through it.
    """
    for after in (False, True):
        for at in range(1, most):
            fuse = Fuse()
            yield fuse, partial(fuse.arm, at, after)
            if not fuse.deaths:
                break
        assert fewest < at < most - 1, f"{at} calls"


@contextmanager
def counted_alike() -> Iterator[None]:
    """No lease is renewed by the real clock, so that each run has the same calls."""
    with patch.object(lease, "RENEWED_EVERY", DAY):
        yield
