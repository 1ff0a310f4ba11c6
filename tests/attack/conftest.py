"""One furnished stage for all files of a run; each test leaves it as it found it."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import pytest

from tests.attack.stage import Stage


@pytest.fixture(scope="session")
def furnished() -> Stage:
    """Ani, Budi and what is theirs, made once."""
    return Stage()


@pytest.fixture
def stage(furnished: Stage) -> Iterator[Stage]:
    """The furnished stage, put back afterwards."""
    before = copy.deepcopy(furnished.tables)
    yield furnished
    furnished.tables.clear()
    furnished.tables.update(before)
