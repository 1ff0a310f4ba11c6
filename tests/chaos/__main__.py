"""`python -m tests.chaos [PART]`: break things on purpose, and fail where nothing notices."""

import sys
from collections import Counter
from pathlib import Path
from typing import Any

import click

from tests.chaos import switching
from tests.chaos.fault_commands import COMMANDS
from tests.chaos.switches import SWITCHES

# What is done when no part is named; the others do more of the same.
PARTS = ("switches", "faults", "mutations")


@click.group(invoke_without_command=True)
@click.option("--seed", default=1, show_default=True, help="Of the faults, when no part is named.")
@click.pass_context
def chaos(context: click.Context, seed: int) -> None:
    """Protections switched off, faults by seed and mutations, when no part is named."""
    if context.invoked_subcommand is None:
        for part in PARTS:
            given = {} if part == "switches" else {"seed": seed}
            context.invoke(chaos.commands[part], **given)


for one in COMMANDS:
    chaos.add_command(one)


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


@chaos.command("fuzz")
@click.option("--examples", default=25, show_default=True, help="Of each route, twice.")
@click.option("--scenarios", default=50, show_default=True, help="Sequences, four times.")
def attacked_by_description(examples: int, scenarios: int) -> None:
    """The three functions on moto, attacked by their own OpenAPI documents (`make fuzz`)."""
    from tests.chaos import fuzz, fuzz_sequences

    alone = fuzz.run(examples)
    told_of("each route by itself", alone)
    in_sequence, followed = fuzz_sequences.run(scenarios)
    told_of("in sequences", in_sequence)
    click.echo(f"{len(followed)} links followed, {sum(followed.values())} times")
    if alone.failures or in_sequence.failures:
        sys.exit(1)


@chaos.command("wapiti")
@click.argument("tools", type=click.Path(exists=True, path_type=Path))
def scanned(tools: Path) -> None:
    """A scanner of web sites against the local system; TOOLS has its command (`make wapiti`)."""
    from tests.chaos import scanning

    scans = scanning.run(tools)
    for scan in scans:
        click.echo(
            f"{scan.name}: {scan.places} pages and routes in {scan.seconds:.0f} s, "
            f"{len(scan.findings)} findings, {scan.known} more that are known"
        )
        click.echo("".join(f"FOUND {line}\n" for line in scan.findings), nl=False)
    if any(scan.findings for scan in scans):
        sys.exit(1)


def told_of(what: str, found: Any) -> None:
    """The calls of a part, and each finding."""
    click.echo(f"{what}: {sum(found.calls.values())} calls, {dict(found.calls)}")
    for place, why in found.failures.items():
        click.echo(f"\nFOUND {place}\n{why}")


def told(course: switching.Course) -> str:
    """One line."""
    return f"{course.end:8} {course.seconds:4.0f} s  {course.switch.file}  {course.switch.name}"


if __name__ == "__main__":
    chaos()
