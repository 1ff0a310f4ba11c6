"""The switches themselves: each fits the code as it is, and every promise has one."""

from __future__ import annotations

import re

import pytest

from tests.chaos.switches import SWITCHES
from tests.chaos.switching import ROOT, Switch, switched_off

# Rows whose protection lies outside the repository's code and tests.
PROMISED_BY_OTHERS = ("bill of materials",)


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda s: f"{s.file} {s.new[:30]!r}")
def test_a_switch_fits_the_code_and_names_tests_that_are_there(switch):
    text = switched_off(switch)
    if switch.file.endswith(".py"):
        compile(text, switch.file, "exec")
    assert switch.tests
    for test in switch.tests:
        path, _, part = test.partition(" -k ")
        words = re.findall(r"\w+", part)
        assert all(word in (ROOT / path).read_text() for word in words), test


def test_a_switch_that_fits_nowhere_or_twice_is_noticed():
    for old in ("no such text", "import"):
        with pytest.raises(LookupError):
            switched_off(Switch("x", "functions/web/endpoints.py", old, "y", ()))


def promises() -> list[str]:
    """The first cell of every row of docs/security.md's tables."""
    text = (ROOT / "docs/security.md").read_text()
    tables = re.findall(
        r"^\| (?:promise|what|right|edit) \|.*\n\|[-|]+\n((?:\|.*\n?)+)", text, re.M
    )
    return [row.split("|")[1].strip() for table in tables for row in table.splitlines()]


def test_every_row_of_the_security_page_has_a_switch():
    begins = {switch.promise for switch in SWITCHES}
    bare = [row for row in promises() if not row.startswith((*begins, *PROMISED_BY_OTHERS))]
    assert len(promises()) > 30 and bare == []
