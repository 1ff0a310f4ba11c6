"""`python -m ops draw`: what comes after a draw; nothing here can change its result."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import click

from functions.cloud.files import FileMissing
from functions.programme.draw.promotions import REMOVED_FOR
from functions.programme.times import SECOND
from functions.select.reporting import read_report
from ops import changes as after
from ops.audit_sample import write_sample
from ops.context import runtime_of
from ops.errors import Refused
from ops.moments import parse_moment
from ops.review_commands import by_operator
from ops.waves import find

WAVE = click.argument("number", metavar="WAVE", type=int)


@click.group()
def draw() -> None:
    """After a draw: the bias report, the audit, places taken back, reserves that move up."""


@draw.command("report")
@WAVE
@click.option("--json", "as_json", is_flag=True, help="As `bias.json` has it.")
@click.pass_context
def draw_report(ctx: click.Context, number: int, as_json: bool) -> None:
    """The bias report: p of each test, and after Bonferroni's adjustment."""
    runtime = runtime_of(ctx)
    try:
        found = read_report(runtime, find(runtime, number))
    except FileMissing as error:
        raise Refused(f"wave {number} has no report yet; it follows the announcement") from error
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
        return
    click.echo(f"wave {number}: {found.n} ranked entries")
    for test in found.tests:
        p, adjusted = (
            "too few" if value is None else f"{value:.4f}" for value in (test.p, test.adjusted)
        )
        mark = "  LOOK AT THIS" if test in found.notable else ""
        click.echo(f"{test.attribute:10} {test.test:7} p {p:8} adjusted {adjusted}{mark}")


@draw.command("audit-sample")
@WAVE
@by_operator
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.pass_context
def draw_audit_sample(ctx: click.Context, number: int, operator: str, out: Path) -> None:
    """Write the auditor's file (.csv or .jsonl): all taken entries, and 2,000 chosen by the seed.

    It holds NIK and KK: hand it to the auditor alone, and delete it.
    """
    counts = write_sample(runtime_of(ctx), operator, number, out)
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


@draw.command("remove")
@WAVE
@by_operator
@click.option(
    "--reason", type=click.Choice(REMOVED_FOR), help="For one person, whose NIK is asked."
)
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="CSV nik,reason for many.",
)
@click.pass_context
def draw_remove(
    ctx: click.Context, number: int, operator: str, reason: str | None, file: Path | None
) -> None:
    """Take places back, in one signed public note; the people are told by mail."""
    if bool(reason) == bool(file):
        raise click.UsageError("give --reason or --file")
    if file is not None:
        people = _people(file)
    else:
        people = [(click.prompt("NIK", hide_input=True).strip(), str(reason))]
    click.echo(after.told(after.remove(runtime_of(ctx), operator, number, people)))


@draw.command("promote")
@WAVE
@by_operator
@click.option("--until", help="The last moment, as --opens; published with the first note.")
@click.pass_context
def draw_promote(ctx: click.Context, number: int, operator: str, until: str | None) -> None:
    """Let reserves move up to the open places, strictly by rank, in one signed public note."""
    moment = None if until is None else parse_moment(until) // SECOND
    click.echo(after.told(after.promote(runtime_of(ctx), operator, number, moment)))


def _people(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if sorted(rows.fieldnames or ()) != ["nik", "reason"]:
            raise Refused("the first line must be nik,reason")
        people = [((row["nik"] or "").strip(), (row["reason"] or "").strip()) for row in rows]
    wrong = [n for n, (_, reason) in enumerate(people, 2) if reason not in REMOVED_FOR]
    if wrong or not people:
        raise Refused(f"line {wrong[0]}: reason_unknown" if wrong else "the list is empty")
    return people
