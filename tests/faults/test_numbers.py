"""docs/reliability.md: every fault has tests, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAULTS = 28
ROW = re.compile(r"^\| (\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def rows():
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    return [(int(number), *rest) for number, *rest in ROW.findall(text)]


@cache
def names_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_fault_stands_in_the_table_once():
    assert [number for number, *_ in rows()] == list(range(1, FAULTS + 1))


def test_every_fault_has_an_invariant_and_a_test_that_exists():
    for number, fault, invariant, tests in rows():
        assert fault.strip() and invariant.strip(), number
        named = NAMED.findall(tests)
        assert named, number
        for path, name in named:
            assert name in names_in(path), f"fault {number}: {path}::{name}"


def test_a_test_that_is_gone_would_be_noticed():
    assert "test_that_is_gone" not in names_in("tests/faults/test_numbers.py")
