"""All switches: at least one for each promise of docs/security.md."""

from __future__ import annotations

from tests.chaos import accounts_off, data_off, draw_off, limits_off, operators_off, requests_off
from tests.chaos.switching import Switch

SWITCHES: tuple[Switch, ...] = (
    *accounts_off.SWITCHES,
    *requests_off.SWITCHES,
    *limits_off.SWITCHES,
    *data_off.SWITCHES,
    *operators_off.SWITCHES,
    *draw_off.SWITCHES,
)
