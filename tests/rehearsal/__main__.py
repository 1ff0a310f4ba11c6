"""`python -m tests.rehearsal PROGRAM`: the whole stage and journey on ministack (`make rehearse`).

PROGRAM is the emulator's own. Each step is told as it ends; exit code 1 when one broke. What is
built and what the emulator said lies in build/rehearsal/. docs/deploy.md tells what this shows.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import click

import ops.keys
from functions.cloud.clients import Clients
from functions.cloud.runtime import Runtime, runtime_from
from functions.programme.times import SECOND
from infra.bundle import lambda_python
from infra.deploy import names
from infra.deploy.site import photo_origin
from infra.deploy.stage import Stage
from infra.serving import site_headers
from local import settings
from local.institutions import Institutions, found
from local.settings import ACCOUNT, REGION, STAGE, Place
from local.static import Static
from tests.local.stack import free_port, surroundings
from tests.rehearsal import batch, emulator, journey, stage, wave
from tests.rehearsal.emulator import Emulator
from tests.rehearsal.front import Front, download
from tests.rehearsal.report import Report, Stops
from tests.rehearsal.stage import BUILT, FOLDER, POINTED, Deployed

ASKED = ("GELOMBANG_BEACON_URLS", "GELOMBANG_WITNESS_URLS")
PYTHON = "import sys; print('%d.%d' % sys.version_info[:2])"


@click.command()
@click.argument("program", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--built", is_flag=True, help="Take the packages of the last build.")
def rehearse(program: Path, built: bool) -> None:
    """Deploy everything onto the emulator PROGRAM and take people through it."""
    report = Report(click.echo)
    # Whoever ends it, the emulator ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        _rehearse(report, program.absolute(), built)
    except Stops as stopped:
        click.echo(f'what comes after "{stopped}" could not be tried')
    sys.exit(report.end())


def _rehearse(report: Report, program: Path, built: bool) -> None:
    python = _python(program)
    if python != lambda_python(f"{STAGE}_verify"):
        report.falls_short(f"this machine runs packages of Python {python} only; Lambda's differ")
    report.step("packages", lambda: stage.build(python, not built))
    where = Place(free_port(), FOLDER / "institutions")
    shutil.rmtree(where.folder, ignore_errors=True)
    where.folder.mkdir(parents=True)
    with (
        surroundings(where),
        emulator.running(program, where.port + 1, FOLDER / "unpacked") as cloud,
    ):
        _on(report, where, cloud)


def _python(program: Path) -> str:
    """The Python of the emulator, which runs the packages with it."""
    command = [program.with_name("python"), "-c", PYTHON]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _on(report: Report, where: Place, cloud: Emulator) -> None:
    """All that happens on a running emulator."""
    deployed = Deployed(Stage(STAGE, ACCOUNT, REGION), lambda line: click.echo(f"          {line}"))
    environment = settings.environment(where, {})
    told = deployed.stage.environment
    runtime = runtime_from({**environment, **told})
    institutions = found(where.institutions, runtime.clock() // SECOND)
    report.step("first deploy", lambda: deployed.deploy(BUILT))
    report.step("keys", lambda: _keys(runtime))
    report.step("pins", lambda: wave.publish_pins(runtime, institutions))
    stage.point({name: environment[name] for name in ASKED})
    report.step("second deploy, with pins and institutions", lambda: deployed.deploy(POINTED))
    report.check("partial batch answers", deployed.answers_in_part)
    report.step("back and forward", lambda: deployed.go_back_and_forward(POINTED))
    report.check("the same deploy again", lambda: deployed.deploy_again(POINTED))
    front = _front(deployed, runtime, cloud)
    report.check("a reader's look", lambda: deployed.look(front))
    people = _people(report, front, cloud)
    report.check("one bad message in ten", lambda: batch.one_of_ten(runtime, deployed.stage, cloud))
    course = wave.Wave(runtime, deployed.stage, front, cloud, people, FOLDER / "draw")
    _wave(report, course, where, institutions)
    report.check("the same deploy at the end", lambda: deployed.deploy_again(POINTED))


def _keys(runtime: Runtime) -> str:
    ops.keys.create(Clients(runtime.config), runtime.config)
    return "made, and encrypted by KMS"


def _front(deployed: Deployed, runtime: Runtime, cloud: Emulator) -> Front:
    """CloudFront's part, over what lies in the buckets now."""
    folder = FOLDER / "reader"
    shutil.rmtree(folder, ignore_errors=True)
    download(deployed.stage, folder)
    static = Static(folder, runtime.files, site_headers(photo_origin(deployed.stage)))
    key = names.front_key(deployed.stage) or ""
    return Front(deployed.stage.origin, deployed.apis(cloud.api), key, static)


def _people(report: Report, front: Front, cloud: Emulator) -> list[journey.Applicant]:
    """Two people, from the account to the last thing that a place in a wave asks for."""
    people = []
    seeds = journey.seeds(journey.today())
    for number, name in ((1, "siti"), (2, "budi")):
        person = journey.Applicant(
            *(front, cloud, f"{name}.contoh@contoh.example", f"08129000000{number}"),
            *(next(seeds), f"192.0.2.{number}"),
        )
        steps = [
            *(("account", person.register), ("log-in", person.log_in)),
            *(("phone", person.prove_phone), ("data", person.tell)),
            *(("photos", person.good_photos), ("test", person.pass_test)),
        ]
        for what, act in steps:
            if what == "photos" and not people:
                report.check(f"{name}: a bad photo", person.refused_photo)
                report.check(f"{name}: more than allowed", person.post_too_much)
            report.step(f"{name}: {what}", act)
        people.append(person)
    return people


def _wave(report: Report, course: wave.Wave, where: Place, institutions: Institutions) -> None:
    """From the announcement of a wave to that of its result."""
    wave.serve_institutions(where, course.runtime, institutions)
    shutil.rmtree(course.folder, ignore_errors=True)
    report.step("a wave", course.create)
    report.step("everyone joins", course.all_join)
    report.check("a late one", course.refuses_the_late)
    report.step("close, freeze, witnesses, beacon, draw, announcement", course.is_taken_to_its_end)
    report.check("state machine", course.machine_ran)
    report.step("draw verified", course.draw_is_verified)
    report.check("a changed byte refused", course.changed_byte_is_refused)
    report.check("a proof", course.proof_holds)
    report.check("outcomes", course.outcomes_are_told)


if __name__ == "__main__":
    os.umask(0o077)
    rehearse()
