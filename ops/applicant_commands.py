"""`python -m ops applicants`: a help desk that sees steps and states, and no number or name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from ops import account_codes
from ops.account_commands import by_email
from ops.applicants import BY, REASONS, Sought, look, show, sought
from ops.applicants_unblocked import holding, unblock
from ops.context import runtime_of
from ops.errors import Refused
from ops.review_commands import by_operator

by_what = click.option("--by", type=click.Choice(BY), required=True, help="What will be typed.")
for_reason = click.option(
    "--reason", type=click.Choice(REASONS), required=True, help="Why; recorded."
)


@click.group()
def applicants() -> None:
    """People who call: how far they have come, and what holds them up."""


@applicants.command("find")
@by_what
@for_reason
@by_operator
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each account.")
@click.pass_context
def applicants_find(ctx: click.Context, by: str, reason: str, operator: str, as_json: bool) -> None:
    """Find by NIK, address or number; asks for it, so that it stays out of the shell's history."""
    runtime, who = runtime_of(ctx), _asked(by)
    found = look(runtime, operator, who, reason)
    if not found:
        click.echo("nobody: an account is made when the mail is answered")
    for applicant in found:
        shown = {**show(runtime, applicant), "held_up_by": holding(runtime, applicant, who)}
        if as_json:
            click.echo(json.dumps(shown))
            continue
        for line in _lines(shown):
            click.echo(line)


@applicants.command("unblock")
@by_what
@for_reason
@by_operator
@click.pass_context
def applicants_unblock(ctx: click.Context, by: str, reason: str, operator: str) -> None:
    """Take off the limits that hold an account up, or all accounts of a number."""
    runtime, who = runtime_of(ctx), _asked(by)
    found = look(runtime, operator, who, reason)
    done = {one: unblock(runtime, operator, one, who, reason) for one in found}
    if not any(done.values()):
        raise Refused("nobody is held up by anything that can be taken off")
    for applicant, names in done.items():
        click.echo(f"{applicant}: {', '.join(names) or 'nothing held it up'}")


@applicants.command("resend")
@by_email
@by_operator
@click.pass_context
def applicants_resend(ctx: click.Context, email: str, operator: str) -> None:
    """Send the awaited code by SMS anew, under the applicant's own limits."""
    number = account_codes.resend(runtime_of(ctx), operator, email)
    click.echo(f"on its way to {number}")


def _asked(by: str) -> Sought:
    return sought(by, click.prompt(by, hide_input=True))


def _lines(shown: dict[str, Any]) -> Iterator[str]:
    yield f"{shown['applicant']}  since {shown['since']}, {shown['language']}"
    for step, state in shown["steps"].items():
        yield f"  {step:12} {state}"
    for name in ("held", "held_up_by"):
        if shown[name]:
            yield f"  {name.replace('_', ' ')}: {', '.join(shown[name])}"
    if shown["email_unreachable"]:
        yield f"  mail does not arrive: {shown['email_unreachable']}"
    for note in shown["delivery"]:
        yield f"  {note['at']}  {note['channel']} {note['template']}: {note['state']}"
    for photo in shown["photos"]:
        why = f" ({', '.join(photo['reasons'])})" if photo["reasons"] else ""
        yield f"  {photo['at']}  {photo['kind']} {photo['state']}{why}"
    for entry in shown["entries"]:
        told = entry["outcome"] or entry["phase"]
        why = ", ".join([*entry["reasons"], *filter(None, [entry["removed_for"]])])
        yield f"  wave {entry['wave']}: {told}{f' ({why})' if why else ''}"
