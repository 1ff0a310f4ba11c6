"""`python -m ops disputes`: two accounts claim one NIK (docs/review.md)."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from functions.programme.times import iso
from ops import disputes as queue
from ops.context import runtime_of
from ops.review_commands import by_operator, span

by_side = click.option(
    "--for", "side", type=click.Choice(queue.SIDES), required=True, help="Whose NIK it is."
)


@click.group()
def disputes() -> None:
    """Two accounts that claim one NIK: one operator proposes, another confirms."""


@disputes.command("list")
@click.pass_context
def disputes_list(ctx: click.Context) -> None:
    """One line for each: name, state, how long it has waited."""
    runtime = runtime_of(ctx)
    for item in queue.waiting(runtime):
        age = span(runtime.clock() - item["asked_at"])
        proposed = f", {item['side']} by {item['proposed_by']}" if "side" in item else ""
        click.echo(f"{item['case']}  {item['state']}{proposed}, {age}")


@disputes.command("next")
@by_operator
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder for the pictures; a new one for you alone if left out.",
)
@click.pass_context
def disputes_next(ctx: click.Context, operator: str, out: Path | None) -> None:
    """Claim the dispute that has waited longest, for fifteen minutes, and fetch its pictures."""
    folder = out or Path(tempfile.mkdtemp(prefix="dispute-"))
    taken = queue.take_next(runtime_of(ctx), operator, folder)
    if taken is None:
        click.echo("nothing is waiting")
        return
    item, sides = taken
    click.echo(f"dispute   {item['case']}, asked {iso(item['asked_at'])}")
    for name, side in sides.items():
        waves = ", ".join(map(str, side.waves)) or "none"
        click.echo(f"{name:<9} since {iso(side.since)}, in waves not over: {waves}")
        for kind in ("ktp", "selfie"):
            click.echo(f"          {kind:<6} {side.pictures.get(kind, 'missing')}")


@disputes.command("propose")
@click.argument("case", metavar="DISPUTE")
@by_side
@by_operator
@click.pass_context
def disputes_propose(ctx: click.Context, case: str, side: str, operator: str) -> None:
    """Say whose NIK it is; nothing happens before another operator confirms."""
    queue.propose(runtime_of(ctx), operator, case, side)
    click.echo("another operator must confirm")


@disputes.command("confirm")
@click.argument("case", metavar="DISPUTE")
@by_side
@by_operator
@click.pass_context
def disputes_confirm(ctx: click.Context, case: str, side: str, operator: str) -> None:
    """Carry out what another operator proposed, if you have come to the same."""
    left = queue.confirm(runtime_of(ctx), operator, case, side)
    click.echo("closed")
    for wave in left:
        click.echo(
            f"the other account keeps its entry in wave {wave}: `wave void {wave}` before the "
            "draw, or `draw remove` for identity_wrong after it"
        )
