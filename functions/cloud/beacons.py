"""The public beacon, over drand's HTTP API and from any relay that has the round.

A relay can be late, down or lying. What it answers is only a candidate: the caller verifies
the signature against the pinned key, so a relay can delay a draw but never change it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Protocol

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
MOST_ANSWER_BYTES = 4096
SIGNATURE_BYTES = 48

log = logging.getLogger("gelombang.beacons")


class Beacons(Protocol):
    def signatures(self, chain: str, beacon_round: int) -> Iterator[bytes]:
        """Candidates for the signature of a round (48 bytes), none if it is not out yet."""
        ...


class HttpBeacons:
    """`Beacons` from relays: GET <url>/<chain>/public/<round>."""

    def __init__(self, urls: Sequence[str]):
        self._urls = tuple(urls)

    def signatures(self, chain: str, beacon_round: int) -> Iterator[bytes]:
        for url in self._urls:
            answer = self._ask(f"{url}/{chain}/public/{beacon_round}")
            signature = signature_in(answer, beacon_round) if answer is not None else None
            if signature is not None:
                yield signature

    def _ask(self, url: str) -> bytes | None:
        import urllib3

        try:
            answer = urllib3.request(
                "GET",
                url,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
                retries=False,
                redirect=False,
                preload_content=False,
            )
            body = answer.read(MOST_ANSWER_BYTES + 1)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            log.warning("relay %s does not answer: %s", url, type(error).__name__)
            return None
        if answer.status != 200 or len(body) > MOST_ANSWER_BYTES:
            log.info("relay %s has no such round: status %s", url, answer.status)
            return None
        return body


def signature_in(answer: bytes, beacon_round: int) -> bytes | None:
    """The signature in a relay's answer, if it is an answer for this round at all."""
    try:
        said = json.loads(answer)
        signature = bytes.fromhex(said["signature"])
        named = said["round"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if named != beacon_round or len(signature) != SIGNATURE_BYTES:
        return None
    return signature
