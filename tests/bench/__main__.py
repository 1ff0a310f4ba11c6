"""`python -m tests.bench [photos] [hostile]`: measure, print, and fail where a bound is broken."""

import sys

import click

from tests.bench import hostile


@click.group(invoke_without_command=True)
@click.pass_context
def bench(context: click.Context) -> None:
    """Everything, one after the other, when no part is named."""
    if context.invoked_subcommand is None:
        for command in bench.commands.values():
            context.invoke(command)


@bench.command("hostile")
@click.option("--damaged", default=20_000, show_default=True, help="Files damaged from a seed.")
def hostile_files(damaged: int) -> None:
    """Pillow's own test pictures and damaged files: each ends as a verdict."""
    corpora = {
        "Pillow's test pictures": hostile.pillow_tally(),
        "damaged files": hostile.damaged_tally(damaged),
    }
    for name, tally in corpora.items():
        click.echo(
            f"{name}: {tally.files} files, {tally.verdicts.total()} verdicts, "
            f"{tally.broken.total()} broken children {dict(tally.broken)}, "
            f"at most {tally.peak_kib / 1024:.0f} MB ({tally.heaviest}), {tally.slowest:.2f} s"
        )
        for reason, count in tally.verdicts.most_common():
            click.echo(f"  {reason:16} {count}")
    if not all(tally.holds() for tally in corpora.values()):
        sys.exit(1)


if __name__ == "__main__":
    bench()
