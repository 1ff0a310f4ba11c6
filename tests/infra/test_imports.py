"""Each function imports with no more than what its package carries."""

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import dependencies
from infra.settings import FUNCTIONS

# Imports one module where the modules named on stdin are not to be had.
IMPORT = """
import importlib, json, sys
absent = frozenset(json.load(sys.stdin))
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is not in the package")
sys.meta_path.insert(0, Absent())
importlib.import_module(sys.argv[1])
"""


def absent_from(function: str) -> list[str]:
    """The top modules installed here that a function's package and Lambda do not have."""
    pins = dependencies.REQUIREMENTS / f"{function.replace('_', '-')}.txt"
    shipped = dependencies.shipped(pins.read_text(encoding="utf-8"))
    there = {plain(name) for name in re.findall(r"^([\w.-]+)==", shipped, re.MULTILINE)}
    there |= dependencies.IN_LAMBDA
    tops = importlib.metadata.packages_distributions()
    return [top for top, names in tops.items() if not there & {plain(name) for name in names}]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_only_what_its_package_carries(function: str) -> None:
    folder, _, kind = function.partition("_")
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, f"functions.{folder}.{kind or 'app'}"],
        input=json.dumps(absent_from(function)),
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
