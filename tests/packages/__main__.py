"""`python -m tests.packages [FUNCTION…]`: run what `python -m infra.package` has built.

Each handler is imported from its unpacked zip by a clean interpreter and does its work on moto.
Where the Python of the packages is not installed, packages for the Python that runs this are
built and run in their place, and it says so. Exit code 1 when one does not do its work.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from infra.package import OUT, REPORT, build_and_inspect
from infra.settings import FUNCTIONS
from local.cards.samples import SAMPLES
from local.settings import ACCOUNT, REGION, STAGE
from tests.packages import cold, exercise
from tests.packages.clean import Clean, Crashed, clean_for
from tests.packages.stage import Stage, running_stage

VERDICTS = ("accepted", "refused")


@click.command()
@click.argument("functions", nargs=-1, type=click.Choice(FUNCTIONS))
@click.option("--out", type=click.Path(path_type=Path), default=OUT, show_default=True)
@click.option(
    "--sample",
    type=click.Choice([s.file_name for s in SAMPLES]),
    default="ktp-baik.jpg",
    show_default=True,
    help="The photo that the upload worker judges.",
)
@click.option("--expect", type=click.Choice(VERDICTS), help="Its verdict; else any will do.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def run_packages(
    functions: tuple[str, ...], out: Path, sample: str, expect: str | None, as_json: bool
) -> None:
    """Run the packages of all functions, or of those named."""
    # In this order: the mail worker sends what a registration has written.
    chosen = [name for name in FUNCTIONS if name in (functions or FUNCTIONS)]
    if "verify_worker" in chosen and "verify" not in chosen:
        chosen.insert(chosen.index("verify_worker"), "verify")
    unbuilt = [name for name in chosen if not (out / name / REPORT).is_file()]
    if unbuilt:
        raise click.UsageError(f"not built yet: {', '.join(unbuilt)} (python -m infra.package)")
    python = json.loads((out / chosen[0] / REPORT).read_text())["python"]
    python, out, clean = _runnable(python, out.resolve(), chosen)
    steps: dict[str, Callable[[exercise.Run], str]] = {
        "upload": exercise.upload,
        "upload_worker": exercise.upload_worker(sample, (expect,) if expect else VERDICTS),
        "verify": exercise.verify,
        "verify_worker": exercise.verify_worker,
        "select": exercise.select,
        "select_worker": exercise.select_worker,
    }
    all_well = True
    with running_stage() as stage:
        bare = cold.import_times(clean, cold.bare_package(python, out), cold.BARE, stage.told)
        _tell(as_json, {"function": cold.BARE, "python": python, "import_millis": asdict(bare)})
        for name in chosen:
            result = _exercised(steps[name], name, clean, stage, out / name / "package")
            _tell(as_json, {"function": name, "python": python, **result})
            all_well = all_well and result["works"]
    sys.exit(0 if all_well else 1)


def _runnable(python: str, out: Path, functions: list[str]) -> tuple[str, Path, Clean]:
    """The Python and the folder of packages that can be run here, and how."""
    clean = clean_for(python, out / "runtime")
    if clean is not None:
        return python, out, clean
    running = "{}.{}".format(*sys.version_info)
    click.echo(
        f"NOT RUN: the packages are for Python {python}, which is not on this machine. Packages "
        f"for Python {running} are built and run in their place; those are not for Lambda.",
        err=True,
    )
    instead = out / f"python{running}"
    for name in functions:
        build_and_inspect(name, running, instead, stage=STAGE, account=ACCOUNT, region=REGION)
    clean = clean_for(running, instead / "runtime")
    assert clean is not None, "this very Python was not found"
    return running, instead, clean


def _exercised(
    step: Callable[[exercise.Run], str], name: str, clean: Clean, stage: Stage, package: Path
) -> dict[str, Any]:
    try:
        done = step(exercise.Run(clean, stage, package))
        imported = cold.import_times(clean, package, f"{STAGE}_{name}", stage.told)
    except (exercise.Wrong, Crashed) as wrong:
        return {"works": False, "did": str(wrong)}
    return {"works": True, "did": done, "import_millis": asdict(imported)}


def _tell(as_json: bool, result: dict[str, Any]) -> None:
    if as_json:
        click.echo(json.dumps(result))
        return
    verdict = "" if result.get("works", True) else "WRONG "
    click.echo(f"{verdict}{result['function']} for Python {result['python']}")
    if "import_millis" in result:
        millis = result["import_millis"]
        click.echo(f"  imports in {millis['wall']} ms, {millis['cpu']} ms of a processor")
    if "did" in result:
        click.echo(f"  {result['did']}")


if __name__ == "__main__":
    run_packages()
