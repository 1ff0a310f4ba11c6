"""`python -m ops restore`: tables of before beside the live ones, compared, and deleted again."""

from __future__ import annotations

import time

import click

from functions.cloud.clients import Clients
from functions.cloud.config import Config
from functions.cloud.tables import KEYS
from ops import restore as stage_restore
from ops.context import runtime_of
from ops.errors import Refused
from ops.moments import parse_moment

# What a wave's list is made again from; without both there is nothing to compare.
NEEDED = ("waves", "entries")
LOOK_EVERY_SECONDS = 15.0

at_option = click.option("--at", help="2026-01-09T05:00:00Z or '2026-01-09 12:00 WIB'; else now.")


@click.group()
def restore() -> None:
    """Backups put to the proof; no live table is written to (docs/runbook/restore.md)."""


@restore.command("begin")
@click.argument("tables", nargs=-1, type=click.Choice(list(KEYS)))
@at_option
@click.pass_context
def restore_begin(ctx: click.Context, tables: tuple[str, ...], at: str | None) -> None:
    """Restore TABLES (all if none is named) into new ones beside them; goes on by itself."""
    config = runtime_of(ctx).config
    begun = stage_restore.begin(Clients(config), config, tables or tuple(KEYS), _moment(at))
    click.echo(f"begun: {', '.join(begun) or 'nothing, the copies are there'}")


@restore.command("check")
@click.pass_context
def restore_check(ctx: click.Context) -> None:
    """Compare each copy with its table, and make each published list again from the copies."""
    config = runtime_of(ctx).config
    found = _ready(config, tuple(KEYS))
    if not found:
        raise Refused("there is no copy that is ready; `restore begin` comes first")
    if not _told(ctx, config, found):
        raise Refused("a list is not the one that was signed")


@restore.command("drop")
@click.pass_context
def restore_drop(ctx: click.Context) -> None:
    """Delete every copy."""
    config = runtime_of(ctx).config
    dropped = stage_restore.drop(Clients(config), config)
    click.echo(f"deleted: {', '.join(dropped) or 'nothing'}")


@restore.command("rehearse")
@at_option
@click.option("--hours", default=6.0, show_default=True, help="Wait so long at the most.")
@click.pass_context
def restore_rehearse(ctx: click.Context, at: str | None, hours: float) -> None:
    """All of it: restore every table, wait, check, and delete the copies."""
    config = runtime_of(ctx).config
    started = time.monotonic()
    stage_restore.begin(Clients(config), config, tuple(KEYS), _moment(at))
    while len(found := _ready(config, tuple(KEYS))) < len(KEYS):
        if time.monotonic() - started > hours * 3600:
            raise Refused(f"{len(KEYS) - len(found)} copies are not ready; the others stay")
        time.sleep(LOOK_EVERY_SECONDS)
    click.echo(f"{len(found)} tables restored in {time.monotonic() - started:.0f} s")
    agrees = _told(ctx, config, found)
    stage_restore.drop(Clients(config), config)
    click.echo("copies deleted")
    if not agrees:
        raise Refused("a list is not the one that was signed")


def _moment(at: str | None) -> int | None:
    return None if at is None else parse_moment(at)


def _ready(config: Config, tables: tuple[str, ...]) -> list[str]:
    """Those whose copy can be read."""
    clients = Clients(config)
    states = {table: stage_restore.state(clients, config, table) for table in tables}
    return [table for table, state in states.items() if state == stage_restore.ACTIVE]


def _told(ctx: click.Context, config: Config, found: list[str]) -> bool:
    """One line for each copy and each list; whether every list is the one that was signed."""
    runtime = runtime_of(ctx)
    copies = stage_restore.copies(Clients(config), config)
    for table in found:
        one = stage_restore.compare(runtime.tables, copies, table)
        click.echo(
            f"{table}  alike {one.alike}  changed since {one.changed}  "
            f"only in the copy {one.lost}  only live {one.later}"
        )
    if not set(NEEDED) <= set(found):
        click.echo(f"no list is made again without {' and '.join(NEEDED)}")
        return True
    rebuilt = list(stage_restore.rebuild(runtime, copies))
    for wave in rebuilt:
        verdict = "the head that was signed" if wave.same else f"NOT the head {wave.signed}"
        click.echo(f"wave {wave.wave}  {wave.entries} entries  head {wave.head}: {verdict}")
    return all(wave.same for wave in rebuilt)
