"""Judge photo files from the command line, exactly as the worker judges uploads.

    python -m functions.upload.check --kind ktp|selfie [--nik N] --jsonl FILE...

Prints one JSON object a line: file, accepted, reasons, details, nik, review, millis. Exits with 0
whatever the verdicts are, with 2 for wrong usage (a file that cannot be read is wrong usage).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from functions.programme.photos import KINDS
from functions.upload.photo.limits import LIMITS
from functions.upload.photo.sandbox import Sandbox
from functions.upload.photo.verdict import is_nik


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; returns its exit code. Nothing is judged when the usage is wrong."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.nik is not None and not is_nik(options.nik):
        parser.error("--nik: a NIK has 16 digits")
    for path in options.files:
        if not path.is_file():
            parser.error(f"no such file: {path}")
    with Sandbox() as sandbox:
        for path in options.files:
            try:
                data = _read(path)
            except OSError as error:
                parser.error(f"cannot read {path}: {error.strerror}")
            verdict = sandbox.judge(data, options.kind, options.nik)
            sys.stdout.write(json.dumps({"file": str(path), **verdict.as_json()}) + "\n")
            sys.stdout.flush()
    return 0


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LIMITS.max_bytes + 1)  # one byte over the limit decides


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m functions.upload.check", description="Judge photos of a KTP or selfies."
    )
    parser.add_argument("--kind", required=True, choices=KINDS)
    parser.add_argument("--nik", help="the 16 digits the applicant typed")
    parser.add_argument(
        "--jsonl", action="store_true", required=True, help="one JSON object a line"
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    return parser


if __name__ == "__main__":
    sys.exit(main())
