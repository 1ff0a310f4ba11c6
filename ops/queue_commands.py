"""`python -m ops queues`: what waits, what is dead, and sending it round again."""

from __future__ import annotations

import click

from functions.cloud.clients import Clients
from ops import queues as stage_queues
from ops.context import runtime_of


@click.group()
def queues() -> None:
    """Queues and their dead letters."""


@queues.command("depth")
@click.pass_context
def queues_depth(ctx: click.Context) -> None:
    """One line for each queue: waiting, hidden at a worker, dead."""
    config = runtime_of(ctx).config
    for one in stage_queues.depths(Clients(config), config):
        click.echo(f"{one.queue}  waiting {one.waiting}  hidden {one.hidden}  dead {one.dead}")


@queues.command("redrive")
@click.argument("queue", type=click.Choice(stage_queues.QUEUES))
@click.option("--most", default=1000, show_default=True, help="So many messages at the most.")
@click.pass_context
def queues_redrive(ctx: click.Context, queue: str, most: int) -> None:
    """Send a queue's dead letters round again, after what failed was mended."""
    config = runtime_of(ctx).config
    moved = stage_queues.redrive(Clients(config), config, queue, most)
    click.echo(f"{moved} messages go round again")
