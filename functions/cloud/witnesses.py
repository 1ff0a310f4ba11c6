"""Witnesses: institutions that say, with their own clock, when they saw a roster's head.

A witness is asked over HTTP: POST <url>/cosign with the signed note; it answers with one
C2SP cosignature line. What it answers is not trusted here: the caller verifies each line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from functions.cloud.strangers import ask

MOST_LINE_BYTES = 1024


class Witnesses(Protocol):
    def cosign(self, note: bytes) -> list[bytes]:
        """Show a signed note to every witness; the answers of those that gave one, unverified."""
        ...


class HttpWitnesses:
    """`Witnesses` over HTTP, each at its own address."""

    def __init__(self, urls: Sequence[str]):
        self._urls = tuple(urls)

    def cosign(self, note: bytes) -> list[bytes]:
        answers = (self._ask(url, note) for url in self._urls)
        return [line for line in answers if line is not None]

    def _ask(self, url: str, note: bytes) -> bytes | None:
        return ask(
            "POST",
            f"{url}/cosign",
            most_bytes=MOST_LINE_BYTES,
            body=note,
            headers={"Content-Type": "text/plain; charset=utf-8"},
        )
