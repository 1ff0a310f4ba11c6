"""`python -m ops purchases`: what the training platforms report."""

from __future__ import annotations

from pathlib import Path

import click

from ops import purchases as rules
from ops.context import runtime_of
from ops.ledger_commands import FILE, report
from ops.review_commands import by_operator


@click.group()
def purchases() -> None:
    """Who has bought their first training."""


@purchases.command("import")
@click.argument("file", type=FILE)
@click.option("--wave", type=int, required=True, help="The wave that these people received in.")
@by_operator
@click.option("--dry-run", is_flag=True, help="Only look at every row.")
@click.pass_context
def purchases_import(
    ctx: click.Context, file: Path, wave: int, operator: str, dry_run: bool
) -> None:
    """Enter purchases from CSV: nik,bought_on (2020-11-30, the day in Jakarta)."""
    done = rules.import_purchases(runtime_of(ctx), operator, file, wave, dry_run=dry_run)
    report(ctx, done, dry_run)
