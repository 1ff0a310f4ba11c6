"""Asking over HTTP those whose answers are not trusted: bounded in time and in length."""

from __future__ import annotations

import logging
from collections.abc import Mapping

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0

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
        data = answer.read(most_bytes + 1)
        answer.release_conn()
    except urllib3.exceptions.HTTPError as error:
        log.warning("%s does not answer: %s", url, type(error).__name__)
        return None
    if answer.status != 200 or len(data) > most_bytes:
        log.info("%s has no such answer: status %s", url, answer.status)
        return None
    return data
