"""Parsing a key in plain Python takes half a second: once is enough for all tests."""

from __future__ import annotations

from tests.select.conftest import remembered_pairings

__all__ = ["remembered_pairings"]
