"""`python -m infra.deploy STAGE`: put a stage up, or bring it to what stands here.

`--plan` only shows what would be done; `--back` goes to the release before; `--records` shows the
DNS records. Exit code 1: refused, and why; 3: waits for DNS records. docs/deploy.md tells more.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import click

from infra.bundle import ROOT, ZIP, lambda_python
from infra.deploy import golive, names, releases, site, zappa
from infra.deploy.course import Course, Waits, Wanted
from infra.deploy.functions import package_digest
from infra.deploy.stacks import described
from infra.deploy.stage import EDGE_REGION, Refused, Stage
from infra.package import build_and_inspect
from infra.package import described as told
from infra.settings import FUNCTIONS

STAGES = ("dev", "staging", "production")
OUT = ROOT / "build" / "deploy"
WAITING = 3


@click.command()
@click.argument("name", metavar="STAGE", type=click.Choice(STAGES))
@click.option("--plan", "only_plan", is_flag=True, help="Only show what would be done.")
@click.option("--back", is_flag=True, help="Go to the packages and pages before.")
@click.option("--records", "only_records", is_flag=True, help="Show the DNS records to be set.")
@click.option("--built", is_flag=True, help="Take the packages of the last build.")
@click.option(
    "--golive",
    "record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What `python -m ops golive` wrote; production needs it.",
)
@click.option("--region", envvar="AWS_REGION", default="ap-southeast-3", show_default=True)
def deploy(
    name: str,
    only_plan: bool,
    back: bool,
    only_records: bool,
    built: bool,
    record: Path | None,
    region: str,
) -> None:
    """Deploy STAGE with the credentials of the environment."""
    try:
        stage = _stage(name, region)
        if only_records:
            show_records(stage)
            return
        now = int(time.time())
        if not only_plan and not back:
            golive.check(name, record, now)
        wanted = earlier(stage) if back else _made(stage, built)
        course = Course(stage, wanted, now, zappa.run, click.echo)
        lines = course.plan()
        click.echo(f"{name} in account {stage.account}, {region}: {wanted.commit}")
        click.echo("\n".join(f"  {line}" for line in lines) or "  nothing is to be done")
        if only_plan:
            return
        release = course.carry_out()
        click.echo(f"release {release.number}" if release else "no new release")
    except Waits:
        show_records(stage)
        click.echo("set these DNS records, then run the same command again")
        sys.exit(WAITING)
    except Refused as error:
        raise click.ClickException(str(error)) from error


def show_records(stage: Stage) -> None:
    """Print each record that can be told so far, and what AWS has seen of them."""
    front = described(stage.client("cloudformation", EDGE_REGION), stage.stack("front")) or {}
    outputs = {each["OutputKey"]: each["OutputValue"] for each in front.get("Outputs", ())}
    for record in names.records(stage, outputs.get("DistributionDomain", "")):
        click.echo(f"{record.name}  {record.type}  {record.value}  ({record.why})")
    certificate, mail = names.certificate(stage) or {}, names.identity(stage) or {}
    click.echo(f"certificate: {certificate.get('Status', 'not asked for yet')}")
    seen = mail.get("VerifiedForSendingStatus", False)
    click.echo(f"mail: {'verified' if seen else 'not verified'}")


def earlier(stage: Stage) -> Wanted:
    """What the release before the live one held. Raises Refused if there is none."""
    target = releases.before(releases.load(stage))
    return Wanted(target.commit, target.functions, target.site, restores=target.number)


def _stage(name: str, region: str) -> Stage:
    """The stage in the account that the credentials are of."""
    import boto3

    account = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    return Stage(name, account, region)


def _made(stage: Stage, built: bool) -> Wanted:
    """Packages and site of the files that stand here. Raises Refused for an unsound package."""
    folder = OUT / stage.name / "packages"
    for function in FUNCTIONS if not built else ():
        version = lambda_python(f"{stage.name}_{function}")
        _, report = build_and_inspect(
            function,
            version,
            folder,
            stage=stage.name,
            account=stage.account,
            region=stage.region,
        )
        click.echo(told(report))
        if report.problems:
            raise Refused(f"the package of {function} is not as it should be")
    missing = [function for function in FUNCTIONS if not (folder / function / ZIP).is_file()]
    if missing:
        raise Refused(f"not built: {', '.join(missing)}")
    pages = OUT / stage.name / "site"
    pins = site.published_pins(stage, OUT / stage.name / "pins.json")
    return Wanted(
        commit=_commit(stage.name),
        packages={name: package_digest(folder / name / ZIP) for name in FUNCTIONS},
        site=site.build(stage, pages, pins),
        packages_folder=folder,
        site_folder=pages,
    )


def _commit(stage: str) -> str:
    """The commit that is deployed. Raises Refused when production would hold what is in none."""
    git = ["git", "describe", "--always", "--dirty", "--abbrev=12"]
    ran = subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    commit = ran.stdout.strip()
    if stage == golive.PRODUCTION and commit.endswith("-dirty"):
        raise Refused("production is deployed from a commit, and files here differ from theirs")
    return commit


if __name__ == "__main__":
    deploy()
