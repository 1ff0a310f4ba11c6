"""The public beacon, over drand's HTTP API and from any relay that has the round.

A relay can be late, down or lying. What it answers is only a candidate: the caller verifies
the signature against the pinned key, so a relay can delay a draw but never change it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Protocol

from functions.cloud.strangers import ask

MOST_ANSWER_BYTES = 4096
SIGNATURE_BYTES = 48


class Beacons(Protocol):
    def signatures(self, chain: str, beacon_round: int) -> Iterator[bytes]:
        """Candidates for the signature of a round (48 bytes), none if it is not out yet."""
        ...


class HttpBeacons:
    """`Beacons` from relays: GET <url>/<chain>/public/<round>."""

    def __init__(self, urls: Sequence[str]):
        self._urls = tuple(urls)

    def signatures(self, chain: str, beacon_round: int) -> Iterator[bytes]:
        """Relays are asked in turn, and only until the caller is content; the same wrong answer
        from several of them is handed out once, since to check it takes a second."""
        seen: set[bytes] = set()
        for url in self._urls:
            answer = ask(
                "GET", f"{url}/{chain}/public/{beacon_round}", most_bytes=MOST_ANSWER_BYTES
            )
            signature = signature_in(answer, beacon_round) if answer is not None else None
            if signature is not None and signature not in seen:
                seen.add(signature)
                yield signature


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
