"""`python -m ops flags`: stop something for a while, and let it go on."""

from __future__ import annotations

import click

from functions.programme.admission import EVERYONE
from functions.programme.flags import FLAGS, REASONS
from functions.programme.times import iso
from ops import flags as stage_flags
from ops.context import runtime_of
from ops.review_commands import by_operator

by_reason = click.option("--reason", type=click.Choice(REASONS), required=True, help="Why.")
flag_name = click.argument("name", type=click.Choice(list(FLAGS)))


@click.group()
def flags() -> None:
    """What is stopped for a while: registrations, SMS, all writes; and the waiting room."""


@flags.command("list")
@click.pass_context
def flags_list(ctx: click.Context) -> None:
    """One line for each flag: off, or until when, by whom and why."""
    for name, item in stage_flags.listed(runtime_of(ctx)):
        if item is None:
            click.echo(f"{name}  off")
            continue
        rate = f"{item['rate']} a second, " if "rate" in item else ""
        until = iso(item["until_at"])
        click.echo(f"{name}  {rate}until {until}, by {item['by']}: {item['reason']}")


@flags.command("set")
@flag_name
@click.option("--minutes", type=int, required=True, help="How long; it then ends by itself.")
@click.option("--rate", type=int, help="Of the waiting room: people let in a second.")
@click.option("--share", type=float, help="Of the waiting room: percent let in at first.")
@by_reason
@by_operator
@click.pass_context
def flags_set(
    ctx: click.Context,
    name: str,
    minutes: int,
    rate: int | None,
    share: float | None,
    reason: str,
    operator: str,
) -> None:
    """Set a flag. It takes hold within fifteen seconds, the waiting room within two minutes."""
    more = {"rate": rate, "share": None if share is None else round(share * EVERYONE / 100)}
    given = {key: value for key, value in more.items() if value is not None}
    runtime = runtime_of(ctx)
    item = stage_flags.set_flag(runtime, operator, name, minutes, reason, **given)
    click.echo(f"{name} is set until {iso(item['until_at'])}: {FLAGS[name].about}")


@flags.command("clear")
@flag_name
@by_reason
@by_operator
@click.pass_context
def flags_clear(ctx: click.Context, name: str, reason: str, operator: str) -> None:
    """End a flag before its time."""
    stage_flags.clear(runtime_of(ctx), operator, name, reason)
    click.echo(f"{name} is off")
