"""`python -m ops wave void` and `wave revoke`: what two operators do to a wave."""

from __future__ import annotations

import click

from functions.cloud.witnesses import HttpWitnesses
from functions.programme.draw.literals import format_time
from functions.programme.draw.void import REASONS
from functions.programme.purchases import Counts
from ops import changes, revocations
from ops import void as voiding
from ops.context import runtime_of
from ops.review_commands import by_operator


@click.command("void")
@click.argument("number", metavar="WAVE", type=int)
@by_operator
@click.option("--reason", type=click.Choice(REASONS), help="Why; public.")
@click.option("--sentence", help="One plain sentence that says more; public.")
@click.option("--confirm", is_flag=True, help="Confirm what another operator has asked for.")
@click.pass_context
def wave_void(
    ctx: click.Context,
    number: int,
    operator: str,
    reason: str | None,
    sentence: str | None,
    confirm: bool,
) -> None:
    """End a wave before its round. One operator asks with --reason, another confirms.

    There is no way back, and no new list: everyone who had joined is told, and takes part in a
    later wave.
    """
    runtime = runtime_of(ctx)
    if confirm == bool(reason or sentence) or bool(reason) != bool(sentence):
        raise click.UsageError("give --reason and --sentence, or --confirm")
    if reason and sentence:
        voiding.ask(runtime, operator, number, reason, sentence)
        click.echo(f"asked: another operator ends it with `wave void {number} --confirm`")
        return
    witnesses = ctx.obj.get("witnesses") or HttpWitnesses(runtime.config.witness_urls)
    void = voiding.confirm(runtime, witnesses, operator, number)
    click.echo(f"wave {number} is void: {void.reason}, {void.sentence}")
    click.echo(f"signed {format_time(void.voided_at)}, {len(void.witness_times)} witnesses")


@click.command("revoke")
@click.argument("number", metavar="WAVE", type=int)
@by_operator
@click.option("--dry-run", is_flag=True, help="Only count who is due.")
@click.option("--confirm", is_flag=True, help="Confirm what another operator has asked for.")
@click.pass_context
def wave_revoke(
    ctx: click.Context, number: int, operator: str, dry_run: bool, confirm: bool
) -> None:
    """Take back the places of those who bought no training within 30 days.

    One operator asks, another confirms. Who is revoked is told by mail, and blacklisted. Cut off,
    it is finished by the same command.
    """
    runtime = runtime_of(ctx)
    if dry_run and confirm:
        raise click.UsageError("give --dry-run or --confirm")
    if confirm:
        click.echo(changes.told(revocations.confirm(runtime, operator, number)))
        return
    if dry_run:
        _say(revocations.count(runtime, number).counts)
        return
    _say(revocations.ask(runtime, operator, number).counts)
    click.echo(f"asked: another operator confirms with `wave revoke {number} --confirm`")


def _say(counts: Counts) -> None:
    click.echo(f"{counts.held} hold a place: {counts.bought} bought, {counts.waiting} still may")
    click.echo(f"{counts.due} are due, {counts.late} of them bought too late")
