"""`python -m ops golive`: whether production may be deployed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from functions.programme.times import SECOND
from ops import golive as list_before
from ops.context import runtime_of

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("golive")
@click.option("--answers", type=FILE, help="JSON: {question: {answer, by, on}}.")
@click.option("--out", type=FILE, help="Write the record that the deploy reads.")
@click.option("--preset", default="ready", show_default=True, help="The day to be ready for.")
@click.option("--questions", is_flag=True, help="Only show the questions; asks AWS nothing.")
@click.pass_context
def golive(
    ctx: click.Context, answers: Path | None, out: Path | None, preset: str, questions: bool
) -> None:
    """Check the answers and AWS's quotas before production. Exit 1 while a point is open."""
    from functions.cloud.clients import Clients
    from ops.opening.settings import load

    if questions:
        for key, question in list_before.QUESTIONS.items():
            click.echo(f"{key}: {question}")
        return
    runtime = runtime_of(ctx)
    given: dict[str, Any] = list_before.read_answers(answers) if answers else {}
    now = runtime.clock() // SECOND
    found = list_before.record(Clients(runtime.config), load(preset), given, now)
    for point in found["open"]:
        click.echo(f"open  {point}")
    if out is not None:
        out.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    click.echo("nothing is open" if not found["open"] else f"{len(found['open'])} points are open")
    sys.exit(1 if found["open"] else 0)
