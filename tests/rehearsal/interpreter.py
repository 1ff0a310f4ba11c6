"""`python -m tests.rehearsal.interpreter`: the Python that the emulator is to run with.

The emulator runs each package with its own interpreter, whatever `runtime` the function has. So
it gets the Python of the packages where this machine has that one, and else the one that asks.
"""

from __future__ import annotations

import sys

from infra.bundle import lambda_python
from local.settings import STAGE
from tests.packages.clean import interpreter_of


def chosen() -> str:
    """Path of the interpreter."""
    return str(interpreter_of(lambda_python(f"{STAGE}_verify")) or sys.executable)


if __name__ == "__main__":
    print(chosen())
