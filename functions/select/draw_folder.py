"""A wave's public files in a folder of this machine, for the draw's command."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

PRIVATE = "private.json"


class FileListing:
    """A long file as the quick draw reads it: a stretch at a time, never the whole."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, span: slice) -> bytes:
        start, stop, _ = span.indices(self._size)
        self._file.seek(start)
        return self._file.read(max(0, stop - start))


@contextmanager
def open_listings(folder: Path, names: Sequence[str]) -> Iterator[dict[str, FileListing]]:
    """The long files that are there, by name."""
    with ExitStack() as opened:
        yield {
            name: FileListing(opened.enter_context((folder / name).open("rb", buffering=0)))
            for name in names
            if (folder / name).is_file()
        }


def read_files(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    """The files that are there; what is missing fails in the step that needs it."""
    return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}


def write_file(path: Path, data: bytes | memoryview) -> None:
    """Replace a file at once: a reader sees all of it or what was there before."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as new:
        try:
            new.write(data)
            new.flush()
            os.fsync(new.fileno())
            Path(new.name).chmod(0o600 if path.name == PRIVATE else 0o644)
            Path(new.name).replace(path)
        except OSError:
            Path(new.name).unlink(missing_ok=True)
            raise
