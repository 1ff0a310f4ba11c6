"""Asking over HTTP those whose answers are not trusted: bounded in time and in length."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECT_SECONDS = 3.0
# For any part of the answer to come, and for all of it: one who sends a byte now and then must
# not hold up those who are asked next.
READ_SECONDS = 10.0
WHOLE_SECONDS = 20.0
PART_BYTES = 4096

log = logging.getLogger("gelombang.strangers")


def ask(
    method: str,
    url: str,
    *,
    most_bytes: int,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes | None:
    """The body of a 200 answer of at most `most_bytes`; None for anything else, with a log line.

    One try, no redirect: who asks has others to ask, or comes again later.
    """
    import urllib3

    try:
        answer = urllib3.request(
            method,
            url,
            body=body,
            headers=dict(headers or {}),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=False,
            redirect=False,
            preload_content=False,
        )
        data = _read(answer, most_bytes)
    except (urllib3.exceptions.HTTPError, TimeoutError) as error:
        log.warning("%s does not answer: %s", url, type(error).__name__)
        return None
    if answer.status != 200 or len(data) > most_bytes:
        log.info("%s has no such answer: status %s", url, answer.status)
        return None
    return data


def _read(answer: BaseHTTPResponse, most_bytes: int) -> bytes:
    """The body, or more than `most_bytes` of it. Raises TimeoutError when it takes too long.

    The connection is not used again: what else it may carry is none of ours.
    """
    ends = time.monotonic() + WHOLE_SECONDS
    data = b""
    try:
        while len(data) <= most_bytes:
            part = answer.read1(min(PART_BYTES, most_bytes + 1 - len(data)))
            if not part:
                break
            data += part
            if time.monotonic() > ends:
                raise TimeoutError
    finally:
        answer.close()
    return data
