"""Pairings in plain Python take a second each: within a test run each is computed once."""

from __future__ import annotations

from functools import cache

import pytest

from functions.programme.draw import bls

REMEMBERED = ("verify", "sign", "public_key", "parse_public_key")


@pytest.fixture(scope="session", autouse=True)
def remembered_pairings():
    with pytest.MonkeyPatch.context() as patch:
        for name in REMEMBERED:
            patch.setattr(bls, name, cache(getattr(bls, name)))
        yield
