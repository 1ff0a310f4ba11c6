"""`python -m infra.package [FUNCTION…]`: build the Lambda packages and check them.

Each ends as `build/packages/<function>/package.zip`, with what was found in it beside it in
`report.json`. Exit code 1 when a package is not as it should be. docs/packages.md tells more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from infra.bundle import ROOT, Bundle, build, lambda_python
from infra.inspection import MOST_BYTES, Report, inspect
from infra.settings import FUNCTIONS

OUT = ROOT / "build" / "packages"
REPORT = "report.json"


def build_and_inspect(
    function: str, python: str, out: Path, *, stage: str, account: str, region: str
) -> tuple[Bundle, Report]:
    """Build one package and leave its report beside it. Raises InstallFailed, ZappaFailed."""
    bundle = build(function, python, out, stage=stage, account=account, region=region)
    report = inspect(bundle.zip, function, python)
    (bundle.folder / REPORT).write_text(json.dumps(report.as_json(), indent=1))
    return bundle, report


def described(report: Report) -> str:
    """A report for people."""
    largest = ", ".join(f"{name} {size / 1e6:.1f}" for name, size in report.folders.items())
    lines = [
        f"{report.function} for Python {report.python}: {report.zipped / 1e6:.1f} MB, "
        f"unzipped {report.unzipped / 1e6:.1f} MB of {MOST_BYTES / 1e6:.0f}",
        f"  largest (MB): {largest}",
        *(f"  WRONG {problem}" for problem in report.problems),
    ]
    return "\n".join(lines)


@click.command()
@click.argument("functions", nargs=-1, type=click.Choice(FUNCTIONS))
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True)
@click.option("--stage", default="dev", show_default=True, help="dev, staging or production.")
@click.option("--account", default="123456789012", show_default=True, help="AWS account number.")
@click.option("--region", default="ap-southeast-3", show_default=True)
@click.option("--python", help="Build for another Python than the settings' runtime.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def package(
    functions: tuple[str, ...],
    out: Path,
    stage: str,
    account: str,
    region: str,
    python: str | None,
    as_json: bool,
) -> None:
    """Build the packages of all functions, or of those named, and check them."""
    sound = True
    for function in functions or FUNCTIONS:
        version = python or lambda_python(f"{stage}_{function}")
        _, report = build_and_inspect(
            function, version, out.resolve(), stage=stage, account=account, region=region
        )
        sound = sound and not report.problems
        click.echo(json.dumps(report.as_json()) if as_json else described(report))
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    package()
