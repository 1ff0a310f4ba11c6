"""Looks for credentials in the repository: `python -m infra.leaks`, a part of `make lint`.

It knows credentials by the form that their issuers give them; passwords in code are found by
ruff's rules S105 to S107. Prints `file:line kind` for each, never the credential; exit 1 if any.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Issuers' own descriptions of their formats; a pattern is written so that it does not match itself.
FORMS = {
    "AWS access key": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "AWS secret key": r"(?i:aws.{0,20}secret.{0,20})['\"=: ][A-Za-z0-9/+]{40}(?![\w/+])",
    "private key": r"-----BEGIN [A-Z ]*PRIVATE" + r" KEY-----",
    "note signing key": r"\bPRIVATE\+KEY" + r"\+[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40,}",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})\b",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "PyPI token": r"\bpypi-AgEIcHlwaS[A-Za-z0-9_-]{50,}",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "Google key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "Stripe key": r"\b[sr]k_live_[A-Za-z0-9]{20,}",
    "Twilio key": r"\bSK[0-9a-f]{32}\b",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
    "password in an address": r"\b[a-z][a-z0-9+]{2,12}://[^\s/:@'\"{}<>$]+:[^\s/:@'\"{}<>$]{6,}@",
}
FORM = re.compile("|".join(f"(?P<k{n}>{form})" for n, form in enumerate(FORMS.values())))
KINDS = list(FORMS)


def leaks(text: str) -> Iterator[tuple[int, str]]:
    """(line, kind) of each credential in a text."""
    for match in FORM.finditer(text):
        kind = KINDS[int(str(match.lastgroup)[1:])]
        yield text.count("\n", 0, match.start()) + 1, kind


def files() -> list[Path]:
    """What is in the repository, or would be with the next commit."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: S603
    names = listed.stdout.decode().split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def main() -> int:
    found = 0
    for path in files():
        for line, kind in leaks(path.read_bytes().decode("utf-8", "ignore")):
            sys.stdout.write(f"{path.relative_to(ROOT)}:{line} {kind}\n")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
