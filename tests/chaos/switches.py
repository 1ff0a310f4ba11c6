"""All switches: at least one for each promise of docs/security.md.

Not here is what two protections hold, either of which would do: no test can miss one of them. So it
is with a route outside the access table (OpenAPI needs its access too), a challenge that is over
(when it is tried, and when it is used), files of a decoder (none can be opened, none can grow).
"""

from __future__ import annotations

from tests.chaos import (
    accounts_off,
    data_off,
    draw_off,
    limits_off,
    mail_off,
    operators_off,
    requests_off,
)
from tests.chaos.switching import Switch

SWITCHES: tuple[Switch, ...] = (
    *accounts_off.SWITCHES,
    *requests_off.SWITCHES,
    *limits_off.SWITCHES,
    *data_off.SWITCHES,
    *mail_off.SWITCHES,
    *operators_off.SWITCHES,
    *draw_off.SWITCHES,
)
