"""`python -m ops wave funnel`: how many came how far."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ops.context import runtime_of
from ops.funnel import gather
from ops.funnel_page import page, told


@click.command("funnel")
@click.argument("number", metavar="WAVE", type=int)
@click.option("--scan", is_flag=True, help="Read the table of all accounts' steps, too.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page, too.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def wave_funnel(
    ctx: click.Context, number: int, scan: bool, html: Path | None, as_json: bool
) -> None:
    """From the account to the purchase: counts, with bars; `–` for what nothing has counted."""
    found = gather(runtime_of(ctx), number, scan=scan)
    if html is not None:
        html.write_text(page(found), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
        return
    for line in told(found):
        click.echo(line)
