"""`python -m ops recipients` and `blacklist`: the ledgers that decide about taking part."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from functions.programme.ledgers import BLACKLISTED_FOR
from ops import ledgers
from ops.context import runtime_of
from ops.lists import Import
from ops.review_commands import by_operator

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.group()
def recipients() -> None:
    """People who have received the aid; announcements enter them by themselves."""


@recipients.command("import")
@click.argument("file", type=FILE)
@by_operator
@click.option("--dry-run", is_flag=True, help="Only look at every row.")
@click.pass_context
def recipients_import(ctx: click.Context, file: Path, operator: str, dry_run: bool) -> None:
    """Enter past recipients from CSV: nik,kk,wave (wave 0: before this programme's waves)."""
    done = ledgers.import_recipients(runtime_of(ctx), operator, file, dry_run=dry_run)
    report(ctx, done, dry_run)


@recipients.command("list")
@click.option("--wave", type=int, help="Only of this wave, one line for each.")
@click.pass_context
def recipients_list(ctx: click.Context, wave: int | None) -> None:
    """How many recipients each wave has; with --wave the beginnings of their macs."""
    runtime = runtime_of(ctx)
    if wave is not None:
        for mac in sorted(mac for number, mac in ledgers.recipients(runtime) if number == wave):
            click.echo(mac[:16])
        return
    counts = Counter(number for number, _ in ledgers.recipients(runtime))
    for number, count in sorted(counts.items()):
        click.echo(f"wave {number}  {count}")
    if not counts:
        click.echo("none")


@click.group()
def blacklist() -> None:
    """People who cannot take part."""


@blacklist.command("import")
@click.argument("file", type=FILE)
@by_operator
@click.option("--dry-run", is_flag=True, help="Only look at every row.")
@click.pass_context
def blacklist_import(ctx: click.Context, file: Path, operator: str, dry_run: bool) -> None:
    """List people from CSV: nik,reason."""
    done = ledgers.import_blacklist(runtime_of(ctx), operator, file, dry_run=dry_run)
    report(ctx, done, dry_run)


@blacklist.command("add")
@by_operator
@click.option("--reason", type=click.Choice(BLACKLISTED_FOR), required=True)
@click.pass_context
def blacklist_add(ctx: click.Context, operator: str, reason: str) -> None:
    """List one person; asks for the NIK, so that it stays out of the shell's history."""
    nik = click.prompt("NIK", hide_input=True).strip()
    click.echo(ledgers.blacklist(runtime_of(ctx), operator, nik, reason))


@blacklist.command("remove")
@by_operator
@click.option("--reason", required=True, help="Why, in a few words without numbers; recorded.")
@click.pass_context
def blacklist_remove(ctx: click.Context, operator: str, reason: str) -> None:
    """Take one person off the list; asks for the NIK. Counts from the next freeze on."""
    nik = click.prompt("NIK", hide_input=True).strip()
    ledgers.unlist(runtime_of(ctx), operator, nik, reason)
    click.echo("removed")


def report(ctx: click.Context, done: Import, dry_run: bool) -> None:
    """Row by row what is wrong, by line and code alone; exit 1 if anything is."""
    for line, code in done.errors:
        click.echo(f"line {line}: {code}")
    new, same, wrong = (done.counts[name] for name in ("new", "same", "wrong"))
    verb = "would be entered" if dry_run else "entered"
    click.echo(f"{new} {verb}, {same} there already, {wrong} wrong")
    if wrong:
        ctx.exit(1)
