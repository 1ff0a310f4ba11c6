"""`python -m tests.chaos [PART]`: break things on purpose, and fail where nothing notices."""

import sys
from collections import Counter

import click

from tests.chaos import switching
from tests.chaos.switches import SWITCHES


@click.group(invoke_without_command=True)
@click.pass_context
def chaos(context: click.Context) -> None:
    """Everything, one after the other, when no part is named."""
    if context.invoked_subcommand is None:
        for command in chaos.commands.values():
            context.invoke(command)


@chaos.command("switches")
@click.option("--only", default="", help="Those whose promise or file holds this text.")
@click.option("--baseline/--no-baseline", default=True, help="First see that all tests pass.")
def protections_off(only: str, baseline: bool) -> None:
    """Every protection off, one at a time: a named test must fail for each."""
    chosen = [switch for switch in SWITCHES if only in switch.promise + switch.file]
    if baseline and (failing := switching.baseline(chosen)):
        raise click.ClickException(f"tests fail with nothing switched off:\n{failing}")
    courses = switching.run_all(chosen, lambda course: click.echo(told(course)))
    ends = Counter(course.end for course in courses)
    for course in courses:
        if course.end == "broken":
            click.echo(f"\n{told(course)}\n{course.said}")
    click.echo(f"{len(courses)} switches: {dict(ends)}")
    if ends["killed"] < len(courses):
        sys.exit(1)


def told(course: switching.Course) -> str:
    """One line."""
    return f"{course.end:8} {course.seconds:4.0f} s  {course.switch.file}  {course.switch.name}"


if __name__ == "__main__":
    chaos()
