"""`python -m ops simulate`: an opening day on paper, before it is one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ops.errors import Refused

SUFFIXES = {"k": 1_000, "M": 1_000_000}


class Count(click.ParamType):
    """A number of people: 1432133, 80k, 1.4M."""

    name = "number"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        if isinstance(value, int | float):
            return float(value)
        factor = SUFFIXES.get(value[-1:], 1)
        try:
            found = float(value[:-1] if factor > 1 else value) * factor
        except ValueError:
            self.fail(f"{value} is no number, such as 80000, 80k or 1.4M", param, ctx)
        if found <= 0:
            self.fail("must be more than nought", param, ctx)
        return found


@click.command("simulate")
@click.option("--registrants", type=Count(), default="1432133", show_default=True)
@click.option("--hours", type=click.FloatRange(0.2, 72), default=21, show_default=True)
@click.option("--peak-minute", type=Count(), default="80000", show_default=True)
@click.option("--preset", default="default", show_default=True, help="Or a JSON file of settings.")
@click.option("--set", "changes", multiple=True, help="One setting, such as mail.rate=200.")
@click.option("--everyone", is_flag=True, help="Nobody stops by their own will.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--drain", type=click.FloatRange(0, 72), default=3, show_default=True,
              help="Hours after the last arrival.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page, too.")
def simulate(
    registrants: float, hours: float, peak_minute: float, preset: str, changes: tuple[str, ...],
    everyone: bool, seed: int, drain: float, as_json: bool, html: Path | None,
) -> None:  # fmt: skip
    """Simulate an opening day: what breaks first, how long things take, what it costs.

    docs/opening-day.md says how to read it. Needs no stage and asks AWS nothing. Exit 0 for any
    outcome.
    """
    from ops.opening import settings, simulation, verdict
    from ops.opening.journey import JourneyChanged

    chosen = settings.load(preset, changes)
    if everyone:
        chosen = settings.everyone(chosen)
    asked = simulation.Asked(registrants, hours, peak_minute, seed, drain)
    try:
        day = simulation.simulate(asked, chosen)
    except JourneyChanged as error:
        raise Refused(f"service_times.json knows requests that no step has: {error}") from error
    if html is not None:
        from ops.opening.page import page

        html.write_text(page(day), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(verdict.as_json(day), indent=1))
    else:
        click.echo("\n".join(verdict.told(day)))
