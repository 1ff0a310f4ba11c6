"""Messages between the worker and its sandbox: a JSON object and a block of bytes, on pipes.

JSON and not pickle, because the sandbox is where hostile files are read: unpickling its answer
would run whatever a file had made of it, next to the worker's credentials.
"""

import json
import os
import select
import struct
import time
from typing import Any

HEADER = struct.Struct("!II")


class Broken(Exception):
    """The other end closed the pipe ("closed"), stayed silent past the deadline ("silent"), or sent
    what is no message of ours ("answer")."""


def pack(fields: dict[str, Any], block: bytes | None) -> bytes:
    """One message; an absent block and an empty one are different things only in `fields`."""
    text = json.dumps(fields).encode()
    return HEADER.pack(len(text), len(block or b"")) + text + (block or b"")


def send(descriptor: int, message: bytes) -> None:
    """Write all of it; OSError when nobody reads any more."""
    view = memoryview(message)
    while view:
        view = view[os.write(descriptor, view) :]


def receive(
    descriptor: int, *, seconds: float | None = None, max_bytes: int = 2**31
) -> tuple[dict[str, Any], bytes]:
    """The next message, waiting at most `seconds` for all of it (None: for ever).

    Raises Broken, also for what is no message of ours.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    text_length, block_length = HEADER.unpack(_exactly(descriptor, HEADER.size, deadline))
    if text_length + block_length > max_bytes:
        raise Broken("answer")
    text = _exactly(descriptor, text_length, deadline)
    return _fields(text), _exactly(descriptor, block_length, deadline)


def unpack(message: bytes) -> tuple[dict[str, Any], bytes]:
    """The one message these bytes are; Broken when they are shorter, longer or something else."""
    if len(message) < HEADER.size:
        raise Broken("answer")
    text_length, block_length = HEADER.unpack_from(message)
    text_end = HEADER.size + text_length
    if len(message) != text_end + block_length:
        raise Broken("answer")
    return _fields(message[HEADER.size : text_end]), message[text_end:]


def _fields(text: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Broken("answer") from error
    if not isinstance(fields, dict):
        raise Broken("answer")
    return fields


def _exactly(descriptor: int, length: int, deadline: float | None) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        if deadline is not None:
            left = max(0.0, deadline - time.monotonic())
            if not select.select([descriptor], [], [], left)[0]:
                raise Broken("silent")
        part = os.read(descriptor, min(length - len(parts), 1 << 20))
        if not part:
            raise Broken("closed")
        parts += part
    return bytes(parts)
