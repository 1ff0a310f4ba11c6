"""The draw's pairings are remembered here too."""

from __future__ import annotations

from tests.select.conftest import remembered_pairings

__all__ = ["remembered_pairings"]
