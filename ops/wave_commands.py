"""`python -m ops wave void`: end a wave before its round, by two operators."""

from __future__ import annotations

import click

from functions.cloud.witnesses import HttpWitnesses
from functions.programme.draw.literals import format_time
from functions.programme.draw.void import REASONS
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
