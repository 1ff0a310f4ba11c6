"""The parts of `python -m tests.chaos` that inject faults; each ends with 1 at a violation."""

import sys

import click

from tests.chaos import faults, mutations


@click.command("faults")
@click.option("--seed", default=1, show_default=True)
@click.option("--seeds", default=1, show_default=True, help="So many, one after the other.")
def by_seed(seed: int, seeds: int) -> None:
    """Seeds of everything: a wave of 500 in a storm, the model, a slice of the sweep."""
    ended(faults.run(seed, seeds))


@click.command("sweep")
@click.option("--stride", default=1, show_default=True)
@click.option("--first", default=0, show_default=True)
def sweep(stride: int, first: int) -> None:
    """A worker killed before and after every AWS call from close to announcement."""
    ended(faults.swept(stride, first))


@click.command("model")
@click.option("--seed", default=1, show_default=True)
@click.option("--examples", default=2000, show_default=True, help="Sequences on the fakes.")
@click.option("--cloud-examples", default=100, show_default=True, help="Sequences on moto.")
def model(seed: int, examples: int, cloud_examples: int) -> None:
    """Random sequences of all that people, operators, workers and the weather do."""
    on_fakes = faults.modelled(seed, examples, faults.Model) if examples else 0
    ended(on_fakes + (faults.modelled(seed, cloud_examples, faults.CloudModel)))


@click.command("storm")
@click.option("--seed", default=1, show_default=True)
@click.option("--seeds", default=1, show_default=True, help="So many waves, one after the other.")
@click.option("--entrants", default=faults.ENTRANTS, show_default=True)
@click.option("--rough", is_flag=True, help="More faults than in a storm.")
def storm(seed: int, seeds: int, entrants: int, rough: bool) -> None:
    """Waves under faults of every port, up to the first that breaks a promise."""
    ended(faults.storms(seed, entrants, seeds, rough))


@click.command("mutations")
@click.option("--seed", default=1, show_default=True)
@click.option("--only", default="", help="Those whose name holds this text.")
def taken_out(seed: int, only: str) -> None:
    """Five protections taken out, one at a time: a storm must break a promise each time."""
    ended(mutations.run(seed, only))


@click.command("soak")
@click.option("--minutes", default=20.0, show_default=True)
@click.option("--seed", default=1, show_default=True)
def soaked(minutes: float, seed: int) -> None:
    """The real local stack under a mixed load with faults on; then all that was told is found."""
    from tests.soak import soak

    ended(soak.run(seed, minutes))


def ended(violations: int) -> None:
    """Exit with 1 unless all was well."""
    if violations:
        sys.exit(1)


COMMANDS = (by_seed, sweep, model, storm, taken_out, soaked)
