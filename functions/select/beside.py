"""Public files beside a wave's six: notes, and the bias report."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from functions.cloud.files import FileMissing, Files
from functions.select.folder import BUCKET, public_key

BIAS, BIAS_PICTURE = "bias.json", "bias.svg"

_TYPES = {
    "json": "application/json",
    "svg": "image/svg+xml",
    "note": "text/plain; charset=utf-8",
}


def write_beside(files: Files, wave: int, name: str, data: bytes) -> None:
    """Publish a file in the wave's folder."""
    kind = _TYPES[name.rpartition(".")[2]]
    files.write(BUCKET, public_key(wave, name), data, content_type=kind)


def find_beside(files: Files, wave: int, name: str) -> bytes | None:
    """A file of the wave's folder, or None."""
    try:
        return files.read(BUCKET, public_key(wave, name))
    except FileMissing:
        return None


def numbered(files: Files, wave: int, name_of: Callable[[int], str]) -> Iterator[bytes]:
    """The notes of one kind: 1, 2, 3, … up to the first that is not there."""
    number = 1
    while (data := find_beside(files, wave, name_of(number))) is not None:
        yield data
        number += 1
