"""The mutations fit the code of today; that storms notice them is for `make chaos` to show."""

import subprocess
import sys

import pytest

from tests.chaos.mutations import MUTATIONS, edited

EDITS = [edit for mutation in MUTATIONS for edit in mutation.edits]


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit[0])
def test_an_edit_fits_the_code_and_uses_no_name_that_is_not_there(edit):
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821,E9", "-"]
    checked = subprocess.run(
        command, input=edited(*edit), text=True, capture_output=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_an_edit_that_fits_nowhere_is_refused():
    with pytest.raises(ValueError, match="does not stand there once"):
        edited("functions/select/lease.py", "nothing like it", "")
