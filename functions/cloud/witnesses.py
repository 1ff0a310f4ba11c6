"""Witnesses: institutions that say, with their own clock, when they saw a roster's head.

A witness is asked over HTTP: POST <url>/cosign with the signed note; it answers with one
C2SP cosignature line. What it answers is not trusted here: the caller verifies each line.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Protocol

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
MOST_LINE_BYTES = 1024

log = logging.getLogger("gelombang.witnesses")


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
        import urllib3

        try:
            answer = urllib3.request(
                "POST",
                f"{url}/cosign",
                body=note,
                headers={"Content-Type": "text/plain; charset=utf-8"},
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            line = answer.read(MOST_LINE_BYTES + 1)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            log.warning("witness %s does not answer: %s", url, type(error).__name__)
            return None
        if answer.status != 200 or len(line) > MOST_LINE_BYTES:
            log.warning("witness %s does not sign: status %s", url, answer.status)
            return None
        return line
