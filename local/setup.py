"""What an operator does for a new stage, done at the start of each local run."""

from __future__ import annotations

import os

import ops.keys
import ops.pins
import ops.waves
from functions.cloud.clients import Clients
from functions.cloud.runtime import Runtime, runtime_from
from functions.programme.times import HOUR, SECOND
from functions.verify.status import publish as publish_status
from local.beacon import PERIOD_SECONDS
from local.clock import FileClock
from local.institutions import WITNESSES, Institutions, found
from local.settings import Place, environment
from local.stack import create_stack

# Times short enough to watch: the draw comes ten minutes after the close.
MARGIN_SECONDS = 60
DRAW_DELAY_SECONDS = 600
# A list that came out too late is drawn five minutes later, or ten, …
FALLBACK_ROUNDS = 300 // PERIOD_SECONDS
QUORUM = 2
FAMILY_LIMIT = 2

WAVE, QUOTA, RESERVE, SHARDS = 1, 5, 2, 16
OPEN_FOR = 2 * HOUR
# A wave must be announced before it opens; the last steps of the start take about as long.
OPENS_AFTER = 2 * SECOND


def prepare(where: Place) -> None:
    """Stack, keys, the mail sender, pins, and a wave that is open for two hours."""
    runtime = runtime_from(environment(where, os.environ), FileClock(where.clock_file))
    clients = Clients(runtime.config)
    create_stack(clients, runtime.config)
    ops.keys.create(clients, runtime.config)
    clients("ses").verify_email_identity(EmailAddress=runtime.config.mail_from)
    institutions = found(where.institutions, runtime.clock() // SECOND)
    where.pins.write_bytes(publish_pins(runtime, institutions))
    now = runtime.clock()
    ops.waves.create(
        runtime,
        wave=WAVE,
        quota=QUOTA,
        reserve=RESERVE,
        opens_at=now + OPENS_AFTER,
        closes_at=now + OPENS_AFTER + OPEN_FOR,
        shards=SHARDS,
    )
    publish_status(runtime)


def publish_pins(runtime: Runtime, institutions: Institutions) -> bytes:
    """Pin this run's own beacon and witnesses; the published file."""
    return ops.pins.publish(
        runtime,
        witnesses=[institutions.verifier(name) for name in WITNESSES],
        quorum=QUORUM,
        beacon=institutions.chain.pinned,
        family_limit=FAMILY_LIMIT,
        margin_seconds=MARGIN_SECONDS,
        fallback_rounds=FALLBACK_ROUNDS,
        draw_delay_seconds=DRAW_DELAY_SECONDS,
    )
