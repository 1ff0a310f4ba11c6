"""`python -m ops accounts`: give an account back to who lost its phone or mailbox."""

from __future__ import annotations

import click

from functions.programme.recovery import LOST
from functions.programme.times import iso
from ops import recovery
from ops.context import runtime_of
from ops.review_commands import by_operator

# Asked for, so that no address is left in the shell's history.
by_email = click.option("--email", prompt="Address of the account", help="Asked for if left out.")


@click.group()
def accounts() -> None:
    """Accounts whose phone or mailbox is lost: one operator asks, another confirms."""


@accounts.command("recover")
@by_email
@click.option("--lost", type=click.Choice(LOST), required=True, help="What is lost.")
@by_operator
@click.pass_context
def accounts_recover(ctx: click.Context, email: str, lost: str, operator: str) -> None:
    """Ask for a recovery, after seeing the person and their card; the old address is told."""
    new = click.prompt("New address") if lost == "mailbox" else None
    case = recovery.ask(runtime_of(ctx), operator, email, lost, new)
    click.echo(f"{case}: another operator may confirm after 48 hours")


@accounts.command("confirm")
@by_email
@by_operator
@click.pass_context
def accounts_confirm(ctx: click.Context, email: str, operator: str) -> None:
    """Carry out a recovery that another operator asked for 48 hours ago or longer."""
    lost = recovery.confirm(runtime_of(ctx), operator, email)
    after = {
        "phone": "the number is off the account; its owner logs in and proves another",
        "mailbox": "a mail is on its way to the new address, whose answer moves the account",
    }
    click.echo(after[lost])


@accounts.command("list")
@click.pass_context
def accounts_list(ctx: click.Context) -> None:
    """The recoveries that wait: name, what is lost, who asked, from when it can be confirmed."""
    for item in recovery.waiting(runtime_of(ctx)):
        click.echo(f"{item['case']}  {item['lost']} by {item['asked_by']}, {iso(item['due_at'])}")
