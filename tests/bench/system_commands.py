"""The bench's commands about the whole system: what its routes take, at rest, loaded, attacked."""

from __future__ import annotations

import sys
from collections import Counter

import click

from ops.opening.measured import measured
from tests.bench import belief, budget, enumeration, load, load_stack, service_times, spend
from tests.bench.journey_calls import calls_of_an_applicant


@click.command("service-times")
@click.option("--applicants", default=6, show_default=True, help="Who go all the way, in memory.")
@click.option(
    "--browser/--no-browser",
    default=True,
    help="Count the site's requests in a browser, or keep those that the file has.",
)
def times_of_routes(applicants: int, browser: bool) -> None:
    """What each route and worker takes; writes ops/opening/service_times.json."""
    for line in service_times.write(applicants, browser=browser):
        click.echo(line)


@click.command("applicant")
@click.option("--browser", is_flag=True, help="Count the requests now, not as the file has them.")
def cost_of_an_applicant(browser: bool) -> None:
    """Requests, calls and units of one applicant, by route and part; fails when they have risen."""
    journey = Counter(calls_of_an_applicant()) if browser else measured().journey
    for line in budget.lines(journey):
        click.echo(line)
        if line.endswith("MISSED"):
            sys.exit(1)


@click.command("load")
@click.option("--people", default=100, show_default=True, help="In this process.")
@click.option("--on-stack", default=12, show_default=True, help="Over HTTP; 0: not there.")
@click.option("--seed", default=1, show_default=True)
def loaded(people: int, on_stack: int, seed: int) -> None:
    """Requests a second that a core carries, by route; waits on the local stack under load."""
    for line in load.lines(people, seed):
        click.echo(line)
    if on_stack:
        for line in load_stack.lines(on_stack, seed):
            click.echo(line)
            if line.endswith("BROKEN"):
                sys.exit(1)


@click.command("enumeration")
@click.option("--pairs", default=100, show_default=True, help="Of each route.")
def times_of_known_addresses(pairs: int) -> None:
    """Whether the time of an answer tells that an address has an account."""
    kept = True
    for found in enumeration.measure(pairs):
        click.echo(found.told())
        kept = kept and found.kept
    if not kept:
        sys.exit(1)


@click.command("spend")
@click.option("--accounts", default=12_000, show_default=True, help="Of the SMS pump.")
def spent_by_attackers(accounts: int) -> None:
    """What an attacker gets for an hour: passwords, codes, SMS that the programme pays for."""
    for line in spend.lines(accounts):
        click.echo(line)


@click.command("belief")
@click.option("--seed", default=1, show_default=True)
@click.option("--queue", "only", type=click.Choice([q.name for q in belief.QUEUES]))
def model_beside_queues(seed: int, only: str | None) -> None:
    """The queue model's p50, p99 and backlog beside the local stack's, at three seeded loads."""
    missed = False
    for compared in belief.compare(seed, only):
        click.echo(compared.told())
        missed = missed or not compared.kept
    if missed:
        sys.exit(1)


COMMANDS = (
    times_of_routes,
    cost_of_an_applicant,
    loaded,
    times_of_known_addresses,
    spent_by_attackers,
    model_beside_queues,
)
