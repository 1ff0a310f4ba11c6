"""The recorded calls: one line for each that a function, or an operator's command, makes.

`python -m tests.infra.recorded` runs the tests that go every way and writes the file anew; all
other tests on moto, the journey in the browser with them, must then find nothing that it lacks.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

FILE = Path(__file__).parent / "calls.txt"
ROOT = FILE.parents[2]
# Together they take every way through the functions and the operators' commands.
SOURCES = (
    "tests/infra/test_tour.py",
    "tests/ops/test_commands.py",
    "tests/ops/test_after_draw_on_moto.py",
    "tests/ops/test_queues.py",
    "tests/ops/test_restore.py",
    "tests/ops/test_review_on_moto.py",
    "tests/select/test_wave_on_moto.py",
    "tests/verify/test_on_moto.py",
)
ADVICE = "calls that tests/infra/calls.txt lacks; see whether the role should allow them, then run"
COMMAND = "python -m tests.infra.recorded"

# What this test process has seen, filled by tests/conftest.py.
SEEN: set[str] = set()


def recorded() -> set[str]:
    """Every line."""
    return set(FILE.read_text().splitlines()) if FILE.exists() else set()


def refuse_unrecorded(lines: set[str]) -> None:
    """Fail when calls were made that the file lacks."""
    unknown = sorted(lines - recorded())
    assert not unknown, "\n".join((f"{ADVICE} `{COMMAND}`", *unknown))


def main() -> int:
    with tempfile.NamedTemporaryFile("r") as found:
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", f"--calls-to={found.name}", *SOURCES], cwd=ROOT
        )
        if ran.returncode != 0:
            sys.stderr.write("tests failed: the file stays as it was\n")
            return 1
        lines = sorted(set(Path(found.name).read_text().splitlines()))
    FILE.write_text("".join(f"{line}\n" for line in lines))
    sys.stderr.write(f"{len(lines)} calls\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
