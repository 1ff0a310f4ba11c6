"""Every package is pinned to one version and its hashes, and installed by them alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LISTS = sorted((ROOT / "requirements").glob("*.txt"))


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_names_one_version_of_each_package_with_its_hashes(path):
    text = path.read_text()
    packages = re.split(r"\n(?=\S)", text.strip())
    assert packages
    for package in packages:
        assert re.match(r"[\w.-]+(\[[\w,]+\])?==[\w.+!-]+( ;[^\\]+)? \\\n", package), package[:60]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", package), package[:60]


def test_nothing_is_installed_without_its_hashes():
    lines = (ROOT / "Makefile").read_text().replace("\\\n", " ").splitlines()
    installing = [line for line in lines if re.search(r"pip install", line)]
    assert installing and all("--require-hashes" in line for line in installing)
    assert all("--no-deps" in line for line in installing)
