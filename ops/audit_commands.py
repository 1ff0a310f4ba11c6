"""`python -m ops audit`: read the operators' audit chain, and prove that it holds."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from functions.programme.times import iso
from ops import audit as chain
from ops.context import runtime_of


@click.group()
def audit() -> None:
    """The chain of what operators saw and did."""


by_chain = click.option(
    "--chain",
    "name",
    type=click.Choice((chain.CHAIN, chain.JOBS)),
    default=chain.CHAIN,
    show_default=True,
    help="Of the operators, or of the scheduled jobs that delete what is due.",
)


@audit.command("verify")
@by_chain
@click.option(
    "--noted",
    multiple=True,
    metavar="NUMBER:HASH",
    help="A head that was written down earlier and must still be in the chain; may be repeated.",
)
@click.pass_context
def verify(ctx: click.Context, name: str, noted: tuple[str, ...]) -> None:
    """Recompute every record; prints the head, to be written down elsewhere. Exit 1 when broken."""
    head = chain.verify(runtime_of(ctx), noted, name)
    click.echo("empty" if head is None else f"{head.number}:{head.hash}")


@audit.command("show")
@by_chain
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="How many.")
@click.option("--about", help="Only records about this thing, all of them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def show(ctx: click.Context, name: str, last: int, about: str | None, as_json: bool) -> None:
    """The newest records, oldest of them first."""
    runtime = runtime_of(ctx)
    if about is None:
        found = chain.newest(runtime, last, name)
    else:
        found = [record for record in chain.records(runtime, name) if record.about == about]
    for record in found:
        if as_json:
            click.echo(json.dumps(asdict(record)))
        else:
            act = " ".join((record.who, record.what, record.about, *record.details))
            click.echo(f"{record.number}  {iso(record.at)}  {act}")
