"""Where a wave's files lie in the bucket `undian`: the public folder and the internal folder."""

from __future__ import annotations

from collections.abc import Iterator

from functions.cloud.files import Files
from functions.programme.draw.published import (
    BEACON,
    PARAMS,
    RESULT_HEAD,
    RESULTS,
    ROSTER,
    ROSTER_HEAD,
)

BUCKET = "undian"
PINS = "undian/pins.json"
ROSTER_LEAVES, RESULTS_LEAVES = "roster.leaves", "results.leaves"

_JSON, _NOTE, _BYTES = (
    "application/json",
    "text/plain; charset=utf-8",
    "application/octet-stream",
)
CONTENT_TYPES = {
    PARAMS: _JSON,
    BEACON: _JSON,
    ROSTER_HEAD: _NOTE,
    RESULT_HEAD: _NOTE,
    ROSTER: _BYTES,
    RESULTS: _BYTES,
}


def public_key(wave: int, name: str) -> str:
    """Key of a public file; the same as its path on the site."""
    return f"undian/{wave}/{name}"


def internal_key(wave: int, name: str) -> str:
    """Key of a file that only select's worker reads, and HTTP for proofs."""
    return f"internal/{wave}/{name}"


def write_public(files: Files, wave: int, name: str, data: bytes) -> None:
    """Publish one of the six files of a wave."""
    files.write(BUCKET, public_key(wave, name), data, content_type=CONTENT_TYPES[name])


def write_public_parts(files: Files, wave: int, name: str, parts: Iterator[bytes]) -> None:
    """Publish a list that comes bit by bit; if `parts` raises, nothing is published."""
    key = public_key(wave, name)
    files.write_parts(BUCKET, key, parts, content_type=CONTENT_TYPES[name])


def write_internal(files: Files, wave: int, name: str, data: bytes) -> None:
    """Keep a file for later steps of the wave."""
    files.write(BUCKET, internal_key(wave, name), data, content_type=_BYTES)


def read_public(files: Files, wave: int, name: str, span: range | None = None) -> bytes:
    """A public file or a span of it. Raises FileMissing."""
    return files.read(BUCKET, public_key(wave, name), span=span)


def read_internal(files: Files, wave: int, name: str) -> bytes:
    """A file of the internal folder. Raises FileMissing."""
    return files.read(BUCKET, internal_key(wave, name))


def read_internal_span(files: Files, wave: int, name: str, span: range) -> bytes:
    """A span of a file of the internal folder; one that reaches beyond its end is cut there."""
    return files.read(BUCKET, internal_key(wave, name), span=span)


def read_pins(files: Files) -> bytes:
    """`pins.json` of this stage. Raises FileMissing."""
    return files.read(BUCKET, PINS)


def write_pins(files: Files, data: bytes) -> None:
    """Publish the pins."""
    files.write(BUCKET, PINS, data, content_type=_JSON)
